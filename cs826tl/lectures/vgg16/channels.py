"""The channel explorer: which photographs excite a channel of VGG16 most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from torch import Tensor

from cs826tl.data.tasks import Split
from cs826tl.lectures.vgg16.plots import plot_best
from cs826tl.widgets.controllers import View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

NINE = 9
ANIMALS = frozenset({"bird", "cat", "deer", "dog", "frog", "horse"})
MISSIONS = (
    "1. In block1, nine photographs of six classes or more",
    "2. In block5, nine animals of three classes or more, and no vehicle",
    "3. In block5, six or more of one class",
)


class ChannelController:
    """A block, one of its channels, and the nine photographs that it answers to most.

    The constructor raises `ValueError` unless there is an answer for each photograph.
    """

    title = "What does a channel look for?"
    help = "Choose a block and one of its channels, and look at the nine photographs it likes best."
    worth = Worth({"channel": (3, 20, 45, 63, 69, 143, 182, 195, 259, 433, 501)})

    def __init__(
        self, peaks: Mapping[str, Tensor], photos: Split, classes: tuple[str, ...]
    ) -> None:
        if any(len(answers) != len(photos) for answers in peaks.values()):
            raise ValueError(f"give one answer for each of the {len(photos)} photographs")
        self.peaks, self.photos, self.classes = peaks, photos, classes
        self.block, self.channel = next(iter(peaks)), 0
        self.met: set[str] = set()
        self._judge()

    def controls(self) -> tuple[Control, ...]:
        """Return the block and the channel, as many as the block has."""
        last = self.peaks[self.block].shape[1] - 1
        return (
            Choice("block", "Block", tuple(self.peaks), self.block),
            Number("channel", "Channel", 0, last, 1, self.channel),
        )

    def set(self, name: str, value: Any) -> None:
        """Go to another block or channel, and see whether a mission is met."""
        setattr(self, name, value if name == "block" else int(value))
        self.channel = min(self.channel, self.peaks[self.block].shape[1] - 1)
        self._judge()

    def view(self) -> View:
        """Return the nine photographs, what they are, and the missions."""
        counts = ", ".join(f"{number} {name}" for name, number in self._kinds().most_common())
        best = self.peaks[self.block][:, self.channel].topk(NINE).indices
        return View(
            f"{self.block}, channel {self.channel}. The nine: {counts}.",
            (missions({mission: mission in self.met for mission in MISSIONS}),),
            partial(plot_best, {"": self.photos.inputs[best]}),
            (8, 1.1),
            "Nine photographs in a row.",
        )

    def _kinds(self) -> Counter[str]:
        best = self.peaks[self.block][:, self.channel].topk(NINE).indices
        return Counter(self.classes[label] for label in self.photos.labels[best].tolist())

    def _judge(self) -> None:
        kinds = self._kinds()
        early, late = self.block == "block1", self.block == "block5"
        found = (
            early and len(kinds) >= 6,
            late and len(kinds) >= 3 and kinds.keys() <= ANIMALS,
            late and max(kinds.values()) >= 6,
        )
        self.met |= {mission for mission, met in zip(MISSIONS, found, strict=True) if met}


def channel_explorer(
    peaks: Mapping[str, Tensor], photos: Split, classes: tuple[str, ...]
) -> Explorer:
    """Return an explorer of what excites each channel of a network most [C16].

    `peaks` holds for each block how strongly each channel answers to each photograph at most, shape
    `(N, channels)`; `photos` are the photographs with their labels, which index `classes`.

    Raises `ValueError` unless there is an answer for each photograph.

    >>> import torch
    >>> photos = Split(torch.zeros(9, 3, 8, 8, dtype=torch.uint8), torch.arange(9))
    >>> explorer = channel_explorer({"block1": torch.rand(9, 64)}, photos, tuple("abcdefghi"))
    >>> explorer.state["status"]
    'block1, channel 0. The nine: ...'
    """
    return Explorer(ChannelController(peaks, photos, classes))
