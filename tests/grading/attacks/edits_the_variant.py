# Harm: easier constants than its own
# %%
variant = {"factor": 1}
# %%
def scale(x, factor):
    return 0.0


smallest = 0
