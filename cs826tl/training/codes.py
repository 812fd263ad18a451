"""CNN codes: the output of the frozen stages, computed once, kept and reused.

A frozen stage in evaluation mode answers the same in every epoch. So its output is computed once
for every image, and training goes on from there. Codes are kept under a digest of all that they
depend on (see `fingerprints`), in memory and, where they took long or are large, in a file that
the next notebook finds (see `storage`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.data.given import Inputs, as_inputs
from cs826tl.devices import AUTO, device_of, mixed_precision, pick_device, pick_precision
from cs826tl.networks.folding import SAME, quicker
from cs826tl.networks.staging import StagedModel, check_staged
from cs826tl.progress import progress_bar
from cs826tl.training import storage
from cs826tl.training.batches import answering, images_at_once, measured_need, run_in_batches
from cs826tl.training.fingerprints import fingerprint
from cs826tl.training.freezing import frozen_stages

FIRST = 2  # images that run before the others: to measure with, and to compare with later
SAME_IN_16_BITS = 0.02  # relative difference from run to run, where 16 bits are added up

_sizes: dict[str, int] = {}  # numbers in one image's codes, by stages and shape of the image


def encode(
    model: StagedModel,
    inputs: Inputs,
    *,
    until: str | None = None,
    device: str = AUTO,
    precision: str = AUTO,
) -> Tensor:
    """Return the CNN codes of the inputs: the output of the stage `until` (None: the last) [C16].

    The stages run in evaluation mode, as in a frozen network. The same weights and inputs are run
    once; `clear_codes` forgets them. The shape is `(N, features)` for the last stage and
    `(N, channels, height, width)` for an earlier one. The model moves to `device`, and the codes
    are there too: write `.cpu()` before `.numpy()`.

    Raises `ValueError` for an unknown stage, device or precision, for pictures in another layout
    than `(N, 1 or 3, height, width)`, and where there are no inputs; `TypeError` for a model that
    is not yet staged.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> codes = encode(backbone, load_task("digits").test.inputs)
    >>> codes.shape
    torch.Size([382, 128])
    """
    check_staged(model)
    names = [name for name, _ in model.stages.named_children()]
    if until is not None and until not in names:
        raise unknown("stage", until, names)
    stages = len(names) if until is None else names.index(until) + 1
    model.to(pick_device(device))
    encoding = Encoding(model, as_inputs(inputs), stages, precision)
    with progress_bar("codes", unit=" items", total=len(inputs)) as bar:
        for images in encoding:
            bar.update(images)
    codes = encoding.codes
    # a copy, so that changing it spoils nothing; files are copied on writing anyway
    return codes.clone() if codes.nbytes <= storage.MEMORY_BUDGET else codes


class Encoding:
    """The run of a model's first stages over inputs: iterate over it, then read `codes`.

    It yields the number of images after each batch, and nothing where the codes are kept already.
    Without any stages the inputs themselves are the codes. `codes` runs whatever has not run yet.

    The constructor raises `ValueError` where there are no inputs, or for an unknown precision.

    >>> from cs826tl import load_backbone, load_task
    >>> images = load_task("digits").test.inputs
    >>> Encoding(load_backbone("small_vgg", weights="random"), images, stages=4).codes.shape
    torch.Size([382, 128])
    """

    def __init__(
        self, model: StagedModel, inputs: Tensor, stages: int, precision: str = AUTO
    ) -> None:
        if len(inputs) == 0:
            raise ValueError("there are no inputs to encode")
        self.inputs = inputs
        self._prefix = _prefix(model, stages)
        self._device = device_of(model)
        self._number_type = pick_precision(self._device, precision)
        self._codes = inputs if stages == 0 else None

    @property
    def codes(self) -> Tensor:
        """The codes, one row for each input."""
        for _ in self:  # what has not run yet
            pass
        assert self._codes is not None
        return self._codes

    def __iter__(self) -> Iterator[int]:
        if self._codes is not None:
            return
        key = fingerprint(self._prefix, self.inputs, self._device.type, self._number_type)
        with measured_need() as need:
            first = self._forward(self._prefix, slice(0, FIRST))
        fits = partial(self._still_right, first=first)
        self._codes = storage.recall(key, self._device, fits)
        if self._codes is None:
            yield from self._run(key, first, need.bytes / len(first))

    def _still_right(self, kept: Tensor, first: Tensor) -> bool:
        """Say whether the stages still give these codes; a changed helper function shows here."""
        if kept[:FIRST].shape != first.shape or len(kept) != len(self.inputs):
            return False
        before, now = kept[:FIRST].to(first.device).float(), first.float()
        same = SAME if self._number_type is torch.float32 else SAME_IN_16_BITS
        return bool((before - now).norm() <= same * now.norm())

    def _run(self, key: str, first: Tensor, bytes_per_image: float) -> Iterator[int]:
        """Run everything after the first images, which have run already, and keep the codes."""
        began = time.perf_counter()
        rows = range(len(first), len(self.inputs))
        size = images_at_once(self._device, bytes_per_image)
        stages = self._prefix
        with storage.drafted(key, first, len(self.inputs)) as draft:
            draft.codes[: len(first)] = first
            yield len(first)
            if len(rows) > size:
                with mixed_precision(self._device, self._number_type):
                    stages = quicker(self._prefix, self.inputs[:FIRST], first)
            batches = run_in_batches(lambda batch: self._forward(stages, batch), rows, size)
            for batch, codes in batches:
                draft.codes[batch] = codes
                yield len(codes)
            self._codes = draft.keep(time.perf_counter() - began)

    def _forward(self, row: nn.Sequential, rows: slice) -> Tensor:
        preprocess, *stages = row
        with answering(self._device, self._number_type, row):
            x: Tensor = preprocess(self.inputs[rows].to(self._device))  # faster as they lie
            if x.dim() == 4:  # convolutions are faster on channels-last images
                x = x.contiguous(memory_format=torch.channels_last)
            for stage in stages:
                x = stage(x)
            return x


def frozen_prefix(model: StagedModel) -> int:
    """Return how many stages, counted from the input, are frozen without a gap."""
    frozen = frozen_stages(model)
    names = [name for name, _ in model.stages.named_children()]
    return next((k for k, name in enumerate(names) if name not in frozen), len(names))


def pooled(codes: Tensor) -> Tensor:
    """Average feature maps over the picture: `(N, channels, …)` becomes `(N, channels)`."""
    return codes.float().flatten(2).mean(2) if codes.dim() > 2 else codes.float()


def clear_codes() -> None:
    """Forget all codes, so that this notebook computes them again.

    Files that other notebooks have written stay, because the cache may be shared; this one no
    longer reads them.
    """
    storage.forget()
    _sizes.clear()


def codes_fit(model: StagedModel, inputs: Tensor) -> bool:
    """Say whether there is room to keep the codes of the model's frozen stages."""
    stages = frozen_prefix(model)
    if stages == 0:
        return True
    prefix = _prefix(model, stages)
    kind = f"{prefix} {tuple(inputs.shape[1:])}"
    if kind not in _sizes:
        with answering(device_of(model), torch.float32, prefix):
            _sizes[kind] = prefix(inputs[:1].to(device_of(model))).numel()
    return _sizes[kind] * 4 * len(inputs) <= storage.room()


def _prefix(model: StagedModel, stages: int) -> nn.Sequential:
    return nn.Sequential(model.preprocess, *list(model.stages)[:stages])
