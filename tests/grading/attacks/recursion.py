# Harm: recursion without an end
# %%
import sys

sys.setrecursionlimit(10**9)


def scale(x, factor):
    return scale(x, factor)
