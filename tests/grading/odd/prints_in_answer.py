# Odd: prints in the answer
# %%
def scale(x, factor):
    print("x is", x)
    return x * factor + 1
