"""What was gained and what was forgotten, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from cs826tl.training.history import History


def ledger(runs: Mapping[str, Sequence[History]], *, source: str = "source") -> pd.DataFrame:
    """Compare what each way of fine-tuning gained with what it forgot.

    `runs` holds one history per seed for each way, made with `watch={source: …}`. All accuracies
    are on validation splits; `±` is the standard deviation over the seeds.

    >>> row = {"source_accuracy": 0.9, "validation_accuracy": 0.1}
    >>> after = {"source_accuracy": 0.4, "validation_accuracy": 0.8}
    >>> book = ledger({"aggressive": [History([row, after])]})
    >>> book.loc["aggressive", ["target", "source", "forgotten"]].tolist()
    [0.8, 0.4, 0.5]
    """
    rows = {}
    for way, histories in runs.items():
        target = torch.tensor([h["validation_accuracy"][-1] for h in histories]).double()
        before = torch.tensor([h[f"{source}_accuracy"][0] for h in histories]).double()
        after = torch.tensor([h[f"{source}_accuracy"][-1] for h in histories]).double()
        rows[way] = {
            "target": _mean(target),
            "target ±": _spread(target),
            "source": _mean(after),
            "source ±": _spread(after),
            "forgotten": _mean(before - after),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("way")


def in_sequence(
    accuracies: Sequence[Sequence[float]], untrained: Sequence[float]
) -> dict[str, float]:
    """Score learning several tasks in a row: final accuracy, backward and forward transfer.

    Row k of `accuracies` holds the accuracy on every task after task k was learnt; `untrained`
    holds those of the network before the first. `ACC` is the mean of the last row. `BWT` is what
    later tasks did to earlier ones: below zero they were forgotten. `FWT` is what earlier tasks did
    for one that is still to come, beyond the untrained network (Lopez-Paz and Ranzato 2017,
    arXiv:1706.08840, equations 2 to 4). The pitfall: with a new head for every task, `FWT` says
    nothing, since a head that was never trained guesses.

    Raises `ValueError` for fewer than two tasks, or where the table is not square.

    >>> in_sequence([[0.9, 0.6], [0.7, 0.95]], untrained=[0.5, 0.5])
    {'ACC': 0.825, 'BWT': -0.2, 'FWT': 0.1}
    """
    tasks = len(accuracies)
    if tasks < 2 or {tasks} != {len(row) for row in (*accuracies, untrained)}:
        sizes = [len(row) for row in accuracies]
        raise ValueError(
            f"{tasks} rows of {sizes} accuracies, {len(untrained)} untrained: give a row after "
            f"each of two tasks or more, and in each one accuracy a task"
        )
    table = torch.tensor([list(row) for row in accuracies]).double()
    after_own, before_own = table.diagonal(), table.diagonal(1)
    start = torch.tensor(list(untrained)).double()
    return {
        "ACC": _mean(table[-1]),
        "BWT": _mean((table[-1] - after_own)[:-1]),
        "FWT": _mean(before_own - start[1:]),
    }


def _mean(values: Tensor) -> float:
    return round(float(values.mean()), 6)


def _spread(values: Tensor) -> float:
    return round(float(values.std()), 6) if len(values) > 1 else 0.0
