"""What the freezing panel says: a controller's state in words, ready to be drawn."""

from __future__ import annotations

import math
from typing import Any

from torch import nn

from cs826tl.networks.staging import HEAD
from cs826tl.plots.stages import ROLES
from cs826tl.training.adapters import adapters
from cs826tl.training.auditing import Finding
from cs826tl.training.codes import frozen_prefix
from cs826tl.training.freezing import State
from cs826tl.widgets.freezing.controller import FreezingController
from cs826tl.widgets.freezing.tables import listed, tables
from cs826tl.widgets.training_tools import duration

_, TUNED, NEW_HEAD = ROLES


def panel_state(controller: FreezingController) -> dict[str, Any]:
    """Return all that the browser draws, as JSON, except which parts are frozen."""
    shown = [*controller.runs, *([controller.run] if controller.run else [])]
    model, task = controller.model, controller.task
    return {
        "title": f"{model.title}, {model.weights}",
        "task": f"{task.name}: {len(task.train):,} training images, {len(task.classes)} classes",
        "images": f"{len(task.train):,}",
        "colours": {role: colour for role, (colour, _) in ROLES.items()},
        "parts": _parts(controller),
        "cards": _cards(controller),
        "train": f"Train {controller.epochs} epoch{'s' * (controller.epochs > 1)}",
        "busy": controller.busy,
        "progress": _progress(controller),
        "status": _status(controller),
        "alert": controller.alert,
        "epochs": controller.epochs,
        "curves": [{"run": k, "values": r.accuracies} for k, r in enumerate(shown, 1)],
        "tables": tables(controller),
    }


def _parts(controller: FreezingController) -> list[dict[str, Any]]:
    prefix = frozen_prefix(controller.model)
    return [
        {
            "name": name,
            "parameters": _count(sum(p.numel() for p in part.parameters())),
            "once": k < prefix,
            "learns": _learns(name, part),
        }
        for k, (name, part) in enumerate(controller.model.parts.items())
    ]


def _learns(name: str, part: nn.Module) -> str:
    """Say what learns if the part is not frozen."""
    if any(True for _ in adapters(part)):
        return State.ADAPTED
    return NEW_HEAD if name == HEAD else TUNED


def _cards(controller: FreezingController) -> list[dict[str, Any]]:
    cost = controller.cost
    total = cost.codes_seconds + controller.epochs * cost.epoch_seconds
    share = cost.trainable / cost.parameters
    return [
        {
            "label": "Trainable parameters",
            "value": f"{cost.trainable:,}",
            "detail": f"of {cost.parameters:,}, {100 * share:.3g}%",
        },
        {
            "label": "Memory to train them",
            "value": _bytes(cost.gradient_bytes + cost.optimizer_bytes),
            "detail": f"gradients {_bytes(cost.gradient_bytes)}, "
            f"optimizer {_bytes(cost.optimizer_bytes)}",
        },
        {
            "label": "Codes, predicted",
            "value": duration(cost.codes_seconds),
            "detail": "once, then kept" if cost.codes_seconds else "none: no stage runs only once",
        },
        {
            "label": "An epoch, predicted",
            "value": duration(cost.epoch_seconds),
            "detail": f"with codes, {controller.epochs} epochs: {duration(total)}",
        },
    ]


def _status(controller: FreezingController) -> str:
    if controller.busy:
        return "Training."
    if not controller.runs or controller.runs[-1].frozen != controller.frozen:
        return _plan(controller)
    run = controller.runs[-1]
    moved = run.audit.index[run.audit["verdict"] == Finding.FROZEN_MOVED]
    found = f"{', '.join(moved)} moved although frozen!" if len(moved) else "Nothing frozen moved."
    accuracy = f"validation accuracy {run.accuracies[-1]:.3f}" if run.accuracies else "no epoch"
    reason = f" ({run.history.stopped})" if run.history.stopped else ""
    return f"Run {len(controller.runs)}: {accuracy} in {duration(run.seconds)}{reason}. {found}"


def _plan(controller: FreezingController) -> str:
    """Say what runs once, what runs in every epoch, and why, if that is not obvious."""
    names, frozen = list(controller.model.parts), controller.frozen
    prefix = frozen_prefix(controller.model)
    if len(frozen) == len(names):
        return "Everything is frozen: there is nothing to train."
    once = f"Run once, for the codes: {listed(names[:prefix], names)}. " if prefix else ""
    rest = f"Run in every epoch: {listed(names[prefix:], names)}."
    above = [name for name in names[prefix:] if name in frozen]
    gap = f" Frozen, but above a trainable part: {listed(above, names)}." if above else ""
    return once + rest + gap


def _progress(controller: FreezingController) -> dict[str, Any] | None:
    run, task = controller.run, controller.task
    if run is None:
        return None
    if run.history.rows:
        epoch = min(len(run.history.rows), controller.epochs)
        done, of = run.trained, controller.epochs * len(task.train)
        return {"label": f"epoch {epoch} of {controller.epochs}", "fraction": done / of}
    if run.encoded:
        done, of = run.encoded, len(task.train) + len(task.validation)
        return {"label": f"codes: {done:,} of {of:,} images", "fraction": done / of}
    return {"label": "getting ready", "fraction": 0}


def _count(n: int) -> str:
    """Three digits of a count: `2.80 k`, `14.0 k`, `134 M`."""
    return f"{n:,}" if n < 1000 else _scaled(n, " k", " M", " G")


def _bytes(n: int) -> str:
    return f"{n} B" if n < 1000 else _scaled(n, " kB", " MB", " GB")


def _scaled(n: float, *units: str) -> str:
    power = min(int(math.log10(n) // 3), len(units))
    value = n / 1000**power
    return f"{value:.{max(0, 2 - int(math.log10(value)))}f}{units[power - 1]}"
