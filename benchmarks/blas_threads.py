"""How long linear probes on codes take with one thread for linear algebra, and with more.

Usage: `python -m benchmarks.blas_threads [--json]`. Real codes of 200 digits, five folds, the
median of five runs. It is why `cs826tl.devices.one_blas_thread` exists.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial

import pandas as pd
from sklearn.model_selection import cross_val_score
from threadpoolctl import threadpool_limits

import cs826tl as tl
from cs826tl.training.probes import unfitted_probe

REPEATS = 5
DEPTHS = ("stage5", "stage9")


def probes() -> dict[str, Callable[[], object]]:
    """Return what tests a linear probe on 20 digits of each kind, by depth and features."""
    backbone = tl.load_backbone("efficientnet_lite0", size=32)
    few = tl.load_task("digits", shots=20).train
    codes = [
        tl.training.pooled(tl.encode(backbone, few.inputs, until=depth)).cpu() for depth in DEPTHS
    ]
    classifier, labels = unfitted_probe("softmax"), few.labels.numpy()
    return {
        f"{depth}, {rows.shape[1]} features": partial(
            cross_val_score, classifier, rows.numpy(), labels, cv=5
        )
        for depth, rows in zip(DEPTHS, codes, strict=True)
    }


def seconds(work: Callable[[], object], threads: int) -> float:
    """Return the median seconds of the work with so many threads, after a run to warm up."""
    taken = []
    with threadpool_limits(threads, user_api="blas"):
        for _ in range(REPEATS + 1):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def main() -> None:
    """Print the seconds: a row for each depth, a column for each number of threads."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    counts = sorted({1, 2, os.cpu_count() or 1})
    table = {name: {n: seconds(work, n) for n in counts} for name, work in probes().items()}
    if given.json:
        print(json.dumps(table))
    else:
        print(pd.DataFrame(table).T.rename_axis(columns="threads").round(3).to_string())


if __name__ == "__main__":
    main()
