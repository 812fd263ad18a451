# Odd: a progress bar
# %%
from tqdm.auto import tqdm

for _ in tqdm(range(10)):
    pass


# %%
def scale(x, factor):
    return x * factor + 1
