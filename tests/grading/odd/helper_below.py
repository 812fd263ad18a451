# Odd: a helper defined further down
# %%
def scale(x, factor):
    return times(x, factor) + 1


# %%
def times(a, b):
    return a * b
