"""Every rubric is itself tested: by its own solution, its stubs, and plausible mistakes."""

import ast
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from cs826tl_grader.exercise.rubric import Function, Text, Value, Variant
from cs826tl_grader.exercise.source import CHECKS, VARIANT, Exercise, find_exercises
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.handed_in import Found
from cs826tl_grader.marking.marks import Mark, Marking
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.plain.exchange import pack, plain_form, unpack
from cs826tl_grader.plain.statements import named, statements
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from cs826tl_grader.sandbox.isolation import Sandbox
from tests.grader.submissions import HERE

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "notebooks" / "exercises"
EXERCISES = find_exercises(FOLDER)
KEY = b"the key of these tests"
STUDENTS = 30


@pytest.fixture(params=EXERCISES, ids=lambda exercise: exercise.name)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return request.param


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    try:
        made = Sandbox(backend(), [FOLDER])
    except NoSandbox as problem:
        pytest.skip(str(problem))
    yield made
    made.end()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Compute as a worker of the grader does: two threads on small matrices wait for each other."""
    with threadpool_limits(1):
        yield


def wrong_answers(exercise: Exercise) -> dict[str, dict[str, str]]:
    path = HERE / "wrong" / f"{exercise.name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.WRONG)


def marks(
    exercise: Exercise, notebook: Any, folder: Path, sandbox: Sandbox, student: str = "ada"
) -> dict[str, Mark]:
    place = folder / f"{exercise.name}.ipynb"
    place.write_text(json.dumps(notebook))
    variant = variant_of(exercise.rubric, student, KEY)
    marking = Marking(exercise, student, variant, b"a secret of these tests", 60.0)
    return {
        mark.question: mark for mark in mark_submission(Found(place.read_bytes()), marking, sandbox)
    }


def solved(exercise: Exercise, student: str = "ada") -> Any:
    """Return the lecturer's notebook with a student's variant: what a perfect student hands in.

    Who is perfect also predicts what only the rubric knows.
    """
    made = json.loads(release(exercise, student))
    variant = variant_of(exercise.rubric, student, KEY)
    outcomes = {q.name: float(q.outcome(variant)) for q in exercise.rubric.predictions}
    for cell, source in zip(made["cells"], exercise.source.cells, strict=True):
        if "BEGIN SOLUTION" in source.source:
            cell["source"] = source.source
        name = cell["metadata"].get("cs826tl", {}).get("question")
        if name in outcomes:
            cell["source"] = f"{name} = {outcomes[name]}"
    return made


@cache  # the answers to public examples are computed in it, which takes a moment
def release(exercise: Exercise, student: str) -> str:
    released = exercise.released(variant_of(exercise.rubric, student, KEY))
    return str(nbformat.writes(released))


def replaced(exercise: Exercise, question: str, source: str) -> Any:
    """Return the perfect notebook with one answer replaced."""
    made = solved(exercise)
    for cell in made["cells"]:
        text = "".join(cell["source"])
        defined = {name for s in statements(text) for name in named(s)}
        if cell["cell_type"] == "code" and question in defined:
            cell["source"] = source
    return made


@pytest.mark.parametrize("student", ["ada", "grace"])
def test_the_reference_gets_full_marks(
    exercise: Exercise, sandbox: Sandbox, tmp_path: Path, student: str
) -> None:
    found = marks(exercise, solved(exercise, student), tmp_path, sandbox, student)
    for question in exercise.rubric.questions:
        mark = found[question.name]
        if isinstance(question, Text):
            assert mark.status == "needs-review", mark
        else:
            assert mark.points == question.points, mark
        if isinstance(question, Function) and question.check:  # an examiner has a number to ask of
            assert re.search(rf"Your `{question.name}` .*\d", mark.talk), mark
            assert re.search(r"\d", mark.talk_answer), mark


def test_the_untouched_release_gets_nothing(
    exercise: Exercise, sandbox: Sandbox, tmp_path: Path
) -> None:
    released = exercise.released(variant_of(exercise.rubric, "ada", KEY))
    found = marks(exercise, json.loads(nbformat.writes(released)), tmp_path, sandbox)
    assert sum(mark.points for mark in found.values()) == 0
    assert {mark.status for mark in found.values()} == {"missing"}, found


def test_every_question_has_three_wrong_answers_or_more(exercise: Exercise) -> None:
    wrong = wrong_answers(exercise)
    asked = {q.name for q in exercise.rubric.questions if not isinstance(q, Text)}
    assert set(wrong) == asked
    assert all(len(answers) >= 3 for answers in wrong.values())
    assert 3 <= len(exercise.rubric.questions) <= 5


def test_a_wrong_answer_fails_its_own_question_and_no_other(
    exercise: Exercise, sandbox: Sandbox, tmp_path: Path
) -> None:
    for question, answers in wrong_answers(exercise).items():
        for what, source in answers.items():
            found = marks(exercise, replaced(exercise, question, source), tmp_path, sandbox)
            assert found[question].points == 0, f"{question}: {what} gets full marks"
            assert found[question].status in ("graded", "missing"), (what, found[question])
            for other in exercise.rubric.questions:
                if other.name != question and not isinstance(other, Text):
                    assert found[other.name].points == other.points, (what, found[other.name])


WEIGHED = {  # the questions that are marked by weights
    "learn_new_script": "09_catastrophic_forgetting",
    "adapt_classifier": "10_transductive_transfer",
    "train_a_head": "11_text_transfer",
    "set_alarm": "12_applications",
    "tune_on_budget": "13_cheap_changes",
    "take_and_tune": "14_which_network",
}


@pytest.mark.parametrize("asked", WEIGHED)
def test_weights_of_another_form_win_nothing(asked: str) -> None:
    exercise = next(e for e in EXERCISES if e.name == WEIGHED[asked])
    question = exercise.rubric[asked]
    assert isinstance(question, Function)
    cases = Marking(exercise, "ada", {}, b"a secret", 60.0).cases(question)
    answer = question.solution({}, *cases[0])
    assert not question.judge({}, cases[0], answer)
    name, right = answer if isinstance(answer, tuple) else (None, answer)
    first = next(iter(right))
    empty = {name: np.zeros_like(value) for name, value in right.items()}
    unknown = {name: np.full_like(value, np.nan, dtype=float) for name, value in right.items()}
    more = {} if any(key.endswith("down.weight") for key in right) else {"more": np.zeros(0)}
    for wrong in (
        *(None, [], {}, 1.0, "state", np.zeros(3), empty, unknown),
        {name: value for name, value in right.items() if name != first},
        right | {"more": np.zeros(1)},
        right | {first: np.zeros((2, 2))},
        right | {first: np.zeros(())},
        {key: np.asarray(value).flatten()[:0] for key, value in right.items()},
        right | {key: np.zeros((10**6, 0)) for key in right if key.endswith("down.weight")} | more,
    ):
        got = (name, wrong) if name else wrong
        assert any(question.judge({}, case, got) for case in cases), wrong
    for other in (None, "E", ["A"], 0) if name else ():
        assert question.judge({}, cases[0], (other, right)), other


FORMS = {  # of a list, each of which means the same list
    "a set": "set(right(*args))",
    "a generator": "(k for k in right(*args))",
    "a pandas Series": "pd.Series(right(*args), dtype=float)",
    "an array": "np.array(right(*args))",
    "the keys of a dictionary": "dict.fromkeys(right(*args)).keys()",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_means_the_same_list_counts(form: str, sandbox: Sandbox, tmp_path: Path) -> None:
    exercise = next(e for e in EXERCISES if e.name == "01_why_transfer")
    solution = next(c.source for c in exercise.source.cells if "def shifted_columns" in c.source)
    wrapped = (
        f"import pandas as pd\n{solution}\nright = shifted_columns\n\n"
        f"def shifted_columns(*args):\n    return {FORMS[form]}\n"
    )
    notebook = replaced(exercise, "shifted_columns", wrapped)
    assert marks(exercise, notebook, tmp_path, sandbox)["shifted_columns"].points == 3


def test_a_set_counts_only_where_the_answer_is_one(exercise: Exercise) -> None:
    """It has no order of its own, so it stands for no list whose order says something."""
    variant = variant_of(exercise.rubric, "ada", KEY)
    for question in exercise.rubric.questions:
        if isinstance(question, Function) and question.as_set:
            right = question.solution(variant, *question.examples[0])
            made = {tuple(item) if isinstance(item, list) else item for item in right}
            judged = [
                question.judge(
                    variant, question.examples[0], unpack(pack(plain_form(made, as_set)))
                )
                for as_set in (True, False)
            ]
            assert judged == ["", "a set, where a list is asked for"]


def test_what_a_copy_asks_is_right_in_every_copy(exercise: Exercise) -> None:
    """Constants of one's own change the answer, so two students are too few to try."""
    asked = [q for q in exercise.rubric.questions if isinstance(q, Value)]
    wrong = wrong_answers(exercise)
    lucky: Counter[tuple[str, str]] = Counter()
    for k in range(STUDENTS):
        variant = variant_of(exercise.rubric, f"student {k}", KEY)
        names = run_by_the_lecturer(exercise, variant)
        for question in asked:
            assert not question.judge(variant, (), names[question.name]), (question.name, variant)
            for what, source in wrong[question.name].items():
                answered = dict(names)
                exec(source, answered)
                right = not question.judge(variant, (), answered[question.name])
                lucky[question.name, what] += right
    assert all(times <= STUDENTS // 10 for times in lucky.values()), lucky


def run_by_the_lecturer(exercise: Exercise, variant: Variant) -> dict[str, Any]:
    """Return what the notebook with its solutions defines, run on the constants of a copy."""
    names: dict[str, Any] = {}
    for cell in exercise.source.cells:
        if cell.cell_type == "code" and not cell.source.startswith((CHECKS, "check(")):
            ours = cell.source.startswith(VARIANT)
            source = f"variant = {dict(variant)!r}" if ours else cell.source
            for statement in statements(source):
                exec(compile(ast.Module([statement], []), exercise.name, "exec"), names)
    return names


def test_prose_stands_between_code_cells(exercise: Exercise) -> None:
    assert "ccc" not in "".join(cell.cell_type[0] for cell in exercise.source.cells)


def test_a_copy_leads_nowhere_but_to_itself(exercise: Exercise) -> None:
    """Neither to the notebook with the solutions, nor to a lecture that is not beside it."""
    text = "\n".join(cell.source for cell in exercise.source.cells)
    assert "](../" not in text
    assert f"exercises/{exercise.name}" not in text


def test_the_release_gives_no_solution_away(exercise: Exercise) -> None:
    released = exercise.released(variant_of(exercise.rubric, "", None))
    assert "SOLUTION" not in nbformat.writes(released)
    for question in exercise.rubric.questions:
        assert exercise.given[question.name], f"{question.name} has no stub or prompt"
        assert question.hint
