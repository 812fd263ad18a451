"""A slide's claim beside what was measured, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Verdict:
    """What the slide says, what we measured, and the verdict: what a lecture's section ends on.

    `measured` says in words what was found, with the bound it was held against, and whether it
    was so this time. Write bounds that hold for other seeds and machines, never the digits of one
    run: `{"accuracy ≥ 0.90": accuracy >= 0.90}`. If one fails here, the verdict is withdrawn.

    >>> Verdict("C07", "Fine-tuning adapts the network.", {"accuracy ≥ 0.90": True}, "holds")
    [C07] The slide says: Fine-tuning adapts the network.
      ✓ accuracy ≥ 0.90
    Verdict: holds
    """

    claim: str
    slide: str
    measured: Mapping[str, bool]
    verdict: str

    @property
    def stands(self) -> bool:
        """Say whether everything was measured as the verdict needs it."""
        return all(self.measured.values())

    @property
    def _conclusion(self) -> str:
        return self.verdict if self.stands else "withdrawn: this run measured something else"

    def __repr__(self) -> str:
        found = [f"  {'✓' if so else '✗'} {what}" for what, so in self.measured.items()]
        opening = f"[{self.claim}] The slide says: {self.slide}"
        return "\n".join([opening, *found, f"Verdict: {self._conclusion}"])

    def _repr_html_(self) -> str:
        found = "".join(
            f"<li style='list-style:none'>{'✓' if so else '✗'} {escape(what)}</li>"
            for what, so in self.measured.items()
        )
        return (
            "<div style='border-left:4px solid #0072B2;padding:0.2em 1em'>"
            f"<p><b>The slide says</b> [{self.claim}]: {escape(self.slide)}</p>"
            f"<p><b>We measured</b></p><ul style='padding-left:1em'>{found}</ul>"
            f"<p><b>Verdict</b>: {escape(self._conclusion)}</p></div>"
        )
