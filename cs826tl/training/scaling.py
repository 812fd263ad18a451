"""Gradient scaling: float16 would round small gradients to zero, so they are scaled up and back.

Micikevicius et al. 2018, arXiv:1710.03740.
"""

from __future__ import annotations

import math

import torch
from torch.amp import GradScaler

LOWEST_SCALE = 1.0  # the scaler begins at 65536; below 1 it would scale down


def gradient_scaler(device: torch.device, number_type: torch.dtype) -> GradScaler:
    """Return a scaler that is at work in float16; other types hold small gradients without it.

    >>> gradient_scaler(torch.device("cpu"), torch.bfloat16).is_enabled()
    False
    """
    return GradScaler(device.type, enabled=number_type is torch.float16)


def why_to_stop(loss: float, scaler: GradScaler) -> str:
    """Return the reason to stop after an epoch of this mean loss, if there is one.

    A skipped step is no reason: the scaler tries a scale, and takes half of it for the next step.

    >>> why_to_stop(float("nan"), GradScaler("cpu", enabled=False))
    'the loss is nan; try a smaller lr'
    """
    half = scaler.is_enabled()
    if not math.isfinite(loss):
        fix = "precision='float32', or a smaller lr" if half else "a smaller lr"
        return f"the loss is {loss}; try {fix}"
    if half and scaler.get_scale() < LOWEST_SCALE:
        return "the gradients are infinite in float16 at every scale; try precision='float32'"
    return ""
