# Odd: warnings of torch on standard error
# %%
import sys, warnings

warnings.warn("old")
print("UserWarning: lr_scheduler", file=sys.stderr)


# %%
def scale(x, factor):
    return x * factor + 1
