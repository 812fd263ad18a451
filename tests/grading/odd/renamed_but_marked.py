# Odd: another name under the marker
# %%
# answer: scale
def my_scale(x, factor):
    return x * factor + 1
