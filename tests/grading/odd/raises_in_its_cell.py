# Odd: all code in one cell, and something raises first
# %%
undefined_name


def scale(x, factor):
    return x * factor + 1


assert False
