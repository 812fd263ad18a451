"""The exam for graders: it counts what succeeded, and the attacks are what they say."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import escape_exam
from benchmarks.other_graders import Answers
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.sandbox.backends import backend
from tests.grader.submissions import COURSE, EXERCISE, cells_of
from tests.grader.test_grading import sandboxed  # noqa: F401


def test_every_attack_says_its_harm_and_is_one_function(tmp_path: Path) -> None:
    found = escape_exam.attacks(tmp_path, 4242, confined=True)
    assert len(found) >= 20
    for name, code in found.items():
        assert code.startswith("# Harm: "), name
        assert not {"EXAM", "PORT", "GRADER"} & set(code.replace('"', " ").split()), name
        functions = [s for s in ast.parse(code).body if isinstance(s, ast.FunctionDef)]
        assert functions[-1].name == "scale", name


def test_who_confines_nothing_gets_none_of_what_a_machine_suffers_from(tmp_path: Path) -> None:
    everything = escape_exam.attacks(tmp_path, 1, confined=True)
    harmless = escape_exam.attacks(tmp_path, 1, confined=False)
    assert everything.keys() - harmless.keys() == set(escape_exam.SHARED)
    assert harmless.items() <= everything.items()


@pytest.mark.slow
@pytest.mark.usefixtures("sandboxed")
def test_every_honest_copy_keeps_its_points_with_ours(tmp_path: Path) -> None:
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    copies = [{"scale": code} for code in escape_exam.HONEST]
    found = escape_exam.ours(backend(), exercise)(copies, tmp_path)
    assert found == dict.fromkeys(range(len(copies)), 3.0)


def test_the_attack_on_the_asker_succeeds_where_answers_lie_beside_the_test() -> None:
    space: dict[str, object] = {"cases": [((2.0, 3.0), 7.0)]}
    (cell,) = cells_of(escape_exam.OWN / "answer_of_who_asks.txt")
    exec(cell, space)
    assert space["scale"](2.0, 3.0) == 7.0  # type: ignore[operator]


def test_what_succeeded_and_what_honest_copies_lost_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escape_exam, "STAYS", 0.0)

    def points(students: Sequence[Answers], folder: Path) -> dict[int, float]:
        (folder / "stayed").touch()
        given = {n: 3.0 * (n % 2) for n in range(len(students))}
        return {**given, 0: 3.0, 5: 0.0}  # one attack wins, one honest copy loses

    result = escape_exam.sit(points, tmp_path, confined=True)
    first = sorted(escape_exam.attacks(tmp_path, 1, confined=True))[0]
    assert result["not stopped"] == sorted([first, "process_left_behind"])
    assert result["stopped"] == result["attacks"] - 2  # type: ignore[operator]
    assert result["honest copies kept"] == result["attacks"] - 1  # type: ignore[operator]
    assert result["forms not kept"] == [escape_exam.HONEST[2]]
    assert (result["points gained by attacks"], result["points lost by honest copies"]) == (3, 3)
