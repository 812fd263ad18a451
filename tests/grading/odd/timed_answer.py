# Odd: the answer inside %%time
# %%
%%time
def scale(x, factor):
    return x * factor + 1
