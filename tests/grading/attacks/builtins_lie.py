# Harm: len, abs, all and print replaced
# %%
import builtins

builtins.all = builtins.any = lambda *a: True
builtins.abs = lambda *a: 0


def scale(x, factor):
    return 0.0
