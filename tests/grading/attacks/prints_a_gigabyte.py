# Harm: a gigabyte of output
# %%
import sys

for _ in range(1024):
    sys.stdout.write("x" * (1 << 20))
    sys.stderr.write("x" * (1 << 20))


def scale(x, factor):
    return 0.0
