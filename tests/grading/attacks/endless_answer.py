# Harm: a loop that does not end
# %%
def scale(x, factor):
    while True:
        pass
