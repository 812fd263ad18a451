"""Measure the cells of trial C11, size by size, into the table that lecture 07 and the trial read.

Usage: `python -m tools.tuning.scenarios_07 [--shots 200 500] [--seeds 10]`. What runs is the
trial's own code: the cells of its notebook that are tagged `experiment`. Every result is written as
soon as it is there, and what is there already is not measured again; so it may be stopped at any
time, and `--shots 4500` (all of CIFAR-10 that is not held back) can be added on a later night.
On one quiet core a seed of both tasks takes 1 minute with 40 labels per class, 3 with 200, 6 with
500, and most of an hour with 4500.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import nbformat
import pandas as pd
import torch

import cs826tl as tl
from cs826tl.verdicts.records import LECTURES
from tools.notebooks import CHECKOUT, write

TRIAL = CHECKOUT / "notebooks" / "trials" / "C11_four_scenarios.ipynb"
TABLE = LECTURES / "freezing_vs_finetuning" / "records" / "scenarios.tsv"
TASKS = ("cifar10", "mnist_70k")
COLUMNS = ["task", "shots", "seed", "way", "accuracy"]


def experiment(name: str) -> Callable[..., dict[str, float]]:
    """Return the trial's function `cell`, or `longer`: tuning all for twice the epochs."""
    names: dict[str, Any] = {"tl": tl, "torch": torch, "replace": replace}
    for cell in nbformat.read(TRIAL, as_version=4).cells:
        if "experiment" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    found: Callable[..., dict[str, float]] = names[name]
    return found


def measured() -> pd.DataFrame:
    """Return what has been measured so far."""
    return pd.read_csv(TABLE, sep="\t") if TABLE.exists() else pd.DataFrame(columns=COLUMNS)


def add(task: str, shots: int, seed: int, found: dict[str, float]) -> None:
    """Write what one seed of one cell has found into the table."""
    rows = [[task, shots, seed, way, round(value, 6)] for way, value in found.items()]
    new = pd.DataFrame(rows, columns=COLUMNS)
    table = pd.concat([measured(), new]) if TABLE.exists() else new
    order = table.sort_values(["task", "shots", "seed"], kind="stable")
    write(TABLE, order.to_csv(sep="\t", index=False, lineterminator="\n"))


def main() -> None:
    """Measure what is missing of the sizes and seeds asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shots", type=int, nargs="+", default=[5, 40, 200, 500])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--longer", action="store_true", help="tune all for twice the epochs")
    options = parser.parse_args()
    cell, known = experiment("longer" if options.longer else "cell"), measured()
    known = known[known["way"].str.contains("twice") == options.longer]
    there = set(zip(known["task"], known["shots"], known["seed"], strict=True))
    for shots in options.shots:
        for seed in range(options.seeds):
            for task in TASKS:
                if (task, shots, seed) not in there:
                    add(task, shots, seed, cell(seed, task, shots))
                    tl.training.clear_codes()
                    print(f"{task}, {shots} per class, seed {seed}: done", flush=True)


if __name__ == "__main__":
    main()
