"""Which device computes, and how it is used well: number type, layout of images, compiling.

All of it follows from what the device does in hardware. A T4, for one, only emulates bf16.
"""

from __future__ import annotations

import platform
import re
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from itertools import chain
from typing import Any, TypeVar

import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from cs826tl._errors import unknown

Network = TypeVar("Network", bound=nn.Module)
AUTO = "auto"
PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
# Compute capabilities, https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/compute-capabilities.html
BF16_CARDS = (8, 0)  # A100, L4, RTX 30 and newer: bf16 in hardware
TENSOR_CORES = (7, 0)  # V100, T4 and newer: fast float16, channels last, what Triton compiles for
P100 = (6, 0)  # float16 at twice the speed of float32; the other Pascal cards are slow at it
BUILT_FOR = re.compile(r"(sm|compute)_(\d+)(\d)([a-z]?)")  # `sm_86`: a binary; `compute_90`: PTX
COMPILING = 60.0  # seconds that compiling a network takes, about
COMPILED_SAVES = 0.25  # of a training step's time on a card, about; VGG16 a little more


def pick_device(device: str = AUTO) -> torch.device:
    """Return the device named, or, for `auto`, CUDA, then MPS, then the CPU.

    The pitfall: a build of PyTorch runs only on the cards that it was made for. `auto` passes over
    any other card, with a warning that names it.

    Raises `ValueError` for a device that this machine does not have, or that PyTorch cannot use.

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
    if device != AUTO and device.split(":")[0] not in there:
        raise unknown("device", device, [AUTO, *there])
    picked = torch.device(there[0] if device == AUTO else device)
    if not (reason := _unusable(picked)):
        return picked
    if device != AUTO:
        raise ValueError(f"{reason}: take device='cpu', or install a build for this card")
    warnings.warn(f"{reason}, so the CPU computes", stacklevel=2)
    return torch.device("cpu")


def _unusable(device: torch.device) -> str:
    """Return why this build of PyTorch cannot compute on the card, or nothing if it can."""
    if device.type != "cuda":
        return ""
    built = torch.cuda.get_arch_list()
    found = [match.groups() for match in map(BUILT_FOR.fullmatch, built) if match]
    have = torch.cuda.get_device_capability(device)
    if not found or any(_runs(kind, (int(x), int(y)), only, have) for kind, x, y, only in found):
        return ""  # AMD's cards have other names, and builds for them check for themselves
    name, capability = torch.cuda.get_device_name(device), ".".join(map(str, have))
    return (
        f"{name} has compute capability {capability}, and PyTorch {torch.__version__} is built for "
        f"{', '.join(built)} only"
    )


def _runs(kind: str, built: tuple[int, int], only: str, have: tuple[int, int]) -> bool:
    """Say whether code built for a compute capability runs on a card that has another one."""
    if only == "a":  # features of this very card
        return have == built
    same_major = kind == "sm" or only == "f"  # PTX is compiled on the spot, for any newer card
    return have >= built and (have[0] == built[0] or not same_major)


def describe_device(device: str = AUTO) -> str:
    """Say in one line what computes and how: the device, its memory and the number type.

    Raises as `pick_device` does.

    >>> describe_device("cpu").split("; ")[-1]
    'computes in float32'
    """
    picked = pick_device(device)
    if picked.type == "cuda":
        properties = torch.cuda.get_device_properties(picked)
        name = f"{properties.name}, {properties.total_memory / 1e9:.0f} GB"
    else:
        threads = torch.get_num_threads()
        processor = platform.processor() or platform.machine()
        name = f"{processor}, {threads} thread{'s' if threads > 1 else ''}"
    number_type = pick_precision(picked)
    scaled = " with gradient scaling" if number_type is torch.float16 else ""
    return f"{picked}: {name}; computes in {str(number_type).removeprefix('torch.')}{scaled}"


def device_of(model: nn.Module) -> torch.device:
    """Return where the model's parameters are, or its buffers; a model of neither is on the CPU."""
    tensor = next(chain(model.parameters(), model.buffers()), None)
    return torch.device("cpu") if tensor is None else tensor.device


def pick_precision(device: torch.device, precision: str = AUTO) -> torch.dtype:
    """Return the number type named, or, for `auto`, the fastest that the device has in hardware.

    A CUDA card takes `bfloat16` from compute capability 8.0 on, `float16` if it is a V100, a T4, a
    P100 or the like, and `float32` if it is older. So do the CPU and MPS: less precise numbers gain
    too little there.

    Raises `ValueError` for another precision.

    >>> pick_precision(torch.device("cpu"))
    torch.float32
    """
    if precision != AUTO:
        if precision not in PRECISIONS:
            raise unknown("precision", precision, [AUTO, *PRECISIONS])
        return PRECISIONS[precision]
    if device.type != "cuda":
        return torch.float32
    # for this card; torch.cuda.is_bf16_supported(including_emulation=False) asks the current one
    capability = torch.cuda.get_device_capability(device)
    if capability >= BF16_CARDS:
        return torch.bfloat16
    return torch.float16 if capability >= TENSOR_CORES or capability == P100 else torch.float32


def mixed_precision(
    device: torch.device, number_type: torch.dtype | None = None
) -> AbstractContextManager[object]:
    """Return the context in which the device computes in this type (None: as `auto` picks it).

    In `float32` the context changes nothing.
    """
    number_type = number_type or pick_precision(device)
    if number_type is torch.float32:
        return torch.autocast(device.type, enabled=False)
    return torch.autocast(device.type, number_type)


def image_layout(device: torch.device) -> torch.memory_format:
    """Return the order in which images and weights lie in memory, for the fastest convolutions."""
    if device.type == "mps":
        return torch.contiguous_format
    if device.type == "cuda" and torch.cuda.get_device_capability(device) < TENSOR_CORES:
        return torch.contiguous_format
    return torch.channels_last


def lay_out(model: Network, layout: torch.memory_format) -> Network:
    """Give the weights of all convolutions that layout, in place, and return the model."""
    to: Any = model.to  # `memory_format` is among its types in some versions of PyTorch only
    laid_out: Network = to(memory_format=layout)
    return laid_out


def place(inputs: Tensor, device: torch.device) -> Tensor:
    """Bring a batch to the device, images in the layout that its convolutions like best."""
    moved = inputs.to(device, non_blocking=True)
    return moved.contiguous(memory_format=image_layout(device)) if moved.dim() == 4 else moved


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let NumPy's, SciPy's and scikit-learn's linear algebra take one thread, as a decorator too.

    A classifier on codes multiplies thousands of small matrices. There a second thread saves
    nothing, and waiting for it takes up to ten times as long (benchmarks/README.md). PyTorch keeps
    its threads, unless it shares that library, as conda's does.

    >>> from threadpoolctl import threadpool_info
    >>> with one_blas_thread():
    ...     {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} <= {1}
    True
    """
    with threadpool_limits(1, user_api="blas"):
        yield


def compiling_pays(device: torch.device, seconds: float) -> bool:
    """Say whether training that takes `seconds` more would be done sooner if compiled.

    >>> compiling_pays(torch.device("cpu"), 3600.0)  # gains too little there
    False
    """
    if device.type != "cuda" or COMPILED_SAVES * seconds <= COMPILING:
        return False
    can = torch.cuda.get_device_capability(device) >= TENSOR_CORES
    return can and find_spec("triton") is not None  # there is none for Windows


def all_cards() -> list[int]:
    """Return the numbers of all CUDA cards, as `torch.random.fork_rng` wants them.

    Avoids the warning that `fork_rng` gives if there are several cards and none is named.
    """
    return list(range(torch.cuda.device_count()))
