# Odd: a dataclass as a helper
# %%
from dataclasses import dataclass


@dataclass
class Line:
    slope: float

    def at(self, x):
        return self.slope * x + 1


# %%
def scale(x, factor):
    return Line(factor).at(x)
