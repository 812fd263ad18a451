# Harm: the process ends in the middle of an answer
# %%
def scale(x, factor):
    import os

    os._exit(0)
