# Harm: an array type that lies about itself
# %%
import numpy as np


class Liar(np.ndarray):
    def __array__(self, *a, **k):
        raise SystemExit

    @property
    def dtype(self):
        return "hello"


def scale(x, factor):
    return np.zeros(1).view(Liar)
