"""One contest: who trains the same model on the same images in how many seconds.

Every contestant runs in a process of its own, which loads the weights and the images, trains, and
trains once more with another learning rate from the same weights. Loading is not counted, what a
contestant does with the model and the images is. A contestant whose library is not installed is
named as missing. With `--once` the peers train only once: they keep nothing from one run to the
next, so a later run does the first one's work again, and the first one's seconds stand for it.
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
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch

from cs826tl.assets.cache import is_available
from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.shelf import BACKBONES
from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import freeze
from tools.cold import cold_cache
from tools.notebooks import CHECKOUT, PeakMemory

OURS = "ours"
PEERS = ("tutorial", "fastai", "lightning", "keras")
RUNS = ("first", "later")
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
    options.add_argument("--repeats", type=int, default=3, help="of ours; a peer has one process")
    options.add_argument("--once", action="store_true", help="let peers train only once")
    options.add_argument("--only", nargs="+", choices=[OURS, *PEERS], default=[OURS, *PEERS])
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.set_defaults(**defaults)
    return options


def load(setting: Setting) -> tuple[StagedModel, Task]:
    """Load the model, frozen as the setting says, and its task, cut to the setting's images."""
    task = load_task(setting.task)

    def draw(split: Split, number: int) -> Split:
        generator = torch.Generator().manual_seed(setting.seed)
        return split[torch.randperm(len(split), generator=generator)[:number]]

    train = draw(task.train, setting.images)
    validation = draw(task.validation, math.ceil(setting.images / 5))
    task = dataclasses.replace(task, train=train, validation=validation)
    asset = BACKBONES[setting.backbone].asset
    weights = "imagenet" if asset and is_available(asset) else "random"
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


def compete(name: str, setting: Setting, runs: Sequence[str]) -> dict[str, float]:
    """Let one contestant train, in this process; return its seconds and its accuracy by run."""
    contestant = importlib.import_module(f"benchmarks.contestants.{name}")
    found = {}
    rates = {"first": setting.lr, "later": LATER_RATE * setting.lr}
    for run in runs:
        model, task = load(setting)
        torch.manual_seed(setting.seed)
        start = time.perf_counter()
        contestant.train(model, task, setting.epochs, rates[run], setting.batch_size)
        found[f"{run}_seconds"] = time.perf_counter() - start
        found[f"{run}_accuracy"] = accuracy(model, task.validation)
    return found


def start(name: str, setting: Setting, runs: Sequence[str]) -> dict[str, float] | None:
    """Let one contestant compete in a process of its own; None where its library is missing."""
    given = json.dumps(dataclasses.asdict(setting))
    call = [sys.executable, "-m", "benchmarks.contest", name, given, *runs]
    memory = PeakMemory()
    memory.start()
    with cold_cache():
        done = subprocess.run(call, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    gigabytes = memory.stop()
    if done.returncode:
        if f"No module named '{name}'" in done.stderr:
            return None
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]) | {"gigabytes": gigabytes}


def contest(setting: Setting, names: Sequence[str], repeats: int, once: bool) -> dict[str, Any]:
    """Let all compete in turn; return medians by contestant, and the peers' seconds over ours."""
    found, missing = {}, []
    for name in names:
        times, runs = (1, RUNS[:1] if once else RUNS) if name in PEERS else (repeats, RUNS)
        rows = [row for _ in range(times) if (row := start(name, setting, runs))]
        if rows:
            medians = {key: median(row[key] for row in rows) for key in rows[0]}
            found[name] = {"later_seconds": medians["first_seconds"]} | medians
        else:
            missing.append(name)
    result = {"setting": dataclasses.asdict(setting), "repeats": repeats, "peers_once": once}
    for run in RUNS:
        result[f"{run}_ratio"] = {
            name: found[name][f"{run}_seconds"] / found[OURS][f"{run}_seconds"]
            for name in found
            if name != OURS and OURS in found
        }
    for key in ("first_seconds", "later_seconds", "first_accuracy", "gigabytes"):
        result[key] = {name: row[key] for name, row in found.items()}
    return result | {"missing": missing}


def show(result: dict[str, Any]) -> str:
    """Lay the result out as a table in Markdown."""
    lines = [
        "| contestant | first run | × ours | later run | × ours | accuracy | peak memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, seconds in result["first_seconds"].items():
        first, later = (result[f"{run}_ratio"].get(name, 1.0) for run in RUNS)
        again = f"{result['later_seconds'][name]:.2f} s"
        if name in PEERS and result["peers_once"]:
            again = "as the first"
        lines.append(
            f"| {name} | {seconds:.2f} s | {first:.1f} | {again} | {later:.1f} "
            f"| {result['first_accuracy'][name]:.3f} | {result['gigabytes'][name]:.2f} GB |"
        )
    lines += [f"Missing, because not installed: {name}" for name in result["missing"]]
    return "\n".join(lines)


def run(options: argparse.Namespace, setting: Setting) -> None:
    """Hold the contest that the command line asks for, and print its result."""
    result = contest(setting, options.only, options.repeats, options.once)
    print(json.dumps(result) if options.json else show(result))


if __name__ == "__main__":
    name, given, *runs = sys.argv[1:]
    print(json.dumps(compete(name, Setting(**json.loads(given)), runs)))
