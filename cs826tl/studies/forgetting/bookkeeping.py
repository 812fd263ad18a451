"""The ledger of who gained what, and who forgot what."""

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


def _mean(values: Tensor) -> float:
    return round(float(values.mean()), 6)


def _spread(values: Tensor) -> float:
    return round(float(values.std()), 6) if len(values) > 1 else 0.0
