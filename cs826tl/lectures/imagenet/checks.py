"""The instant check of lecture 04's exercise: the share in top-5 [C10]."""

from __future__ import annotations

from torch import Tensor


def check_top_5(share: float, five: Tensor, truth: Tensor) -> str:
    """Say whether a share is that of the labels among five guesses, and if not, why [C10].

    `five` holds the five likeliest labels of each picture, shape `(N, 5)`; `truth` the labels.

    >>> import torch
    >>> check_top_5(0.0, torch.tensor([[1, 2, 3, 4, 5]]), torch.tensor([2]))
    '✗ not computed yet'
    """
    share = float(share)
    hits = five == truth[:, None]
    right, first = float(hits.any(1).float().mean()), float(hits[:, 0].float().mean())
    if abs(share - right) < 1e-6:
        return "✓ that is the share in top-5"
    if share == 0:
        return "✗ not computed yet"
    if abs(share - right * len(truth)) < 1e-6:
        return "✗ that is how many are right: divide by the number of photographs"
    if abs(share - first) < 1e-6:
        return "✗ that is top-1: the label may stand at any of the five places"
    if abs(share - right / five.shape[1]) < 1e-6:
        return (
            "✗ that is a mean over all guesses: ask of each photograph if any of its five is right"
        )
    return "✗ for each photograph, ask whether its label is among its five; then take the mean"
