# Odd: a lambda instead of a def
# %%
scale = lambda x, factor: x * factor + 1
