"""What is looked up wins nothing: hidden cases are found neither in public data nor in a seed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from cs826tl_grader import Function
from cs826tl_grader.exercise.source import Exercise, find_exercises
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.marks import Marking
from cs826tl_grader.plain.exchange import pack
from tests.grader.submissions import HERE

FOLDER = Path(__file__).parents[2] / "notebooks" / "exercises"
EXERCISES = {exercise.name: exercise for exercise in find_exercises(FOLDER)}
LOOKUPS = sorted((HERE / "lookups").glob("*.txt"))
ASKED = [
    (exercise.name, question.name)
    for exercise in EXERCISES.values()
    for question in exercise.rubric.questions
    if isinstance(question, Function)
]
KEY = b"the key of these tests"


def marking(exercise: Exercise, secret: bytes) -> Marking:
    return Marking(exercise, "ada", variant_of(exercise.rubric, "ada", KEY), secret, 60.0)


def wins(question: Function, one: Marking, answer: Callable[..., Any]) -> bool:
    """Say whether an answer is right in every case of a grading."""
    return not any(question.judge(one.variant, c, answer(*c)) for c in one.cases(question))


def said(path: Path, word: str, default: str = "") -> str:
    found = re.search(rf"^# {word}: (.+)$", path.read_text(), re.MULTILINE)
    return found[1] if found else default


@pytest.mark.slow
@pytest.mark.parametrize("path", LOOKUPS, ids=lambda path: path.stem)
def test_a_look_up_wins_nothing(path: Path) -> None:
    exercise = EXERCISES[said(path, "exercise", path.stem)]
    question = exercise.rubric[said(path, "answers")]
    assert isinstance(question, Function)
    assert said(path, "Gain")
    names: dict[str, Any] = {}
    exec(path.read_text(), names)
    with threadpool_limits(1):
        for secret in (b"one secret", b"another secret"):
            one = marking(exercise, secret)
            assert not wins(question, one, names[question.name])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "asked"), ASKED)
def test_the_answers_of_another_grading_win_nothing(name: str, asked: str) -> None:
    """Neither under the same arguments, nor in the same order."""
    exercise = EXERCISES[name]
    question = exercise.rubric[asked]
    assert isinstance(question, Function)
    seen, now = (marking(exercise, secret) for secret in (b"an earlier one", b"this one"))
    with threadpool_limits(1):
        answers = [
            (pack(list(c)), question.solution(seen.variant, *c)) for c in seen.cases(question)
        ]
        table, order = dict(answers), iter([answer for _, answer in answers])

        def remembered(*arguments: Any) -> Any:
            return table.get(pack(list(arguments)), next(order, None))

        assert not wins(question, now, remembered)


@pytest.mark.parametrize(("name", "asked"), ASKED)
def test_what_a_student_is_sent_does_not_hold_the_truth(name: str, asked: str) -> None:
    exercise = EXERCISES[name]
    question = exercise.rubric[asked]
    assert isinstance(question, Function)
    if question.check is not None:
        with threadpool_limits(1):
            case = marking(exercise, b"one secret").cases(question)[0]
        truth = np.asarray(case.truth[1] if isinstance(case.truth, tuple) else case.truth)
        sent = [np.asarray(part) for part in case if not isinstance(part, dict)]
        assert not any(part.shape == truth.shape and (part == truth).all() for part in sent)
