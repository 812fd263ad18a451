# Harm: SystemExit where an answer is expected
# %%
def scale(x, factor):
    raise SystemExit(0)
