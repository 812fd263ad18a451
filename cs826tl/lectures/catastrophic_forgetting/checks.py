"""The instant check of lecture 09's exercise: the penalty of elastic weight consolidation [C12]."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]


def check_ewc(yours: Callable[[Weights, Weights, Weights], Tensor | float]) -> str:
    """Say whether `yours(now, start, fisher)` is EWC's penalty, and if not, why.

    All three are tensors by the weights' names.

    >>> check_ewc(lambda now, start, fisher: 0.0).partition(":")[0]
    'Not yet'
    >>> check_ewc(lambda now, start, fisher: sum(
    ...     (fisher[name] * (now[name] - start[name]) ** 2).sum() for name in now
    ... )).partition(":")[0]
    'Right'
    """
    start = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([[3.0]])}
    now = {"a": torch.tensor([1.5, 2.0]), "b": torch.tensor([[1.0]])}
    fisher = {"a": torch.tensor([8.0, 1.0]), "b": torch.tensor([[3.0]])}
    said = yours(now, start, fisher)
    if not isinstance(said, Tensor | float | int):
        return f"Not yet: it returns {said!r}, and should return one number."
    found = torch.as_tensor(said, dtype=torch.float)
    if found.numel() != 1:
        return "Not yet: the penalty is one number. Sum over the entries, and over the names."
    answers = {
        14.0: "Right: each weight is pulled back as hard as the old task needs it.",
        0.0: "Not yet: it is zero although weights have moved.",
        4.25: "Not yet: every weight is pulled alike, as L2-SP does. Where is fisher?",
        10.0: "Not yet: the distances are to be squared: near is cheap, far is dear.",
        -2.0: "Not yet: it is below zero. Square the distances, so that both directions cost.",
        2.0: "Not yet: only the first weights count. Sum over all the names.",
        12.0: "Not yet: only the last weights count. Sum over all the names.",
        13.0: "Not yet: take the sum of the entries, not their mean.",
    }
    close = [words for value, words in answers.items() if abs(float(found) - value) < 1e-4]
    return close[0] if close else "Not yet: for each name, fisher times the squared distance."
