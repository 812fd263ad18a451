# Harm: hours of sleep
# %%
def scale(x, factor):
    import time

    time.sleep(100000)
