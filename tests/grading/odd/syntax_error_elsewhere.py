# Odd: a cell that is no Python
# %%
this is a note to myself
# %%
def scale(x, factor):
    return x * factor + 1
