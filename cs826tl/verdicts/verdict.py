"""A slide's claim, what it predicts, what was measured, and the verdict that follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from cs826tl.verdicts.checks import Check, Outcome

WITHDRAWN = "withdrawn: this run measured something else"
METADATA = "cs826tl"  # the key under which an output's metadata holds its verdicts

# What the outcomes of the checks must be for each verdict, by the words that it begins with.
# Where more checks say no than leave it open, it is not too close to call.
_RULES: dict[str, Callable[[Counter[Outcome]], bool]] = {
    "holds only": lambda found: 0 < found[Outcome.TRUE] < found.total(),
    "holds": lambda found: found[Outcome.TRUE] == found.total(),
    "does not hold": lambda found: found[Outcome.FALSE] > 0,
    "too close to call": lambda found: 0 < found[Outcome.OPEN] >= found[Outcome.FALSE],
}


def agrees(verdict: str, outcomes: Sequence[Outcome]) -> bool:
    """Say whether a verdict, by the words that it begins with, agrees with its checks' outcomes.

    >>> agrees("holds only at home", [Outcome.TRUE, Outcome.OPEN]), agrees("holds", [Outcome.OPEN])
    (True, False)
    """
    answer = next(answer for answer in _RULES if verdict.startswith(answer))
    return _RULES[answer](Counter(outcomes))


@dataclass(frozen=True)
class Verdict:
    """What the slide says, what that predicts, what was measured, and the verdict.

    Write checks that the claim *predicts*, so that they fail if the claim is wrong. The verdict
    begins with one of four answers, and stands only while the checks agree: *holds* (every check
    is ✓), *holds only when …* (some are, some are not), *does not hold* (one is ✗), *too close to
    call …* (one is ?, and no more are ✗). A run that disagrees withdraws it. `at` names what it was
    measured on: the network, its weights, the sizes. `changes` says what would change the verdict.
    With `ours`, the sentence is no slide's and no paper's: it is headed *We also asked*.

    Raises `ValueError` for another beginning or no checks.

    >>> from cs826tl import Check
    >>> ahead = Check("fine-tuning is ahead of training from scratch", [0.2, 0.3, 0.25], at_least=0)
    >>> Verdict("C07", "Fine-tuning adapts the network.", [ahead], "holds", at="Small VGG on MNIST")
    [C07] The slide says: Fine-tuning adapts the network.
      ✓ fine-tuning is ahead of training from scratch: 0.25 [0.13, 0.37]; bar ≥ 0.00
    Small VGG on MNIST; 3 seeds
    Verdict: holds
    """

    claim: str
    slide: str
    checks: Sequence[Check]
    verdict: str
    at: str = ""
    changes: str = ""
    ours: bool = False

    def __post_init__(self) -> None:
        if not self.checks:
            raise ValueError(f"the verdict on {self.claim} needs one check or more")
        if not any(self.verdict.startswith(answer) for answer in _RULES):
            answers = ", ".join(f"{answer!r}" for answer in _RULES)
            raise ValueError(f"a verdict begins with {answers}; got {self.verdict!r}")

    @property
    def source(self) -> str:
        """Who says it: the slide (C01, C02, …), the paper (N01, N02, …), or nobody but us."""
        if self.ours:
            return "We also asked"
        return "The paper says" if self.claim.startswith("N") else "The slide says"

    @property
    def stands(self) -> bool:
        """Whether the checks came out as the verdict needs it."""
        return agrees(self.verdict, [check.outcome for check in self.checks])

    @property
    def conclusion(self) -> str:
        """The verdict, or the word that this run withdraws it."""
        return self.verdict if self.stands else WITHDRAWN

    @property
    def conditions(self) -> str:
        """What it was measured on, and with how many seeds."""
        seeds = sorted({check.seeds for check in self.checks if check.how == "measured"} - {1})
        counted = [f"{' or '.join(map(str, seeds))} seeds"] if seeds else []
        return "; ".join(([self.at] if self.at else []) + counted)

    def __repr__(self) -> str:
        lines = [f"[{self.claim}] {self.source}: {self.slide}"]
        lines += [f"  {check}" for check in self.checks]
        lines += [self.conditions] if self.conditions else []
        lines += [f"Verdict: {self.conclusion}"]
        lines += [f"What would change it: {self.changes}"] if self.changes else []
        return "\n".join(lines)

    def _html(self) -> str:
        style = "list-style:none"
        found = "".join(f"<li style='{style}'>{escape(repr(check))}</li>" for check in self.checks)
        conditions = f"<p>{escape(self.conditions)}</p>" if self.conditions else ""
        changes = f"<p>What would change it: {escape(self.changes)}</p>" if self.changes else ""
        return (
            "<div style='border-left:4px solid #0072B2;padding:0.2em 1em'>"
            f"<p><b>{self.source}</b> [{self.claim}]: {escape(self.slide)}</p>"
            f"<ul style='padding-left:1em'>{found}</ul>{conditions}"
            f"<p><b>Verdict</b>: {escape(self.conclusion)}</p>{changes}</div>"
        )

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, object]]:
        data = {"text/plain": repr(self), "text/html": self._html()}
        return data, {METADATA: [self.as_dict()]}

    def as_dict(self) -> dict[str, Any]:
        """Return everything that a table of claims needs, as plain data."""
        return {
            "claim": self.claim,
            "slide": self.slide,
            "checks": [
                {
                    "outcome": str(c.outcome),
                    "sentence": c.sentence,
                    "how": c.how,
                    "found": c.found,
                    "words": c.in_words,
                }
                for c in self.checks
            ],
            "source": self.source,
            "conditions": self.conditions,
            "verdict": self.conclusion,
            "changes": self.changes,
        }


@dataclass(frozen=True)
class Findings:
    """The table with which a lecture ends: each claim, what was measured, verdict, what changes it.

    `verdicts` are the lecture's, in its order. `docs/claims.md` is generated from these tables.

    >>> from cs826tl import Check
    >>> check = Check("VGG16 has 138 million parameters", 138.4, at_least=138, how="counted")
    >>> Findings(Verdict("C15", "VGG16 is large.", [check], "holds", changes="nothing"))
    C15  VGG16 is large.  →  holds
    """

    verdicts: tuple[Verdict, ...]

    def __init__(self, *verdicts: Verdict) -> None:
        object.__setattr__(self, "verdicts", verdicts)

    def __repr__(self) -> str:
        return "\n".join(f"{v.claim}  {v.slide}  →  {v.conclusion}" for v in self.verdicts)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, object]]:
        data = {"text/plain": repr(self), "text/html": self._html()}
        return data, {METADATA: [verdict.as_dict() for verdict in self.verdicts]}

    def _html(self) -> str:
        head = "".join(
            f"<th scope='col' style='text-align:left'>{name}</th>"
            for name in ("Claim", "What was measured", "Verdict", "What would change it")
        )
        rows = "".join(self._row(verdict) for verdict in self.verdicts)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _row(self, verdict: Verdict) -> str:
        found = "<br>".join(escape(repr(check)) for check in verdict.checks)
        cells = (
            f"<b>{verdict.claim}</b> {escape(verdict.slide)}",
            f"{found}<br>{escape(verdict.conditions)}",
            escape(verdict.conclusion),
            escape(verdict.changes),
        )
        style = "text-align:left;vertical-align:top"
        return "<tr>" + "".join(f"<td style='{style}'>{cell}</td>" for cell in cells) + "</tr>"
