# Odd: a cell that raises before the answer
# %%
1 / 0


# %%
def scale(x, factor):
    return x * factor + 1
