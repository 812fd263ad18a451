"""Record guesses and quizzes: what is said to every answer."""

from __future__ import annotations

import itertools
from typing import Any

from cs826tl.widgets.guesses import Guess
from cs826tl.widgets.prose import to_html
from cs826tl.widgets.questions import NumberQuestion, Question
from cs826tl.widgets.quizzes import Quiz
from cs826tl.widgets.scales import Choices, Value

SEVERAL = 6  # options of which every choice is recorded


def record_guess(guess: Guess, measured: Value | None, within: float | None) -> dict[str, Any]:
    """Return a guess's recording: what is said to each, and what was measured, if it is known."""
    ask = Guess(guess.question, guess.scale)
    base = dict(ask.state)
    answers = {}
    for value in possible(guess):
        ask.commit(value)
        surprise = None if measured is None else guess.scale.surprised(value, measured, within)
        answers[str(value)] = {
            "guessed": ask.state["guessed"],
            "words": to_html(ask.words(value)),
            "surprised": surprise,
        }
    nothing = "Choose first, then commit." if isinstance(guess.scale, Choices) else None
    return {
        "kind": "guess",
        "base": base,
        "answers": answers,
        "measured": None if measured is None else to_html(guess.words(measured)),
        "nothing": nothing or "Type a number, such as 12 or 0.5.",
    }


def possible(guess: Guess) -> list[Value]:
    """Return what can be guessed in a page: every choice, or every step of the range.

    >>> from cs826tl.widgets import guess
    >>> possible(guess("How much?", low=0, high=1, step=0.25))
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if isinstance(guess.scale, Choices):
        return list(guess.scale.options)
    low, high, step = guess.scale.low, guess.scale.high, guess.scale.step
    return [round(low + k * step, 9) + 0.0 for k in range(int((high - low) / step + 1e-9) + 1)]


def record_quiz(quiz: Quiz) -> dict[str, Any]:
    """Return a quiz's recording: what is said to every answer, and every tally."""
    base = dict(quiz.state)
    total = len(quiz.questions)
    return {
        "kind": "quiz",
        "base": base,
        "answers": [_answers(quiz, k, question) for k, question in enumerate(quiz.questions)],
        "tallies": [f"{right} of {total} right" for right in range(total + 1)],
    }


def _answers(quiz: Quiz, number: int, question: Question) -> dict[str, Any]:
    if isinstance(question, NumberQuestion):
        near, far = str(question.answer), str(question.answer + 2 * question.within + 1)
        said = {"right": _said(quiz, number, near), "wrong": _said(quiz, number, far)}
        nothing = _said(quiz, number, "")
        return {"answer": question.answer, "within": question.within, **said, "nothing": nothing}
    options = range(len(question.options))
    most = 1 if question.kind == "one" else min(len(options), SEVERAL)
    chosen = itertools.chain(*(itertools.combinations(options, k) for k in range(1, most + 1)))
    said = {",".join(map(str, some)): _said(quiz, number, some) for some in chosen}
    return {"said": said, "nothing": _said(quiz, number, ())}


def _said(quiz: Quiz, number: int, given: Any) -> dict[str, Any]:
    quiz.answer(number, list(given) if isinstance(given, tuple) else given)
    result: dict[str, Any] = quiz.state["results"][number]
    return result
