# Harm: a process that outlives its submission
# %%
import os, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(1)
    os._exit(0)


def scale(x, factor):
    return 0.0
