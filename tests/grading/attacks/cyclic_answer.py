# Harm: an answer that contains itself
# %%
def scale(x, factor):
    loop = []
    loop.append(loop)
    return loop
