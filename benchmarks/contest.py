"""One contest: who trains the same model on the same images in how many seconds.

Every contestant runs in a process of its own, which loads the weights and the images, trains, and
trains once more with another learning rate from the same weights. Loading is not counted, what a
contestant does with the model and the images is. A contestant whose library is not installed is
named as missing.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch

from cs826tl.backbones import StagedModel, load_backbone, with_head
from cs826tl.codes import clear_codes
from cs826tl.freezing import freeze
from cs826tl.tasks import Split, Task, load_task
from tools.notebooks import CHECKOUT, PeakMemory

OURS = "ours"
PEERS = ("tutorial", "fastai", "lightning", "keras")
LATER_RATE = 3.0  # times the first run's learning rate


@dataclass(frozen=True)
class Setting:
    """What all contestants are given; sizes are sides in pixels."""

    images: int
    epochs: int
    size: int
    through: str | None  # the last frozen stage
    backbone: str = "efficientnet_lite0"
    task: str = "photos"
    lr: float = 1e-3
    batch_size: int = 32
    seed: int = 0


def parser(description: str, **defaults: Any) -> argparse.ArgumentParser:
    """Return a parser with an option for what one may want to set."""
    options = argparse.ArgumentParser(description=description.partition("\n")[0])
    options.add_argument("--images", type=int, default=2000, help="images to train on")
    options.add_argument("--epochs", type=int, default=10)
    options.add_argument("--size", type=int, help="side in pixels of what the network sees")
    options.add_argument("--backbone")
    options.add_argument("--repeats", type=int, default=1, help="processes for every contestant")
    options.add_argument("--only", nargs="+", choices=[OURS, *PEERS], default=[OURS, *PEERS])
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.set_defaults(**defaults)
    return options


def load(setting: Setting) -> tuple[StagedModel, Task]:
    """Load the model, frozen as the setting says, and its task with so many images."""
    task = load_task(setting.task)

    def draw(split: Split, number: int) -> Split:
        generator = torch.Generator().manual_seed(setting.seed)
        return split[torch.randperm(len(split), generator=generator)[:number]]

    train = draw(task.train, setting.images)
    validation = draw(task.validation, math.ceil(setting.images / 5))
    task = dataclasses.replace(task, train=train, validation=validation)
    weights = "random" if setting.backbone == "small_vgg" else "imagenet"
    backbone = load_backbone(setting.backbone, size=setting.size, weights=weights)
    model = with_head(backbone, task.classes, seed=setting.seed)
    return (freeze(model, through=setting.through) if setting.through else model), task


@torch.no_grad()
def accuracy(model: StagedModel, split: Split) -> float:
    """Return the share of right answers, by the plainest of loops."""
    model.eval()
    device = next(model.parameters()).device
    right = [
        model(inputs.to(device)).argmax(1).cpu() == labels
        for inputs, labels in zip(split.inputs.split(64), split.labels.split(64), strict=True)
    ]
    return torch.cat(right).float().mean().item()


def compete(name: str, setting: Setting) -> dict[str, float]:
    """Let one contestant train twice, in this process; return its seconds and its accuracy."""
    contestant = importlib.import_module(f"benchmarks.contestants.{name}")
    clear_codes()
    found = {}
    for run, rate in (("first", setting.lr), ("later", LATER_RATE * setting.lr)):
        model, task = load(setting)
        torch.manual_seed(setting.seed)
        start = time.perf_counter()
        contestant.train(model, task, setting.epochs, rate, setting.batch_size)
        found[f"{run}_seconds"] = time.perf_counter() - start
        found[f"{run}_accuracy"] = accuracy(model, task.validation)
    return found


def start(name: str, setting: Setting) -> dict[str, float] | None:
    """Let one contestant compete in a process of its own; None where its library is missing."""
    call = [sys.executable, "-m", "benchmarks.contest", name]
    call.append(json.dumps(dataclasses.asdict(setting)))
    memory = PeakMemory()
    memory.start()
    done = subprocess.run(call, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    gigabytes = memory.stop()
    if done.returncode:
        if "ModuleNotFoundError" in done.stderr:
            return None
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]) | {"gigabytes": gigabytes}


def contest(setting: Setting, names: list[str], repeats: int) -> dict[str, Any]:
    """Let all compete in turn; return medians by contestant, and the peers' seconds over ours."""
    found, missing = {}, []
    for name in names:
        runs = [run for _ in range(repeats) if (run := start(name, setting))]
        if runs:
            found[name] = {key: median(run[key] for run in runs) for key in runs[0]}
        else:
            missing.append(name)
    result: dict[str, Any] = {"setting": dataclasses.asdict(setting), "repeats": repeats}
    for run in ("first", "later"):
        result[f"{run}_ratio"] = {
            name: found[name][f"{run}_seconds"] / found[OURS][f"{run}_seconds"]
            for name in found
            if name != OURS and OURS in found
        }
    for key in ("first_seconds", "later_seconds", "first_accuracy", "later_accuracy", "gigabytes"):
        result[key] = {name: row[key] for name, row in found.items()}
    return result | {"missing": missing}


def show(result: dict[str, Any]) -> str:
    """Lay the result out as a table in Markdown."""
    lines = [
        "| contestant | first run | × ours | later run | × ours | accuracy | peak memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, first in result["first_seconds"].items():
        times = [result[f"{run}_ratio"].get(name, 1.0) for run in ("first", "later")]
        lines.append(
            f"| {name} | {first:.2f} s | {times[0]:.1f} | {result['later_seconds'][name]:.2f} s "
            f"| {times[1]:.0f} | {result['first_accuracy'][name]:.3f} "
            f"| {result['gigabytes'][name]:.2f} GB |"
        )
    lines += [f"Missing, because not installed: {name}" for name in result["missing"]]
    return "\n".join(lines)


def run(options: argparse.Namespace, setting: Setting) -> None:
    """Hold the contest that the command line asks for, and print its result."""
    result = contest(setting, options.only, options.repeats)
    print(json.dumps(result) if options.json else show(result))


if __name__ == "__main__":
    print(json.dumps(compete(sys.argv[1], Setting(**json.loads(sys.argv[2])))))
