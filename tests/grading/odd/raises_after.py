# Odd: a cell that raises after the answer
# %%
def scale(x, factor):
    return x * factor + 1


# %%
raise ValueError("later")
