# Odd: the untouched stub left above the answer
# %%
def scale(x, factor):
    """Return x times the factor, and one more."""
    raise NotImplementedError("your answer goes here")


# %%
def scale(x, factor):
    return x * factor + 1
