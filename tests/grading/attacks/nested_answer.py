# Harm: an answer nested ten thousand deep
# %%
def scale(x, factor):
    deep = []
    for _ in range(10_000):
        deep = [deep]
    return deep
