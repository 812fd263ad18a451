# Odd: a magic inside an if
# %%
import sys

if 'google.colab' in sys.modules:
    %pip install x
# %%
def scale(x, factor):
    return x * factor + 1
