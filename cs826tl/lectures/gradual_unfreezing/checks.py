"""The instant check of lecture 08's exercise: a fair comparison of ways and rates [C14]."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

ROWS = pd.DataFrame(
    {
        "way": ["recipe", "recipe", "recipe", "plain", "plain", "plain"],
        "rate": [0.001, 0.01, 0.1, 0.001, 0.01, 0.1],
        "validation": [40.0, 61.0, 58.0, 70.0, 66.0, 10.0],
        "test": [42.0, 60.0, 63.0, 68.0, 71.0, 12.0],
    }
)


def check_fair(yours: Callable[[pd.DataFrame], Mapping[str, float]]) -> str:
    """Say whether `yours(rows)` has each way's test accuracy at the rate that validation chose.

    >>> check_fair(lambda rows: {}).partition(":")[0]
    'Not yet'
    >>> def fair(rows):
    ...     best = rows.loc[rows.groupby("way")["validation"].idxmax()]
    ...     return dict(zip(best["way"], best["test"]))
    >>> check_fair(fair).partition(":")[0]
    'Right'
    """
    said = yours(ROWS.copy())
    if not isinstance(said, Mapping | pd.Series) or {*said.keys()} != {*ROWS["way"]}:
        return "Not yet: return a dictionary with one number for each way."
    found = {way: float(value) for way, value in said.items()}
    by_way = ROWS.groupby("way")
    at_one = {rate: rows.set_index("way")["test"].to_dict() for rate, rows in ROWS.groupby("rate")}
    answers = [
        (ROWS.loc[by_way["validation"].idxmax()].set_index("way")["test"].to_dict(),
         "Right: validation chose the rate, and the test was asked once for each way."),
        (by_way["test"].max().to_dict(),
         "Not yet: you took the best test accuracy. Then the test has chosen the rate."),
        (by_way["validation"].max().to_dict(),
         "Not yet: that is the validation accuracy, which has chosen the rate. Ask the test."),
        (ROWS.loc[by_way["validation"].idxmax()].set_index("way")["rate"].to_dict(),
         "Not yet: those are the chosen rates. Return the test accuracies at them."),
        (by_way["test"].mean().to_dict(),
         "Not yet: a mean over the rates blames a way for rates that nobody would use."),
        *((same, "Not yet: one rate for both. Choose a rate for each way.")
          for same in at_one.values()),
    ]  # fmt: skip
    close = [words for answer, words in answers if answer == found]
    return close[0] if close else "Not yet: at each way's best validation accuracy, take its test."
