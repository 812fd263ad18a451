"""The tally of a notebook's guesses."""

from __future__ import annotations

from dataclasses import dataclass

from cs826tl.widgets.guessing.guesses import Guess
from cs826tl.widgets.kit.prose import to_html


@dataclass(frozen=True)
class Surprises:
    """A tally of guesses: how many results were surprises, and which."""

    guesses: tuple[Guess, ...]

    def __repr__(self) -> str:
        made = [guess.surprised for guess in self.guesses if guess.surprised is not None]
        if not made:
            return "No guess yet. Run the notebook from the top, and commit before each result."
        return f"{sum(made)} of {len(made)} results surprised you."

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{c}</th>" for c in ("", "guess", "measured", "surprise"))
        rows = "".join(f"<tr>{''.join(_row(guess))}</tr>" for guess in self.guesses)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f"<p><b>Surprises.</b> {self!r}</p>{table}"


def surprises(*guesses: Guess) -> Surprises:
    """Return a tally of guesses, beside what was measured, as a table in the notebook.

    >>> from cs826tl.widgets import guess
    >>> surprises(guess("Heads?", choices=("heads", "tails")).reveal("tails"))
    No guess yet. Run the notebook from the top, and commit before each result.
    """
    return Surprises(guesses)


def _row(guess: Guess) -> list[str]:
    """Return a row's cells, without a number that nobody guessed: every run has its own."""
    known = guess.scale.same_in_every_run or guess.guessed is not None
    surprise = {None: "–", True: "! yes", False: "✓ no"}[guess.surprised]
    texts = [guess.words(guess.guessed), guess.words(guess.measured if known else None), surprise]
    cells = (f"<td>{to_html(text, typeset=False)}</td>" for text in texts)
    return [f"<th scope='row'>{to_html(guess.question, typeset=False)}</th>", *cells]
