"""What large codes reached in lecture 11, for a machine on which they are not fetched."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

TABLE = Path(__file__).with_name("measured_codes.tsv")


def codes_table() -> dict[str, dict[str, list[float]]]:
    """Return accuracies by kind of code and by domain: one for each seed.

    Readers learnt from film reviews and are asked about four domains. The table is written by
    `python -m tools.tuning.lecture_11_readers --codes`, which needs both models.

    >>> sorted(codes_table())
    ['sentences (MiniLM)', 'words (GloVe)']
    """
    rows = pd.read_csv(TABLE, sep="\t").groupby(["codes", "domain"], sort=False)["accuracy"]
    table: dict[str, dict[str, list[float]]] = {}
    for (codes, domain), accuracies in rows:
        table.setdefault(str(codes), {})[str(domain)] = accuracies.tolist()
    return table
