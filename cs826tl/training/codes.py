"""CNN codes: the output of the frozen stages, computed once, kept and reused.

A frozen stage in evaluation mode answers the same in every epoch. So its output is computed once
for every image, and training goes on from there. Codes are kept under a digest of all that they
depend on (see `fingerprints`), in memory and, if they took long or are large, in a file that
the next notebook finds (see `storage`).
"""

from __future__ import annotations

import time
from functools import partial
from itertools import chain

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.data.given import Inputs, as_inputs
from cs826tl.devices import AUTO, device_of, pick_device, pick_precision
from cs826tl.networks.folding import SAME
from cs826tl.networks.staging import StagedModel, check_staged
from cs826tl.progress import progress_bar
from cs826tl.training import storage
from cs826tl.training.batches import answering, forward
from cs826tl.training.fingerprints import fingerprint
from cs826tl.training.freezing import frozen_stages
from cs826tl.training.history import Doing, Step, Steps, finish

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
    than `(N, 1 or 3, height, width)`, and if there are no inputs; `TypeError` for a model that
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
    number_type = pick_precision(device_of(model), precision)
    steps = run_stages(model, as_inputs(inputs), stages, number_type)
    with progress_bar("codes", unit=" items", total=len(inputs)) as bar:
        codes = finish(steps, lambda step: bar.update(step.images))
    # a copy, so that changing it spoils nothing; files are copied on writing anyway
    return codes.clone() if codes.nbytes <= storage.MEMORY_BUDGET else codes


def run_stages(
    model: StagedModel, inputs: Tensor, stages: int, number_type: torch.dtype
) -> Steps[Tensor]:
    """Run a model's first stages over inputs, unless their codes are kept; return the codes.

    Without any stages the inputs themselves are the codes. Raises `ValueError` if there are no
    inputs.
    """
    if len(inputs) == 0:
        raise ValueError("there are no inputs to encode")
    if stages == 0:
        return inputs
    prefix, device = _prefix(model, stages), device_of(model)
    key = fingerprint(prefix, inputs, device.type, number_type)
    # preprocessing is faster on pictures as they lie
    batches = forward(prefix, inputs, device, number_type, bring=Tensor.to)
    start = next(batches)
    first = start[1]
    same = SAME if number_type is torch.float32 else SAME_IN_16_BITS
    fits = partial(_still_right, first=first, shape=(len(inputs), *first.shape[1:]), same=same)
    kept = storage.recall(key, device, fits)
    if kept is not None:
        return kept
    began = time.perf_counter()
    with storage.drafted(key, first, len(inputs)) as draft:
        for rows, codes in chain([start], batches):
            draft.codes[rows] = codes
            yield Step(Doing.ENCODING, len(codes))
        return draft.keep(time.perf_counter() - began)


def stages_to_run_once(model: StagedModel, inputs: Tensor) -> int:
    """Return how many stages are run once: the frozen ones, if there is room for their codes."""
    stages = frozen_prefix(model)
    if stages == 0:
        return 0
    prefix = _prefix(model, stages)
    kind = f"{prefix} {tuple(inputs.shape[1:])}"
    if kind not in _sizes:
        with answering(device_of(model), torch.float32, prefix):
            _sizes[kind] = prefix(inputs[:1].to(device_of(model))).numel()
    return stages if _sizes[kind] * 4 * len(inputs) <= storage.room() else 0


def frozen_prefix(model: StagedModel) -> int:
    """Return how many stages, counted from the input, are frozen without a gap."""
    frozen = frozen_stages(model)
    names = [name for name, _ in model.stages.named_children()]
    return next((k for k, name in enumerate(names) if name not in frozen), len(names))


def pooled(codes: Tensor) -> Tensor:
    """Average feature maps over the picture: `codes` of `(N, channels, …)` become `(N, channels)`.

    >>> pooled(torch.tensor([[[[1.0, 3.0]]]]))
    tensor([[2.]])
    """
    return codes.float().flatten(2).mean(2) if codes.dim() > 2 else codes.float()


def clear_codes() -> None:
    """Forget all codes, so that this notebook computes them again.

    Files that other notebooks have written stay, because the cache may be shared; this one no
    longer reads them.

    >>> clear_codes()
    """
    storage.forget()
    _sizes.clear()


def _still_right(kept: Tensor, first: Tensor, shape: tuple[int, ...], same: float) -> bool:
    """Say whether the stages still give these codes; a changed helper function shows here."""
    if kept.shape != shape:
        return False
    before, now = kept[: len(first)].to(first.device).float(), first.float()
    return bool((before - now).norm() <= same * now.norm())


class ChannelsLast(nn.Module):
    """Lays out images with their channels last, on which convolutions are faster."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the images as they are, in another order in memory."""
        return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x


def _prefix(model: StagedModel, stages: int) -> nn.Sequential:
    return nn.Sequential(model.preprocess, ChannelsLast(), *list(model.stages)[:stages])
