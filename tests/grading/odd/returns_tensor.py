# Odd: a tensor of one number
# %%
import torch


def scale(x, factor):
    return torch.tensor(x, dtype=torch.float64) * factor + 1
