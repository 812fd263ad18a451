"""The remedies of lecture 09, as they learn split MNIST in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from statistics import mean
from typing import Any

import numpy as np
import torch
from joblib import Parallel, delayed

from benchmarks.published.split_mnist import (
    SCENARIOS,
    TASKS,
    Digits,
    Learner,
    Penalty,
    learn,
    mnist_5k,
    untrained,
)
from cs826tl.methods.forgetting import EWC, L2SP, Distillation, Replay
from cs826tl.progress import LateBar, progress_bar

WAYS, JOINT = ("plain", "EWC", "L2-SP", "LwF", "replay"), "joint"
SEEDS, TUNING_SEED = range(5), 100
STRENGTHS = {"EWC": (1e3, 1e5, 1e7, 1e9, 1e11, 1e13), "L2-SP": (1e-3, 1e-1, 1e1, 1e3, 1e5)}
FISHER = 100  # pictures of each task, for EWC
KEPT = 30  # one picture in 30 is kept for replay: the same share as iCaRL's 2000 of all

Scores = dict[str, float]  # ACC, BWT and FWT


def penalties(way: str, learner: Learner, k: int, strength: float, seed: int) -> list[Penalty]:
    """Return what protects task k - 1, the last that was learnt, while others are learnt.

    Every old task counts as much as the new one, as in the paper; so LwF and replay have no
    strength to be chosen.
    """
    model, task = learner.facing(k - 1), learner.tasks[k - 1]
    if way == "EWC":
        return [EWC(model, task, strength=strength, samples=FISHER, seed=seed)]
    if way == "L2-SP":
        return [L2SP(model, strength=strength)]
    if way == "LwF" and not learner.own_heads:
        return [Distillation(model, strength=float(k))]
    if way == "LwF":
        return [Distillation(learner.facing(j), strength=1.0) for j in range(k)]
    if way == "replay":
        order = torch.randperm(len(task.train), generator=torch.Generator().manual_seed(seed))
        kept = replace(task, train=task.train[order[: len(order) // KEPT]])
        return [Replay(kept, head=model.head if learner.own_heads else None, seed=seed)]
    return []


def in_a_row(
    beginner: Learner, way: str, strength: float, split: str, seed: int
) -> list[list[float]]:
    """Return the accuracies on every task after each task; the beginner has learnt the first."""
    learner, held = deepcopy(beginner), []
    table = [learner.accuracies(0, split)]
    for k in range(1, TASKS):
        new = penalties(way, learner, k, strength, seed)
        held = held + new if way in ("EWC", "replay") else new
        learn(learner, [k], held, TASKS * seed + k)
        table.append(learner.accuracies(k, split))
    return table


def chosen_strengths(scenario: str) -> dict[str, float]:
    """Return for each way the strength of the best final accuracy on validation, at another seed.

    Always on MNIST-5k, since on all of MNIST it takes an hour. None of its pictures is a test
    picture of MNIST. Ways whose strength the protocol sets are left out.
    """
    beginner = untrained(scenario, TUNING_SEED, mnist_5k())
    learn(beginner, [0], [], TASKS * TUNING_SEED)

    def final(way: str, strength: float) -> float:
        return mean(in_a_row(beginner, way, strength, "validation", TUNING_SEED)[-1])

    return {
        way: max(strengths, key=lambda strength: final(way, strength))
        for way, strengths in STRENGTHS.items()
    }


def summed_up(accuracies: Sequence[Sequence[float]], untrained: Sequence[float]) -> Scores:
    """Return equations 2 to 4 of Lopez-Paz and Ranzato 2017, arXiv:1706.08840."""
    table, start = np.array(accuracies), np.array(untrained)
    bwt, fwt = (table[-1] - table.diagonal())[:-1], table.diagonal(1) - start[1:]
    return {"ACC": table[-1].mean(), "BWT": bwt.mean(), "FWT": fwt.mean()}


def scores(
    scenario: str, seed: int, strengths: Mapping[str, float], digits: Digits
) -> dict[str, Scores]:
    """Return the scores of every way, and the accuracy of learning all tasks together."""
    beginner, together = (untrained(scenario, seed, digits) for _ in range(2))
    start = beginner.accuracies(0, "test")
    learn(beginner, [0], [], TASKS * seed)
    found = {
        way: summed_up(in_a_row(beginner, way, strengths.get(way, 0.0), "test", seed), start)
        for way in WAYS
    }
    learn(together, range(TASKS), [], TASKS * seed, iterations=TASKS * digits.iterations)
    return found | {JOINT: {"ACC": mean(together.accuracies(TASKS - 1, "test"))}}


def measure(
    jobs: int, digits: Digits, seeds: Sequence[int] = SEEDS
) -> tuple[dict[str, dict[str, Scores]], dict[str, dict[str, float]]]:
    """Return the scores by scenario and way, means over the seeds, and the chosen strengths."""
    means, runs = {}, len(SCENARIOS) * (1 + len(seeds))
    with progress_bar("split MNIST", unit=" runs", total=runs) as bar:
        tuned = (delayed(chosen_strengths)(scenario) for scenario in SCENARIOS)
        strengths = dict(zip(SCENARIOS, _each(jobs, tuned, bar), strict=True))
        for scenario in SCENARIOS:
            calls = (delayed(scores)(scenario, k, strengths[scenario], digits) for k in seeds)
            rows = list(_each(jobs, calls, bar))
            means[scenario] = {
                way: {what: mean(row[way][what] for row in rows) for what in rows[0][way]}
                for way in rows[0]
            }
    return means, strengths


def _each(jobs: int, calls: Iterable[Any], bar: LateBar) -> Iterator[Any]:
    """Yield what the calls return, in order, and count them."""
    for found in Parallel(jobs, return_as="generator")(calls):
        bar.update(1)
        yield found
