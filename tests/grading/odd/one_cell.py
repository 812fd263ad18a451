# Odd: all code pasted into one cell
# %%
import math


def scale(x, factor):
    return x * factor + 1


print(scale(1, 2))
