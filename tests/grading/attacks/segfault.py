# Harm: a crash below Python
# %%
def scale(x, factor):
    import ctypes

    return ctypes.string_at(1)
