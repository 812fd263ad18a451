# Odd: the answer at the very end
# %%
x = 3
# %%
y = x


# %%
def scale(x, factor):
    return x * factor + 1
