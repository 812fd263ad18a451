"""Record a freezing panel: what every choice of stages costs, and training of each prefix."""

from __future__ import annotations

import itertools
import time
from typing import Any

from cs826tl.widgets.freezing import FreezingPanel
from cs826tl.widgets.freezing.controller import FreezingController, FreezingRun
from cs826tl.widgets.freezing.words import panel_state
from tools.website.book import Book
from tools.website.explorers import TICK

MOST = 10  # parts of which all choices are recorded, 1024; of a longer network only its prefixes
LONG = 2.0  # seconds, of which a prediction has to be right
RESULT = ("status", "curves", "tables")


def record_panel(panel: FreezingPanel) -> dict[str, Any]:
    """Return the recording as JSON: plans by what is frozen, and runs by the same."""
    controller, book = panel.controller, Book()
    names, start = list(controller.model.parts), list(controller.frozen)
    prefixes = [tuple(names[:k]) for k in range(len(names) + 1)]
    plans = {}
    for frozen in _choices(names) if len(names) <= MOST else prefixes:
        controller.set_frozen(frozen)
        plans[",".join(frozen)] = book.write(panel_state(controller))
    runs = {",".join(frozen): _train(controller, frozen) for frozen in prefixes}
    return {"kind": "panel", **book.plain(), "start": start, "plans": plans, "runs": runs}


def _check_seconds(run: FreezingRun, epochs: int) -> None:
    """Raise `ValueError` where a run was predicted to take twice as long as it took, or half."""
    predicted = run.predicted.codes_seconds + epochs * run.predicted.epoch_seconds
    if max(predicted, run.seconds) > LONG and not 0.5 <= predicted / run.seconds <= 2:
        raise ValueError(
            f"frozen {', '.join(run.frozen) or 'nothing'}: predicted {predicted:.1f} s, measured "
            f"{run.seconds:.1f} s: record on a machine that does nothing else"
        )


def _choices(names: list[str]) -> list[tuple[str, ...]]:
    """Return every choice of stages, each in the network's order."""
    kept = itertools.product((True, False), repeat=len(names))
    return [tuple(itertools.compress(names, choice)) for choice in kept]


def _train(controller: FreezingController, frozen: tuple[str, ...]) -> dict[str, Any]:
    """Train once with these frozen, as if it were the first run; keep what the panel shows."""
    controller.runs.clear()
    controller.set_frozen(frozen)
    frames: list[list[Any]] = []
    start = time.perf_counter()
    for _ in controller.train():
        now, state = time.perf_counter() - start, panel_state(controller)
        progress = state["progress"]
        last = frames[-1] if frames else None
        if last is None or now - last[0] > TICK or progress["label"] != last[2]:
            values = state["curves"][-1]["values"]
            frames.append([round(now, 2), progress["fraction"], progress["label"], values])
    seconds, state = round(time.perf_counter() - start, 2), panel_state(controller)
    for run in controller.runs:
        _check_seconds(run, controller.epochs)
    shown = {name: state[name] for name in (*RESULT, "alert")}
    return {"seconds": seconds, "frames": frames, "shown": shown}
