"""Which device computes, and how it is used well: bf16 and channels-last."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown


def pick_device(device: str = "auto") -> torch.device:
    """Return the device named, or, for `auto`, CUDA, then MPS, then the CPU.

    Raises `ValueError` for a device that this machine does not have.

    >>> pick_device("cpu")
    device(type='cpu')
    """
    there = [
        name
        for name, is_there in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
            ("cpu", True),
        )
        if is_there
    ]
    if device == "auto":
        return torch.device(there[0])
    if device.split(":")[0] not in there:
        raise unknown("device", device, ["auto", *there])
    return torch.device(device)


def device_of(model: nn.Module) -> torch.device:
    """Return where the model's parameters are."""
    return next(model.parameters()).device


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which a CUDA card computes in bf16; elsewhere it changes nothing."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def place(inputs: Tensor, device: torch.device) -> Tensor:
    """Bring a batch to the device, images in channels-last order, which convolutions like best."""
    moved = inputs.to(device, non_blocking=True)
    return moved.contiguous(memory_format=torch.channels_last) if moved.dim() == 4 else moved
