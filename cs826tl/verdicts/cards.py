"""Cards: what a trial found of a claim, in words that a lecture can repeat."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from cs826tl._errors import unknown

FINDINGS = Path(__file__).with_name("findings.json")  # written by `python -m tools.claims`


@dataclass(frozen=True)
class Card:
    """A claim, its verdict and the numbers that decide it; `card` reads it.

    >>> card("C02").claim
    'C02'
    """

    claim: str
    source: str
    sentence: str
    verdict: str
    numbers: tuple[str, ...]
    trial: str  # the notebook's name, without its ending

    def __repr__(self) -> str:
        lines = [f"[{self.claim}] {self.source}: {self.sentence}", f"Verdict: {self.verdict}."]
        lines += [f"  {number}" for number in self.numbers]
        return "\n".join([*lines, f"The whole trial: {self._place}"])

    def _repr_html_(self) -> str:
        verdict = self.verdict[:1].upper() + self.verdict[1:]
        numbers = "".join(f"<li>{escape(number)}</li>" for number in self.numbers)
        return (
            "<div style='border:2px solid #0072B2;border-radius:6px;padding:0.2em 1em'>"
            f"<p><b>{self.source}</b> [{self.claim}]: {escape(self.sentence)}</p>"
            f"<p style='font-size:120%'><b>{escape(verdict)}.</b></p>"
            f"<ul>{numbers}</ul><p><a href='{self._place}' style='color:inherit'>"
            "The whole trial</a></p></div>"
        )

    @property
    def _place(self) -> str:
        return f"trials/{self.trial}.ipynb"


def card(claim: str, number: int = 1) -> Card:
    """Return the card of a claim: its words, the verdict, and the numbers that decide it.

    The numbers were measured by a trial, a notebook of its own, over all its seeds; the card links
    to it. Nothing is measured here. `claim` is such as `"C01"`; `number` counts its verdicts from
    1: after the claim come its parts, and what else we asked. Raises `ValueError` for a claim that
    is on no trial, or one without so many verdicts.

    >>> card("C02").trial, card("C09", 2).source
    ('C02_same_distribution', 'We also asked')
    """
    everything = [(trial, found) for trial in _findings() for found in _findings()[trial]]
    verdicts = [(trial, found) for trial, found in everything if found["claim"] == claim]
    if not verdicts:
        raise unknown("claim on trial", claim, sorted({found["claim"] for _, found in everything}))
    if not 1 <= number <= len(verdicts):
        raise ValueError(f"number={number}: {claim} has verdicts 1 to {len(verdicts)}")
    trial, found = verdicts[number - 1]
    numbers = tuple(check["words"] for check in found["checks"] if check["words"])
    return Card(claim, found["source"], found["slide"], found["verdict"], numbers, trial)


@cache
def _findings() -> dict[str, list[dict[str, Any]]]:
    """Return what each trial found, by the name of its notebook."""
    trials: dict[str, list[dict[str, Any]]] = json.loads(FINDINGS.read_text(encoding="utf-8"))
    return trials
