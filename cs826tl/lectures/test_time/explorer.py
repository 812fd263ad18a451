"""The stream explorer: a lens, an order, a size of batch, and whose statistics normalise [N07]."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from cs826tl.data.tasks import Split
from cs826tl.lectures.test_time.experiments import as_it_is, renewed
from cs826tl.networks.staging import StagedModel
from cs826tl.plots.spread import plot_shares
from cs826tl.widgets.controllers import View, Worth, missions
from cs826tl.widgets.controls import Choice, Control
from cs826tl.widgets.explorer import Explorer

MIXED, ORDERS = "mixed", ("mixed", "one class at a time")
SIZES, PRIORS = ("4", "16", "64", "256"), ("0", "16", "64", "256")
CLEAN = "clean"
MISSIONS = (
    "1. With noise, in batches of four, get 42 % right",
    "2. Lose 10 points by renewing, although the pictures come mixed",
    "3. With noise, one class at a time, win back 10 points",
)


class StreamController:
    """Which pictures come, in which batches, and how much the statistics from home count."""

    title = "A stream without labels"
    help = (
        "Choose a lens and how the pictures come. Each batch is normalised by its own statistics, "
        "mixed with those from home, which count as the number of pictures that you choose."
    )
    worth = Worth(
        {"lens": (CLEAN, "gaussian_noise"), "batch": ("4", "64", "256"), "prior": ("0", "16")},
        related=False,
    )

    def __init__(
        self, model: StagedModel, lenses: tuple[str, ...], stream: Callable[..., Split]
    ) -> None:
        self.lenses = lenses
        self.settings = {"lens": CLEAN, "order": MIXED, "batch": "64", "prior": "0"}
        self.met: set[str] = set()

        @cache
        def seen(lens: str, order: str) -> Split:
            return stream(lens, in_order=order != MIXED)

        @cache
        def home(lens: str) -> float:
            return as_it_is(model, seen(lens, MIXED))

        @cache
        def right(lens: str, order: str, batch: str, prior: str) -> float:
            return renewed(model, seen(lens, order), int(batch), float(prior))

        self._home, self._right = home, right

    def controls(self) -> tuple[Control, ...]:
        """Return the lens, the order, the size of a batch, and what home's statistics count."""
        now = self.settings
        return (
            Choice("lens", "Lens", (CLEAN, *self.lenses), now["lens"]),
            Choice("order", "The pictures come", ORDERS, now["order"]),
            Choice("batch", "Pictures in a batch", SIZES, now["batch"]),
            Choice("prior", "Home's statistics count as", PRIORS, now["prior"]),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting, and answer the stream again."""
        self.settings[name] = value
        before, after = self.measure()
        lens, order, batch, _ = self.settings.values()
        noisy, mixed = lens == "gaussian_noise", order == MIXED
        met = (
            noisy and mixed and batch == "4" and after >= 0.42,
            mixed and before - after >= 0.1,
            noisy and not mixed and after - before >= 0.1,
        )
        self.met |= {mission for mission, done in zip(MISSIONS, met, strict=True) if done}

    def measure(self) -> tuple[float, float]:
        """Return the share right with home's statistics, and with renewed ones."""
        return self._home(self.settings["lens"]), self._right(**self.settings)

    def view(self) -> View:
        """Return both shares, beside that on clean pictures, and the missions."""
        before, after = self.measure()
        shares = {
            "clean, home's statistics": self._home(CLEAN),
            f"{self.settings['lens']}, home's statistics": before,
            f"{self.settings['lens']}, renewed": after,
        }
        status = f"Right: {before:.0%} with home's statistics, {after:.0%} with renewed ones."
        alt = "Bars of what is right: on clean pictures, through this lens, and renewed."
        draw = partial(plot_shares, shares, label="pictures right")
        return View(status, (missions({m: m in self.met for m in MISSIONS}),), draw, (7, 1.9), alt)


def stream_explorer(
    model: StagedModel, lenses: tuple[str, ...], stream: Callable[..., Split]
) -> Explorer:
    """Return an explorer of what a stream's own statistics win back, and when they harm [N07].

    `stream(lens, in_order=…)` gives the pictures, their labels only for scoring; `lenses` are the
    names it knows beside `clean`. The model stays as it is.

    The pitfall: a batch of one class has the statistics of that class.

    >>> from cs826tl import load_backbone, load_task
    >>> digits = load_task("digits").test[:20]
    >>> model = load_backbone("small_vgg", weights="random")
    >>> stream_explorer(model, ("fog",), lambda lens, in_order: digits).state["status"]
    "Right: ...% with home's statistics, ...% with renewed ones."
    """
    return Explorer(StreamController(model, lenses, stream))
