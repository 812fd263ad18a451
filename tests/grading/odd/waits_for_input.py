# Odd: a cell that waits for input
# %%
name = input("name? ")


# %%
def scale(x, factor):
    return x * factor + 1
