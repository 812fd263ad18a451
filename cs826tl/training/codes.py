"""CNN codes: what the frozen stages put out, computed once, kept and reused.

A frozen stage in evaluation mode answers the same in every epoch. So its output is computed once
for every image, and training goes on from there. Codes are kept under the digest of the weights,
of the images and of the boundary: change one of them, and they are computed anew. They are kept in
memory and, where they took long or are large, in a file that the next notebook finds.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.assets.cache import cache_dir
from cs826tl.devices import device_of, forward_batch, mixed_precision, place
from cs826tl.networks.folding import quicker
from cs826tl.networks.staging import StagedModel
from cs826tl.progress import progress_bar
from cs826tl.training.freezing import frozen_stages

MEMORY_BUDGET = 2**28  # bytes of codes kept in memory; a larger set is only in a file
DISK_BUDGET = 2**33  # bytes of files in the cache; the oldest make room
WORTH_A_FILE = 1.0  # seconds of computing from which on codes in memory go to a file too
PIECE = 2**22  # bytes of inputs that are digested at a time, which divides them among the cores

Result = TypeVar("Result")
_kept: OrderedDict[str, Tensor] = OrderedDict()
_sizes: dict[str, int] = {}  # numbers in one image's codes, by stages and shape of the image


def encode(model: StagedModel, inputs: Tensor, *, until: str | None = None) -> Tensor:
    """Return the CNN codes of the inputs: what the stage `until` puts out (None: the last) [C16].

    The stages run in evaluation mode, as for a frozen network. The same weights and inputs are run
    once; `clear_codes` forgets them. Shape `(N, features)` for the last stage, `(N, channels,
    height, width)` for an earlier one; on the model's device.

    Raises `ValueError` listing the stages where `until` is not among them.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> codes = encode(backbone, load_task("digits").test.inputs)
    >>> codes.shape
    torch.Size([382, 128])
    """
    names = [name for name, _ in model.stages.named_children()]
    if until is not None and until not in names:
        raise unknown("stage", until, names)
    stages = len(names) if until is None else names.index(until) + 1
    steps = encoding_steps(model, inputs, stages)
    with progress_bar("codes", unit=" items", total=len(inputs)) as bar:
        while True:
            try:
                bar.update(next(steps))
            except StopIteration as end:
                codes: Tensor = end.value
                # a copy, so that changing it spoils nothing; files are copied on writing anyway
                return codes.clone() if codes.nbytes <= MEMORY_BUDGET else codes


def frozen_prefix(model: StagedModel) -> int:
    """Return how many stages, counted from the input, are frozen without a gap."""
    frozen = frozen_stages(model)
    names = [name for name, _ in model.stages.named_children()]
    return next((k for k, name in enumerate(names) if name not in frozen), len(names))


def pooled(codes: Tensor) -> Tensor:
    """Average feature maps over the picture: `(N, channels, …)` becomes `(N, channels)`."""
    return codes.float().flatten(2).mean(2) if codes.dim() > 2 else codes.float()


def clear_codes() -> None:
    """Forget all codes, in memory and in the cache's files."""
    _kept.clear()
    _sizes.clear()
    for file in [*_folder().glob("*.npy"), *_folder().glob("*.part")]:
        file.unlink(missing_ok=True)


def encoding_steps(model: StagedModel, inputs: Tensor, stages: int) -> Generator[int, None, Tensor]:
    """Run the first `stages` stages over the inputs; yield the number of images after each batch.

    Returns the codes. With codes that are already there, it yields nothing. For zero stages the
    inputs themselves are the codes. Raises `ValueError` where there is nothing to encode.
    """
    if len(inputs) == 0:
        raise ValueError("there are no inputs to encode")
    if stages == 0:
        return inputs
    prefix = _prefix(model, stages)
    key = _digest(prefix, inputs, device_of(model).type)
    codes = _recall(key, device_of(model))
    if codes is None:
        codes = yield from _run(prefix, inputs, key)
    return codes


def drain(steps: Generator[object, None, Result]) -> Result:
    """Run a generator to its end and return what it returns.

    >>> from cs826tl import load_backbone, load_task
    >>> images = load_task("digits").test.inputs
    >>> drain(encoding_steps(load_backbone("small_vgg", weights="random"), images, 4)).shape
    torch.Size([382, 128])
    """
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


def codes_fit(model: StagedModel, inputs: Tensor) -> bool:
    """Say whether the codes of the model's frozen stages stay within the budget for files."""
    stages = frozen_prefix(model)
    if stages == 0:
        return True
    prefix = _prefix(model, stages)
    kind = f"{prefix} {tuple(inputs.shape[1:])}"
    if kind not in _sizes:
        _sizes[kind] = _run_batch(prefix, inputs[:1], device_of(model)).numel()
    return _sizes[kind] * 4 * len(inputs) <= DISK_BUDGET


