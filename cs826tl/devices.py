"""Which device computes, and how it is used well.

On a CUDA card: bf16, channels-last, the data brought there once, and compiling where that pays.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown

COMPILING = 60.0  # seconds that compiling a network takes, about
COMPILED_SAVES = 0.25  # of a training step's time on a card, about; VGG16 a little more


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


def keep(inputs: Tensor, device: torch.device) -> Tensor:
    """Bring a whole split to a CUDA card, once, unless it takes more than half of what is free.

    Elsewhere, or where it is too large, it stays, and `place` brings it batch by batch.
    """
    if device.type != "cuda" or inputs.nbytes > torch.cuda.mem_get_info(device)[0] // 2:
        return inputs
    return place(inputs, device)


def forward_batch(device: torch.device) -> int:
    """Return how many images run forward at a time: a card wants many, two cores' caches few."""
    return 256 if device.type == "cuda" else 32


def compiling_pays(device: torch.device, seconds: float) -> bool:
    """Say whether training that takes so many seconds more would be done sooner if compiled.

    >>> compiling_pays(torch.device("cpu"), 3600.0)  # gains too little there
    False
    """
    return device.type == "cuda" and COMPILED_SAVES * seconds > COMPILING
