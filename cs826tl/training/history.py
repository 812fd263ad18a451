"""What happened during training, epoch by epoch and step by step."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import pandas as pd

from cs826tl._errors import unknown

Result = TypeVar("Result")


@dataclass
class History:
    """One row per epoch, row 0 before the first; and why training stopped, if it stopped early.

    The columns: `epoch`, `loss` and `accuracy` while training on the training split (none in row
    0), `validation_loss`, `validation_accuracy`, one `NAME_accuracy` for every task watched, and
    `seconds` since the start.

    >>> history = History([{"epoch": 0, "accuracy": 0.1}, {"epoch": 1, "accuracy": 0.8}])
    >>> history["accuracy"]
    [0.1, 0.8]
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    stopped: str = ""

    def __getitem__(self, column: str) -> list[float]:
        """Return one column as a list; `ValueError` lists the columns if there is none."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        if column not in columns:
            raise unknown("column", column, columns)
        return [row.get(column, float("nan")) for row in self.rows]

    def table(self) -> pd.DataFrame:
        """Return the rows as a table, with the epoch as its index."""
        columns = None if self.rows else ["epoch"]  # interrupted before the first row
        return pd.DataFrame(self.rows, columns=columns).set_index("epoch")

    def __repr__(self) -> str:
        note = f" — {self.stopped}" if self.stopped else ""
        return f"History of {max(len(self.rows) - 1, 0)} epochs{note}"

    def _repr_html_(self) -> str:
        """Show the table where Jupyter shows the history."""
        note = f"<p>{self.stopped}</p>" if self.stopped else ""
        return self.table().round(3).to_html(na_rep="") + note


class Doing(StrEnum):
    """What a step of training did."""

    ENCODING = "computing codes"
    START = "start"  # all codes are there, and row 0 of the history is measured
    BEGIN_EPOCH = "begin epoch"  # nothing yet: the weights are as the last epoch left them
    TRAINING = "training"
    MEASURING = "measuring"
    END_EPOCH = "end epoch"  # the epoch is measured, and its row is in the history
    STOP = "stop"  # early, for the reason in `History.stopped`


@dataclass(frozen=True)
class Step:
    """What was done, with how many `images`; and the `History` row, if one was added."""

    doing: Doing
    images: int = 0
    row: dict[str, float] | None = None


Steps = Generator[Step, None, Result]  # what is done bit by bit, and what has come out in the end


def finish(steps: Steps[Result], look_on: Callable[[Step], Any] = lambda step: None) -> Result:
    """Do all the steps, show each to who looks on, and return what has come out."""
    while True:
        try:
            look_on(next(steps))
        except StopIteration as end:
            result: Result = end.value
            return result
