"""Guesses without a browser: committing, revealing, surprises, and what a notebook stores."""

import json
import re

import numpy as np
import pytest
import torch

from cs826tl.widgets import guess, surprises
from cs826tl.widgets.guesses import Guess

CHOICES = ("none", "some", "all nine")


def moved() -> Guess:
    return guess("How many stages move?", choices=CHOICES)


def gap() -> Guess:
    return guess("How far does accuracy fall?", low=0, high=1, step=0.05, unit="points")


def send(shown: Guess, value: object) -> None:
    """Commit as the browser does."""
    shown._handle_custom_msg({"guess": value}, [])


def test_a_guess_stands_beside_what_was_measured() -> None:
    shown = moved()
    send(shown, "some")
    assert (shown.state["committed"], shown.state["revealed"]) == (True, False)
    assert shown.reveal("all nine") is shown
    assert (shown.state["guessed"], shown.state["measured"]) == ("some", "all nine")
    assert shown.surprised is shown.state["surprised"] is True


def test_a_guess_may_change_until_the_result_is_shown() -> None:
    shown = moved()
    send(shown, "some")
    send(shown, "all nine")
    shown.reveal("all nine")
    assert shown.surprised is False
    send(shown, "none")
    assert "too late" in shown.state["alert"]
    assert shown.guessed == "all nine"


def test_nothing_waits_for_a_guess() -> None:
    shown = moved().reveal("none")
    assert shown.surprised is None
    assert (shown.state["committed"], shown.state["measured"]) == (False, "none")


@pytest.mark.parametrize(
    ("guessed", "measured", "within", "surprised"),
    [
        (0.7, 0.8, 0.1, False),  # 0.8 - 0.7 is a little above 0.1 in floating point
        (0.2, 0.31, 0.1, True),
        (0.4, 0.31, 0.1, False),
        (0.3, 0.35, None, False),  # one step
        (0.3, 0.36, None, True),
        (0.0, -0.2, 0.1, True),  # a result may lie outside of what was offered
        (0.3, np.float64(0.3), 0, False),
        (0.5, torch.tensor(0.5), 0, False),
    ],
)
def test_a_number_surprises_beyond_its_tolerance(
    guessed: float, measured: object, within: float | None, surprised: bool
) -> None:
    shown = gap()
    send(shown, str(guessed))
    assert shown.reveal(measured, within=within).surprised is surprised


@pytest.mark.parametrize(
    ("value", "alert"),
    [
        ("", "Type a number"),
        ("half", "Type a number"),
        (None, "Type a number"),
        ("nan", "Type a number"),
        ("1.5", "1.5 is out of range: give a number from 0 to 1 points"),
        ("-1", "out of range"),
    ],
)
def test_no_number_in_the_range_is_said_and_not_taken(value: object, alert: str) -> None:
    shown = gap()
    send(shown, value)
    assert alert in shown.state["alert"]
    assert shown.guessed is None
    send(shown, "0.5")
    assert shown.state["alert"] == ""


def test_no_choice_is_said_and_not_taken() -> None:
    shown = moved()
    for value, alert in [(None, "Choose first"), ("many", "no choice named 'many'")]:
        send(shown, value)
        assert alert in shown.state["alert"]
    assert shown.guessed is None


@pytest.mark.parametrize("result", ["half", 3])
def test_a_result_that_nobody_could_have_guessed_is_refused(result: object) -> None:
    with pytest.raises(ValueError, match=f"no choice named {result!r}.*none, some, all nine"):
        moved().reveal(result)
    with pytest.raises(ValueError, match="measured='all nine': give a number"):
        gap().reveal("all nine")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "either choices, or low, high and step"),
        ({"low": 0, "high": 1}, "either choices, or low, high and step"),
        ({"choices": CHOICES, "low": 0}, "either choices, or low, high and step"),
        ({"choices": ("one",)}, "two or more"),
        ({"choices": ("one", "one")}, "no two alike"),
        ({"low": 1, "high": 0, "step": 0.1}, "low below high"),
        ({"low": 0, "high": 1, "step": 0}, "a step between"),
        ({"low": 0, "high": 1, "step": 2}, "a step between"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    arguments: dict[str, object], error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        guess("What?", **arguments)  # type: ignore[arg-type]


def bundle(shown: Guess) -> str:
    data, _ = shown._repr_mimebundle_()
    return json.dumps([data["text/html"], data["text/plain"]], ensure_ascii=False)


def test_what_a_notebook_stores_has_the_question_and_no_measured_digit() -> None:
    one, two = moved(), gap()
    assert all(choice in bundle(one) for choice in ("How many stages move?", *CHOICES))
    assert "A number from 0 to 1 points." in bundle(two)
    assert "<b>Measured:</b> all nine" in bundle(one.reveal("all nine"))
    assert bundle(gap().reveal(0.31)) == bundle(gap().reveal(0.62))
    assert not re.search(r"\d", bundle(two.reveal(0.31)))


def test_the_page_knows_no_result_before_it_is_revealed() -> None:
    shown = moved()
    assert shown.state["measured"] == "–"
    assert shown.reveal("some").state["measured"] == "some"


def test_surprises_counts_what_was_guessed() -> None:
    one, two, three = moved(), gap(), moved()
    send(one, "none")
    send(two, "0.3")
    tally = surprises(one.reveal("all nine"), two.reveal(0.32), three.reveal("some"))
    assert repr(tally) == "1 of 2 results surprised you."
    rows = re.findall(r"<tr><th scope='row'>.*?</tr>", tally._repr_html_())
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert cells == [
        ["none", "all nine", "! yes"],
        ["0.3 points", "0.32 points", "✓ no"],
        ["–", "some", "–"],
    ]


def test_surprises_without_a_guess_is_the_same_in_every_run() -> None:
    runs = [surprises(moved().reveal("some"), gap().reveal(x)) for x in (0.31, 0.62)]
    assert runs[0]._repr_html_() == runs[1]._repr_html_()
    assert "No guess yet" in repr(runs[0])
    assert "some" in runs[0]._repr_html_()
    assert "–" in surprises(moved())._repr_html_()  # not even measured yet
