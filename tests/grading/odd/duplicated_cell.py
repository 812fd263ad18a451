# Odd: the same answer twice
# %%
def scale(x, factor):
    return x * factor + 1


# %%
def scale(x, factor):
    return x * factor + 1
