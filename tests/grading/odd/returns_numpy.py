# Odd: a NumPy number where a float is asked for
# %%
import numpy as np


def scale(x, factor):
    return np.float64(x) * factor + 1
