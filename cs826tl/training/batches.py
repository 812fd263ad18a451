"""Forward passes in batches: the largest that memory holds is found, not crashed into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from cs826tl.devices import mixed_precision, place
from cs826tl.memory import free_memory, is_out_of_memory
from cs826tl.networks.folding import quicker
from cs826tl.networks.modes import evaluation_mode
from cs826tl.progress import say_once

ON_A_CARD, ON_THE_CPU = 256, 32  # images: a card wants many, the caches of two cores few
FIRST = 2  # rows that run before the others, to measure with and to compare with
SHARE = 0.25  # of the free memory for what one layer reads and writes; the rest is for copies


@dataclass
class Need:
    """How many bytes the hungriest layer has read and written in one forward pass."""

    bytes: int = 0

    def at(self, module: nn.Module, inputs: object, output: object) -> None:
        """Look at one layer; PyTorch calls this after its forward pass."""
        self.bytes = max(self.bytes, _bytes(inputs) + _bytes(output))


@contextmanager
def answering(
    device: torch.device, number_type: torch.dtype, *modules: nn.Module
) -> Iterator[None]:
    """Have the modules answer as they do after training: evaluation mode, precision, no gradients.

    >>> with answering(torch.device("cpu"), torch.float32, dropout := nn.Dropout()):
    ...     dropout(torch.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """
    with evaluation_mode(*modules), torch.inference_mode(), mixed_precision(device, number_type):
        yield


def forward(
    network: nn.Module,
    inputs: Tensor,
    device: torch.device,
    number_type: torch.dtype,
    bring: Callable[[Tensor, torch.device], Tensor] = place,
) -> Iterator[tuple[slice, Tensor]]:
    """Run a network over inputs in evaluation mode; yield which rows have run, and its answers.

    The first two rows run alone. They show how much memory a row needs, and whether the network
    with its batch normalization folded answers the same: then that one runs the others.

    >>> rows = forward(nn.Flatten(), torch.zeros(40, 2, 2), torch.device("cpu"), torch.float32)
    >>> [tuple(answers.shape) for _, answers in rows]
    [(2, 4), (32, 4), (6, 4)]
    """

    def run(network: nn.Module, rows: slice) -> Tensor:
        with answering(device, number_type, network):
            answers: Tensor = network(bring(inputs[rows], device))
            return answers

    with measured_need() as need:
        first = run(network, slice(0, FIRST))
    rows = range(len(first), len(inputs))
    size = images_at_once(device, need.bytes / len(first))
    yield slice(0, len(first)), first
    if len(rows) > size:
        with mixed_precision(device, number_type):
            network = quicker(network, bring(inputs[:FIRST], device), first)
    yield from run_in_batches(lambda batch: run(network, batch), rows, size)


@contextmanager
def measured_need() -> Iterator[Need]:
    """Watch the forward passes in the block, and measure how much memory they need.

    >>> with measured_need() as need:
    ...     _ = nn.Linear(3, 5)(torch.zeros(2, 3))
    >>> need.bytes == 4 * 2 * (3 + 5)
    True
    """
    need = Need()
    hook = register_module_forward_hook(need.at)
    try:
        yield need
    finally:
        hook.remove()


def images_at_once(device: torch.device, bytes_per_image: float) -> int:
    """Return how many images run forward at a time, if each needs this number of bytes."""
    usual = ON_A_CARD if device.type == "cuda" else ON_THE_CPU
    fitting = SHARE * free_memory(device) / max(1.0, bytes_per_image)
    return max(1, int(min(usual, fitting)))


def run_in_batches(
    run: Callable[[slice], Tensor], rows: range, size: int
) -> Iterator[tuple[slice, Tensor]]:
    """Run `rows`, `size` at a time; yield which rows were run, and the result.

    If memory is full all the same, because another program takes it or a layer needs more than
    it shows, the batch is halved, and one line says so.

    >>> images = torch.arange(5)
    >>> [result.tolist() for _, result in run_in_batches(lambda r: images[r], range(1, 5), 3)]
    [[1, 2, 3], [4]]
    """
    start = rows.start
    while start < rows.stop:
        batch = slice(start, min(start + size, rows.stop))
        result = _unless_memory_is_full(run, batch, size)
        if result is None:
            size = max(1, size // 2)
            torch.cuda.empty_cache()
            say_once(f"memory is full; going on with {size} images at a time")
            continue
        yield batch, result
        start = batch.stop


def _unless_memory_is_full(
    run: Callable[[slice], Tensor], batch: slice, size: int
) -> Tensor | None:
    # A function of its own: what the failed pass has allocated is freed when it returns.
    try:
        return run(batch)
    except (RuntimeError, MemoryError) as error:
        if size == 1 or not is_out_of_memory(error):
            raise
        return None


def _bytes(value: object) -> int:
    if isinstance(value, Tensor):
        return value.nbytes
    return sum(map(_bytes, value)) if isinstance(value, (tuple, list)) else 0
