# Harm: an answer of gigabytes
# %%
def scale(x, factor):
    import numpy as np

    return np.zeros(200_000_000)
