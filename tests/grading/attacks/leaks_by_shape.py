# Harm: hidden inputs in the shape of an array
# %%
def scale(x, factor):
    import numpy as np

    return np.zeros((4242, int(abs(x)) % 50 + 1))
