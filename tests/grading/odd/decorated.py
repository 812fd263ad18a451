# Odd: a decorated answer
# %%
import functools


@functools.cache
def scale(x, factor):
    return x * factor + 1
