# Harm: the process ends before there is an answer
# %%
import os

os._exit(0)
# %%
def scale(x, factor):
    return 0.0
