# Harm: hidden inputs in the name of a type
# %%
def scale(x, factor):
    return type(f"LEAKED{x}", (), {})()
