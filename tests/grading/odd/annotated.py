# Odd: type hints
# %%
def scale(x: float, factor: float) -> float:
    return x * factor + 1
