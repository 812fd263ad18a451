# Odd: scratch cells all over
# %%
1 + 1
# %%
import numpy as np

np.arange(3)


# %%
def scale(x, factor):
    return x * factor + 1


# %%
scale(1, 2)
