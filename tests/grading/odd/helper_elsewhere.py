# Odd: a helper defined elsewhere
# %%
def times(a, b):
    return a * b


# %%
def scale(x, factor):
    return times(x, factor) + 1
