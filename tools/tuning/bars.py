"""Say which verdicts would be contradicted by bars that are half as high, or twice.

Usage: `python -m tools.tuning.bars`. A bar says how much of a difference counts. No data can choose
that; a person has. So here the bars are moved, and what the checks then contradict is printed.
Nothing is run: the intervals are those of the stored notebooks, rounded as they are shown.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from cs826tl.verdicts.checks import Check, Outcome
from cs826tl.verdicts.verdict import agrees
from tools.claims import findings
from tools.notebooks import by_number

FACTORS = (0.5, 2.0)
BARS = {"≥": "at_least", "≤": "at_most", "±": "within"}
NUMBER = r"[−\d.,]*\d"
FOUND = re.compile(rf"({NUMBER})(?: \[({NUMBER}), ({NUMBER})\])?.*; bar ([≥≤±]) ({NUMBER})")


def outcome(check: dict[str, Any], factor: float) -> Outcome:
    """Return how a stored check comes out with a bar that is `factor` times as high.

    A bar of zero has no half, and one from 0.5 to 1 is a share of all, which has no double. They
    stay, like the bars of what was counted.

    >>> found = "0.08 [0.06, 0.09]; bar ≥ 0.05"
    >>> str(outcome({"outcome": "✓", "how": "measured", "found": found}, 2))
    '✗'
    """
    shown = FOUND.match(check["found"])
    height = _number(shown[5]) if shown and check["how"] == "measured" else 0.0
    if not shown or not height or 0.5 <= height <= 1:
        return Outcome(check["outcome"])
    value = _number(shown[1])
    between = (_number(shown[2]), _number(shown[3])) if shown[2] else (value, value)
    bar: dict[str, Any] = {BARS[shown[4]]: factor * height}
    return Check("", value, interval=between, **bar).outcome


def _number(shown: str) -> float:
    return float(shown.replace("−", "-").replace(",", ""))


def contradicted(stored: Iterable[dict[str, Any]], factor: float) -> Iterator[dict[str, Any]]:
    """Yield the findings whose verdict does not agree with its checks, once the bars are moved."""
    for finding in stored:
        if not agrees(finding["verdict"], [outcome(check, factor) for check in finding["checks"]]):
            yield finding


def main() -> int:
    """Print what would be contradicted, factor by factor."""
    stored = [finding for path in by_number().values() for finding in findings(path)]
    for factor in FACTORS:
        found = list(contradicted(stored, factor))
        print(f"bars {factor:g} times as high: {len(found)} of {len(stored)} verdicts contradicted")
        for finding in found:
            name = finding["notebook"].stem.partition("_")[0]
            print(f"  {name} [{finding['claim']}] {finding['verdict']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
