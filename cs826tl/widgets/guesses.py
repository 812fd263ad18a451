"""Guesses: commit to one before a result, see it beside the result, and count the surprises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from cs826tl.widgets.base import CourseWidget, front_end
from cs826tl.widgets.prose import to_html
from cs826tl.widgets.scales import Choices, Range, Value


class Guess(CourseWidget):
    """A question to commit to before its result is shown; `guess` makes it.

    `guessed` and `measured` are None until they are there. Nothing waits for a guess.
    """

    _esm = front_end(__file__, "guess.js")
    _css = front_end(__file__, "guess.css")
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, question: str, scale: Choices | Range) -> None:
        self.question, self.scale = question, scale
        self.guessed: Value | None = None
        self.measured: Value | None = None
        self._within: float | None = None
        self._alert = ""
        super().__init__(state=self._state())
        self.on_msg(self._obey)

    @property
    def name(self) -> str:
        """What this widget is called if it cannot be shown."""
        return "Guess"

    @property
    def surprised(self) -> bool | None:
        """Whether the result is not what was guessed; None without a guess or a result."""
        if self.guessed is None or self.measured is None:
            return None
        return self.scale.surprised(self.guessed, self.measured, self._within)

    def commit(self, value: object) -> None:
        """Commit to a guess, in the place of any earlier one.

        Raises `ValueError` for what is no possible guess, and once the result is shown.
        """
        if self.measured is not None:
            raise ValueError("The result has been shown: it is too late to guess.")
        self.guessed = self.scale.read_guess(value)
        self.show()

    def reveal(self, measured: object, within: float | None = None) -> Guess:
        """Show what was measured beside the guess, if there is one, and accept no other guess.

        A number is no surprise up to `within` off the guess (None: one step).

        Raises `ValueError` for a result that is none of the choices, or no number.
        """
        self.measured, self._within = self.scale.read_result(measured), within
        self.show()
        return self

    def show(self) -> None:
        """Bring what the browser draws up to date."""
        self.state = self._state()

    def stand_in(self) -> str:
        """Return the question and what can be guessed, later the result unless it is a number."""
        ask = f"<p><b>Guess.</b> {to_html(self.question, typeset=False)}</p>"
        if self.measured is None:
            return ask + self.scale.stand_in()
        if not self.scale.same_in_every_run:
            return f"{ask}<p>Run this cell to see your guess beside what was measured.</p>"
        return f"{ask}<p><b>Measured:</b> {to_html(self.words(self.measured), typeset=False)}</p>"

    def words(self, value: Value | None) -> str:
        """Return the guess or the result as it is shown, a dash for none."""
        return "–" if value is None else self.scale.words(value)

    def _obey(self, _: object, message: dict[str, Any], __: object) -> None:
        self._alert = ""
        try:
            self.commit(message["guess"])
        except ValueError as problem:
            self._alert = str(problem)
        self.show()

    def _state(self) -> dict[str, Any]:
        return {
            **self.scale.drawn(),
            "question": to_html(self.question),
            "guessed": to_html(self.words(self.guessed)),
            "measured": to_html(self.words(self.measured)),
            "committed": self.guessed is not None,
            "revealed": self.measured is not None,
            "surprised": self.surprised,
            "alert": self._alert,
        }


def guess(
    question: str,
    *,
    choices: Sequence[str] | None = None,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    unit: str = "",
) -> Guess:
    """Return a question to commit to before its result: one of `choices`, or a number.

    Make it the last expression of its cell, and `reveal` that of the result's. A number goes from
    `low` to `high` in steps of `step`, and `unit` is written behind it. Raises `ValueError` unless
    there are `choices`, or `low`, `high` and `step`.

    >>> moved = guess("How many stages will move?", choices=("none", "some", "all nine"))
    >>> moved.commit("none")  # as the button does
    >>> moved.reveal("all nine").surprised
    True
    """
    if choices is not None and low is None and high is None and step is None:
        return Guess(question, Choices(tuple(choices)))
    if choices is None and low is not None and high is not None and step is not None:
        return Guess(question, Range(low, high, step, unit))
    raise ValueError("give either choices, or low, high and step")


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
