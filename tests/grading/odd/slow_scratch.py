# Odd: a scratch cell that never ends
# %%
while True:
    pass


# %%
def scale(x, factor):
    return x * factor + 1
