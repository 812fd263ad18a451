"""Record a freezing panel: what every choice of stages costs, and training of each prefix."""

from __future__ import annotations

import itertools
import time
from typing import Any

from cs826tl.training import clear_codes
from cs826tl.widgets.freezing import FreezingPanel
from cs826tl.widgets.freezing.controller import FreezingController, FreezingRun
from cs826tl.widgets.freezing.words import panel_state
from cs826tl.widgets.training_tools import quick_stage_seconds
from tools.website.book import Book
from tools.website.explorers import TICK

MOST = 10  # parts of which all choices are recorded, 1024; of a longer network only its prefixes
LONG = 2.0  # seconds, of which a prediction has to be right
ATTEMPTS = 3  # at seconds that are as predicted: other work may have been beside a run
RESULT = ("status", "curves", "tables", "alert")


def record_panel(panel: FreezingPanel) -> dict[str, Any]:
    """Return the recording as JSON; measure odd seconds again, and say it where they stay odd."""
    controller = panel.controller
    start = list(controller.frozen)
    for _ in range(ATTEMPTS):
        recording, odd = _record(controller)
        if not odd:
            break
        clear_codes()
        pictures = controller.task.train.inputs
        controller.stage_seconds = quick_stage_seconds(controller.model, pictures)
    else:
        print("\n".join(odd), flush=True)
    return {"kind": "panel", "start": start, **recording}


def _record(controller: FreezingController) -> tuple[dict[str, Any], list[str]]:
    """Return what a recording has of plans and runs, and a line for each run of odd seconds."""
    book, names = Book(), list(controller.model.parts)
    prefixes = [tuple(names[:k]) for k in range(len(names) + 1)]
    plans, runs, odd = {}, {}, []
    for frozen in _choices(names) if len(names) <= MOST else prefixes:
        controller.set_frozen(frozen)
        plans[",".join(frozen)] = book.write(panel_state(controller))
    for frozen in prefixes:
        runs[",".join(frozen)] = _train(controller, frozen)
        odd += [_misfit(run, controller.epochs) for run in controller.runs]
    return {**book.plain(), "plans": plans, "runs": runs}, [line for line in odd if line]


def _misfit(run: FreezingRun, epochs: int) -> str:
    """Say it where a run was predicted to take twice as long as it took, or half; else nothing."""
    predicted = run.predicted.codes_seconds + epochs * run.predicted.epoch_seconds
    if max(predicted, run.seconds) <= LONG or 0.5 <= predicted / run.seconds <= 2:
        return ""
    return (
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
    shown = {name: state[name] for name in RESULT}
    return {"seconds": seconds, "frames": frames, "shown": shown}
