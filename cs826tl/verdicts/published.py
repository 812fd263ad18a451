"""How the course's methods score under published protocols, beside the published scores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cs826tl._errors import unknown

FILE = Path(__file__).with_name("published_scores.json")
OURS, PUBLISHED, RANK = "ours", "published", "rank"
Row = list[float | None]


def published_scores(name: str) -> pd.DataFrame:
    """Return our scores beside the published ones: `simulated` [C06] or `split_mnist` [C12].

    `simulated` holds accuracies, 0 to 1, on the four shifts of SKADA-Bench (Lalou et al. 2024,
    arXiv:2407.11676). `split_mnist` holds per cent in three scenarios (van de Ven and Tolias 2019,
    arXiv:1904.07734). `rank` says for each column how many published scores are higher, plus one;
    a bound, which is told what a method is not, has none. `python -m benchmarks.published --store`
    measures ours again. The pitfall: ranks compare single numbers, and many differ by less than
    their spread.

    Raises `ValueError` for another name.

    >>> published_scores("split_mnist").loc[("published", "EWC"), "class"].item()
    20.01
    """
    known = json.loads(FILE.read_text(encoding="utf-8"))
    if name not in known:
        raise unknown("published protocol", name, known)
    return as_table(known[name])


def as_table(kept: Mapping[str, Any]) -> pd.DataFrame:
    """Return a protocol's scores as a table: `columns`, `bounds`, and rows `ours`, `published`.

    >>> kept = {"columns": ["shift"], "bounds": [], "ours": {"A": [0.7]}, "published": {"B": [0.8]}}
    >>> as_table(kept)["rank"].tolist()
    ['2', '1']
    """
    rows = {(whose, way): kept[whose][way] for whose in (OURS, PUBLISHED) for way in kept[whose]}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=kept["columns"], dtype=float)
    frame.index = pd.MultiIndex.from_tuples(frame.index)
    rivals = [row for way, row in kept[PUBLISHED].items() if way not in kept["bounds"]]
    frame[RANK] = [
        "–" if way in kept["bounds"] else " · ".join(map(str, ranks(row, rivals)))
        for (_, way), row in rows.items()
    ]
    return frame


def ranks(row: Row, rivals: Iterable[Row]) -> list[int | str]:
    """Return the row's rank among its rivals in every column, 1 for the best; equals share it.

    >>> ranks([0.8, 0.7, None], [[0.9, 0.7, 0.1], [0.6, 0.2, 0.3]])
    [2, 1, '–']
    """
    columns = zip(row, *rivals, strict=True)
    return [
        _rank(score, [other for other in others if other is not None]) for score, *others in columns
    ]


def _rank(score: float | None, others: list[float]) -> int | str:
    return "–" if score is None else 1 + sum(other > score for other in others)
