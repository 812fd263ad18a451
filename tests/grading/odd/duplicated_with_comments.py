# Odd: the same answer twice, once with a comment and a docstring
# %%
def scale(x, factor):
    return x * factor + 1


# %%
def scale(x, factor):
    """Scale."""
    # as on the slide
    return x * factor + 1
