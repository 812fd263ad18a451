# Odd: %pip, ! and magics
# %%
%pip install torch
!ls -la
files = !ls
%matplotlib inline
# %%
%%time
z = 3
# %%
def scale(x, factor):
    return x * factor + 1
# %%
%timeit scale(1, 2)
# %%
scale?
