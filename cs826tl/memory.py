"""How much memory is free, on the card or in the machine, and what goes into it."""

from __future__ import annotations

from pathlib import Path

import psutil
import torch
from torch import Tensor

from cs826tl.devices import place

CGROUP = Path("/sys/fs/cgroup")


def keep(inputs: Tensor, device: torch.device) -> Tensor:
    """Bring a whole split to a CUDA card, once, unless it takes more than half of what is free.

    Elsewhere, or if it is too large, it stays, and `place` brings it batch by batch.
    """
    if device.type != "cuda" or inputs.nbytes > torch.cuda.mem_get_info(device)[0] // 2:
        return inputs
    try:
        return place(inputs, device)
    except torch.OutOfMemoryError:  # another process has taken the memory in the meantime
        return inputs


def free_memory(device: torch.device) -> float:
    """Return how many bytes can still be used: on the card, or in this machine or container."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return float(torch.cuda.mem_get_info(device)[0] + unused)
    return min(float(psutil.virtual_memory().available), _container_memory())


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether the error means that memory is full, on a card or in the machine."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)


def _container_memory() -> float:
    """Return how many bytes the container may still use; Binder's has a limit of its own."""
    for limit, usage, cached in (
        ("memory.max", "memory.current", "inactive_file"),  # cgroup v2
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            statistics = (CGROUP / limit).with_name("memory.stat").read_text().split()
            reclaimable = int(statistics[statistics.index(cached) + 1])
            used = int((CGROUP / usage).read_text()) - reclaimable
            return max(0.0, float((CGROUP / limit).read_text()) - used)
        except (OSError, ValueError):  # not this version, or "max": no limit
            continue
    return float("inf")
