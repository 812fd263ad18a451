# Odd: another working folder
# %%
import os

os.chdir("/")


# %%
def scale(x, factor):
    return x * factor + 1