def _prefix(model: StagedModel, stages: int) -> nn.Sequential:
    return nn.Sequential(model.preprocess, *list(model.stages)[:stages])


def _digest(prefix: nn.Module, inputs: Tensor, device: str) -> str:
    rows = max(1, PIECE // max(1, inputs[0].nbytes))
    weights = [*prefix.parameters(), *prefix.buffers()]
    with ThreadPoolExecutor() as pool:  # hashing lets other threads run
        digests = pool.map(_sha256, [weights, *([piece] for piece in inputs.split(rows))])
    described = f"{prefix} {device} {inputs.dtype} {tuple(inputs.shape)}".encode()
    return hashlib.sha256(described + b"".join(digests)).hexdigest()


def _sha256(tensors: Sequence[Tensor]) -> bytes:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    return digest.digest()


def _run(prefix: nn.Module, inputs: Tensor, key: str) -> Generator[int, None, Tensor]:
    device = device_of(prefix)
    at_once = forward_batch(device)
    began = time.perf_counter()
    first = _run_batch(prefix, inputs[:at_once], device)
    part = _folder() / f"{key}.{os.getpid()}.part"
    codes = _allocate(first, len(inputs), part)
    try:
        quick = prefix if len(inputs) <= at_once else quicker(prefix, inputs[:2], first[:2])
        for start in range(0, len(inputs), at_once):
            rows = slice(start, start + at_once)
            batch = first if start == 0 else _run_batch(quick, inputs[rows], device)
            codes[start : start + len(batch)] = batch
            yield len(batch)
        if not part.exists():
            _remember(key, codes)
            if time.perf_counter() - began >= WORTH_A_FILE:
                _save(key, codes, part)
            return codes
        del codes  # closes the file, which Windows would not rename while it is open
        part.replace(_folder() / f"{key}.npy")
        return _open(_folder() / f"{key}.npy")
    finally:
        if part.exists():  # where the cache cannot be written, even this would raise
            part.unlink()


def _run_batch(prefix: nn.Module, inputs: Tensor, device: torch.device) -> Tensor:
    """Run one batch in evaluation mode, and leave every module's mode as it was."""
    modes = [(module, module.training) for module in prefix.modules()]
    prefix.eval()
    try:
        with torch.inference_mode(), mixed_precision(device):
            codes: Tensor = prefix(inputs.to(device))  # scaled faster as they lie
            return codes
    finally:
        for module, training in modes:
            module.training = training


def _allocate(batch: Tensor, number: int, part: Path) -> Tensor:
    """Make room for all codes: in memory beside the model, or in a file if they are too many."""
    shape = (number, *batch.shape[1:])
    if number * batch[0].numel() * batch.element_size() <= MEMORY_BUDGET:
        codes = torch.empty(shape, dtype=batch.dtype, device=batch.device)
        return codes.contiguous(memory_format=torch.channels_last) if codes.dim() == 4 else codes
    _make_room(number * batch[0].numel() * 4)
    return torch.from_numpy(np.lib.format.open_memmap(part, "w+", np.float32, shape))


def _recall(key: str, device: torch.device) -> Tensor | None:
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    file = _folder() / f"{key}.npy"
    if not file.exists():
        return None
    if file.stat().st_size > MEMORY_BUDGET:
        return _open(file)
    codes = place(torch.from_numpy(np.load(file)), device)
    _remember(key, codes)
    return codes


def _open(file: Path) -> Tensor:
    # "c": changes stay in memory, so nobody can spoil the file
    return torch.from_numpy(np.load(file, mmap_mode="c"))


def _remember(key: str, codes: Tensor) -> None:
    _kept[key] = codes
    while sum(c.numel() * c.element_size() for c in _kept.values()) > MEMORY_BUDGET:
        _kept.popitem(last=False)


def _save(key: str, codes: Tensor, part: Path) -> None:
    """Write codes to a file, for other notebooks; where that fails, they compute them again."""
    with suppress(OSError):
        _make_room(codes.numel() * 4)
        with part.open("wb") as file:
            np.save(file, codes.float().cpu().numpy())
        part.replace(_folder() / f"{key}.npy")


def _make_room(wanted: int) -> None:
    files = sorted(_folder().glob("*.npy"), key=lambda file: file.stat().st_mtime)
    used = sum(file.stat().st_size for file in files)
    for file in files:
        if used + wanted > DISK_BUDGET:
            used -= file.stat().st_size
            file.unlink()


def _folder() -> Path:
    folder = cache_dir() / "codes"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
