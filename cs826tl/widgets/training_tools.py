"""What widgets that train have in common: a fresh model, a quick measurement."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from torch import Tensor

from cs826tl.devices import image_layout, lay_out, pick_device
from cs826tl.networks.heads import with_head
from cs826tl.networks.staging import StagedModel
from cs826tl.training.costs import stage_seconds

PROBE_SECONDS = 0.3  # after which the timed batches, four times larger each time, grow no more
PROBE_IMAGES = 32  # training's own batch


def fresh_model(backbone: StagedModel, classes: Sequence[str], seed: int) -> StagedModel:
    """Return a copy of the backbone with a new head, placed as training will place it."""
    model = with_head(backbone, classes, seed=seed)
    device = pick_device()
    return lay_out(model.to(device), image_layout(device))


def quick_stage_seconds(model: StagedModel, inputs: Tensor) -> dict[str, float]:
    """Measure each part on batches that grow to training's own size, if that is quick."""
    start, images = time.perf_counter(), 1
    seconds = stage_seconds(model, inputs[:1], repeats=1)
    while images < PROBE_IMAGES and time.perf_counter() - start < PROBE_SECONDS:
        images = min(4 * images, PROBE_IMAGES)
        larger = stage_seconds(model, inputs[:images], repeats=1)
        seconds = {name: min(seconds[name], larger[name]) for name in seconds}
    return seconds


def duration(seconds: float) -> str:
    """Return seconds in words.

    >>> duration(0.01), duration(2.345), duration(119.9), duration(float("nan"))
    ('< 0.1 s', '2.3 s', '2 min 0 s', '–')
    """
    if math.isnan(seconds):
        return "–"
    if 0 < seconds < 0.1:
        return "< 0.1 s"  # what lies below is overhead, which nobody predicts
    if 0 < seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
