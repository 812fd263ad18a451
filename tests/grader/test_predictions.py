"""Predictions before the run: what is sealed counts, and nothing else does."""

import dataclasses
import json
import re
import shutil
import zipfile
import zlib
from base64 import b85decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from cs826tl.cli import main
from cs826tl_grader.exercise.receipts import Receipt, read_receipts, receipt_cell, refusal, sealed
from cs826tl_grader.exercise.rubric import Prediction
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import first_variant, variant_of
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.marking.receiving import open_second_stages
from cs826tl_grader.plain.exchange import unpack
from tests.grader.submissions import grades
from tests.grader.test_exercises import EXERCISES, run_by_the_lecturer
from tests.grader.test_grading import KEY, sandboxed  # noqa: F401

EXAM = next(e for e in EXERCISES if e.name == "90_exam")
SHARE = "def share_replaced(momentum, batches):\n    return 1 - (1 - momentum) ** batches"
PREDICTED = {"falls": 0.7, "kept": 60, "noticed": 0.25}


def answered(copy: Path, answers: Mapping[str, object], share: str = SHARE) -> Any:
    """Return a copy with predictions, and with the code of stage two where there is one."""
    made = nbformat.read(copy, as_version=4)
    for cell in made.cells:
        for name, answer in answers.items():
            if re.match(rf"{name} = ", cell.source):
                cell.source = f"{name} = {answer!r}"
        if cell.source.startswith("def share_replaced"):
            cell.source = share
        cell.source = cell.source.replace("*Your answer goes here.*", "Nothing did.")
    return made


def hand_in(folder: Path, student: str, made: Any) -> None:
    place = folder / student / "90_exam.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, place)


def receipts_in(made: Any) -> Any:
    return next(cell for cell in made.cells if cell.source.startswith("# RECEIPT"))


@pytest.fixture
def course(tmp_path: Path) -> list[str]:
    students = ("ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ivy")
    (tmp_path / "roster.csv").write_text("\n".join(["student", *students]))
    (tmp_path / "course.key").write_bytes(KEY)
    where = ["--roster", tmp_path / "roster.csv", "--key-file", tmp_path / "course.key"]
    return ["--exercise", "90_exam", *map(str, where)]


@pytest.mark.slow
def test_three_commands_hold_everybody_to_what_they_predicted(
    tmp_path: Path,
    course: list[str],
    sandboxed: None,  # noqa: F811
) -> None:
    def run(name: str, *words: object) -> None:
        assert main([name, *map(str, words), *course]) == 0

    one, two, come, back = (tmp_path / name for name in ("one", "two", "come", "back"))
    run("release", "--out", one)
    for student in ("ada", "bob", "cyd", "dan", "eve", "fay", "gus"):
        hand_in(come, student, answered(one / student / "90_exam.ipynb", PREDICTED))
    hal = {**PREDICTED, "falls": 70}
    hand_in(come, "hal", answered(one / "hal" / "90_exam.ipynb", hal))
    hand_in(come, "zed", answered(one / "ada" / "90_exam.ipynb", PREDICTED))
    run("receive", come, "--out", two, "--jobs", 0)
    assert not (two / "hal").exists()
    assert not (two / "zed").exists()
    assert not (two / "ivy").exists()
    listed = (two / "receipts.csv").read_text()
    assert 'hal,90_exam,falls,,refused,"wrong answer: it is not a probability' in listed
    assert "hal,90_exam,kept,60.0,refused,another prediction is missing" in listed
    assert "ivy,90_exam,falls,,missing,nothing was handed in" in listed
    assert "zed,90_exam,,,refused,nobody of that name is on the roster" in listed
    assert listed.count(",received,") == 3 * 7

    # Who predicts again, having seen stage two, keeps the first; who was refused may try again.
    before = (two / "gus" / "90_exam.ipynb").read_bytes()
    again = {**PREDICTED, "falls": 0.0}
    hand_in(come, "gus", answered(one / "gus" / "90_exam.ipynb", again))
    hand_in(come, "hal", answered(one / "hal" / "90_exam.ipynb", PREDICTED))
    run("receive", shutil.make_archive(str(come), "zip", come), "--out", two, "--jobs", 0)
    with zipfile.ZipFile(two / "returns" / "folders.zip") as archive:
        assert archive.read("hal/90_exam.ipynb") == (two / "hal" / "90_exam.ipynb").read_bytes()
        assert "ivy/90_exam.ipynb" not in archive.namelist()
    assert "ivy" in (two / "received.csv").read_text()
    assert (two / "gus" / "90_exam.ipynb").read_bytes() == before
    listed = (two / "receipts.csv").read_text()
    assert "gus,90_exam,falls,0.7,kept,received before: the first prediction counts" in listed
    assert "hal,90_exam,falls,0.7,received," in listed

    made = {s: answered(two / s / "90_exam.ipynb", {}) for s in ("ada", "cyd", "dan", "eve", "fay")}
    made["bob"] = answered(two / "bob" / "90_exam.ipynb", {"falls": 0.71})
    made["gus"] = answered(two / "gus" / "90_exam.ipynb", again)
    receipts_in(made["cyd"]).source = receipts_in(made["ada"]).source
    made["dan"].cells.remove(receipts_in(made["dan"]))
    eve = receipts_in(made["eve"])
    eve.source = eve.source.replace("RECEIPT falls:", "RECEIPT x:").replace(
        "RECEIPT noticed:", "RECEIPT falls:"
    )
    for cell in made["fay"].cells:  # both the prediction and what the receipt says of it
        cell.source = cell.source.replace("falls = 0.7", "falls = 0.8").replace('"0.7"', '"0.8"')
    hand_in(back, "hal", answered(one / "hal" / "90_exam.ipynb", PREDICTED))  # stage one again
    for student, notebook in made.items():
        hand_in(back, student, notebook)
    run("grade", back, "--out", tmp_path / "report", "--jobs", 0)
    found = grades(tmp_path / "report")

    variant = variant_of(EXAM.rubric, "ada", KEY, ["0.7", "60.0", "0.25"])
    assert f"variant = {variant!r}" in "\n".join(cell.source for cell in made["ada"].cells)
    before_run, after_run, old, left = run_by_the_lecturer(EXAM, variant)["frozen_run"](variant)
    moved = any(not np.array_equal(before_run[n], after_run[n]) for n in before_run)
    chances = {"falls": float(old - left > 10), "noticed": float(moved)}
    if variant["audit"] == "parameters":
        chances["noticed"] = 0.0
    points = {name: float(found["ada", name]["points"]) for name in EXAM.rubric.names}
    assert points == {
        "falls": round(2 * (1 - (0.7 - chances["falls"]) ** 2), 2),
        "kept": 2.0 if abs(60 - left) <= 10 else 0.0,
        "noticed": round(1 - (0.25 - chances["noticed"]) ** 2, 2),
        "share_replaced": 2.0,
        "surprise": 0.0,
    }
    assert found["ada", "surprise"]["status"] == "needs-review"

    said = {s: found[s, "falls"]["reason"] for s in ("bob", "cyd", "dan", "eve", "fay", "gus")}
    for student, word in {
        "bob": "rejected: changed since it was received. The receipt is for 0.7, and this is 0.71",
        "cyd": "rejected: its receipt is another student's",
        "dan": "rejected: there is no receipt for it",
        "eve": "rejected: its receipt is of another question, `noticed`",
        "fay": "rejected: its receipt was not given by the lecturer, or was changed since",
        "gus": "rejected: changed since it was received. The receipt is for 0.7, and this is 0.0",
    }.items():
        assert word in said[student], (student, said[student])
        assert float(found[student, "falls"]["points"]) == 0
    for student in ("bob", "gus"):  # the receipts are theirs: they open stage two
        assert float(found[student, "share_replaced"]["points"]) == 2
    for student in ("cyd", "dan", "eve", "fay", "hal"):
        for name in ("share_replaced", "surprise", "kept"):
            assert float(found[student, name]["points"]) == 0
            assert "rejected: " in found[student, name]["reason"], (student, name)
    status = {s: found[s, "falls"]["status"] for s in ("bob", "cyd", "dan", "eve", "fay")}
    assert [*status.values()] == ["graded", "tampered", "missing", "tampered", "tampered"]


def test_stage_one_holds_nothing_of_stage_two() -> None:
    variant = first_variant(EXAM.rubric, "ada", KEY)
    made = EXAM.first_stage(variant)
    text = nbformat.writes(made)
    later = EXAM.source.cells[len(made.cells) :]
    assert later[0].source.startswith("## Stage two: the run itself")
    lines = {line for cell in later for line in cell.source.split("\n") if len(line) > 12}
    early = {line for cell in made.cells for line in cell.source.split("\n")}
    assert not lines & early
    for secret in ("frozen_run", "share_replaced", "surprise", "seed", "Ridge", "SOLUTION"):
        assert secret not in text, secret
    packed = next(c.source for c in made.cells if c.source.startswith("# CHECKS"))
    namespace: dict[str, Any] = {}
    exec(packed, namespace)
    known = unpack(zlib.decompress(b85decode(namespace["check"].packed)))
    assert set(known) == {"falls", "kept", "noticed"}
    assert all(set(public) == {"kind", "hint", "probability"} for public in known.values())
    assert "share_replaced" not in json.dumps(made.metadata)


def test_nobody_can_do_the_run_before_predicting() -> None:
    """Another prediction has another run, and what one has before says nothing of either."""
    runs = [variant_of(EXAM.rubric, "ada", KEY, [p, "60.0", "0.5"]) for p in ("0.7", "0.71")]
    first = first_variant(EXAM.rubric, "ada", KEY)
    assert runs[0]["seed"] != runs[1]["seed"]
    assert "seed" not in first
    assert all({**first, "seed": run["seed"]} == run for run in runs)


def test_the_students_run_is_the_rubrics() -> None:
    for k in range(8):
        variant = variant_of(EXAM.rubric, f"s{k}", KEY)
        before, after, old, left = run_by_the_lecturer(EXAM, variant)["frozen_run"](variant)
        outcome = {q.name: q.outcome(variant) for q in EXAM.rubric.predictions}
        audited = {"weight", "bias"} if variant["audit"] == "parameters" else set(before)
        changed = any(not np.array_equal(before[n], after[n]) for n in audited)
        assert outcome == {"falls": old - left > 10, "kept": left, "noticed": changed}


@pytest.mark.parametrize("belief", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_what_one_believes_earns_most(belief: float) -> None:
    def earned(p: float) -> float:
        happens, not_ = (
            Prediction("x", 1, "", lambda _, o=o: o).share({}, p) for o in (True, False)
        )
        return belief * happens + (1 - belief) * not_

    tried = np.linspace(0, 1, 101)
    assert tried[np.argmax([earned(p) for p in tried])] == pytest.approx(belief)


def test_a_band_holds_its_ends_and_no_more() -> None:
    kept = Prediction("kept", 2, "", lambda _: 60.0, band=10)
    assert [kept.share({}, p) for p in (49.9, 50, 70, 70.1)] == [0, 1, 1, 0]
    assert kept.explained({}, 49.9) == "you said 49.9, the run says 60: outside ±10"


RECEIPT = sealed(KEY, "ada", "90_exam", "falls", "0.7")


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"answer": "0.71"}, "changed since"),
        ({"seal": "0" * 64}, "changed since"),
        ({"seal": "é"}, "changed since"),
        ({"student": "bob"}, "changed since"),
        (vars(sealed(KEY, "bob", "90_exam", "falls", "0.7")), "another student's"),
        (vars(sealed(KEY, "ada", "12_exam", "falls", "0.7")), "another exercise, 12_exam"),
        (vars(sealed(KEY, "ada", "90_exam", "kept", "0.7")), "another question, `kept`"),
        (vars(sealed(b"another key", "ada", "90_exam", "falls", "0.7")), "changed since"),
    ],
)
def test_a_receipt_for_anything_else_is_refused(changed: dict[str, str], word: str) -> None:
    place = ("ada", "90_exam", "falls")
    assert refusal(KEY, *place, [RECEIPT]) == ""
    assert word in refusal(KEY, *place, [dataclasses.replace(RECEIPT, **changed)])


def test_two_receipts_or_none_are_refused() -> None:
    place = ("ada", "90_exam", "falls")
    other = sealed(KEY, "ada", "90_exam", "falls", "0.1")
    found = read_receipts([receipt_cell([RECEIPT]), receipt_cell([other])])["falls"]
    assert "several receipts" in refusal(KEY, *place, found)
    assert "no receipt" in refusal(KEY, *place, [])


@pytest.mark.parametrize(
    "said",
    ["{}", '{"a": 1}', "{" * 900 + "}", '{"seal": "\\ud800"}', '{"student": 1, "exercise": 2, '
     '"question": 3, "answer": 4, "seal": 5}', "{'seal'}"],
)  # fmt: skip
def test_what_is_no_receipt_is_read_as_none(said: str) -> None:
    (receipt,) = read_receipts([f"# RECEIPT falls: {said}"])["falls"]
    assert receipt == Receipt("", "", "", "", "")
    assert "changed since" in refusal(KEY, "", "", "", [receipt])


def test_a_sealed_copy_opens_and_keeps_its_place() -> None:
    variant = variant_of(EXAM.rubric, "ada", KEY, ["0.7"])
    made = EXAM.second_stage(variant, [RECEIPT])
    nbformat.validate(made)
    assert read_receipts(cell.source for cell in made.cells) == {"falls": [RECEIPT]}
    assert "falls = 0.7" in [cell.source for cell in made.cells]


def test_without_a_key_there_is_no_exam(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", "--out", str(tmp_path), "--exercise", "90_exam"]) == 1
    assert "release it with --out, --roster and --key-file" in capsys.readouterr().err
    assert main(["release", "--out", str(tmp_path)]) == 0
    assert "left out: 90_exam" in capsys.readouterr().out
    assert not (tmp_path / "all" / "90_exam.ipynb").exists()
    with pytest.raises(ValueError, match="90_exam asks for predictions: give --roster"):
        grade(Cohort(tmp_path, tmp_path, (EXAM,)))


def test_what_is_no_copy_of_stage_two_is_not_taken_for_one(tmp_path: Path) -> None:
    """As where the copies of stage one were written into the same folder."""
    cohort = Cohort(tmp_path / "in", tmp_path, (EXAM,), ("ada",), KEY)
    hand_in(tmp_path, "ada", EXAM.first_stage(first_variant(EXAM.rubric, "ada", KEY)))
    found = [Mark(name, 0.0, 1.0, "missing", "") for name in ("falls", "kept", "noticed")]
    (row,) = open_second_stages({("ada", EXAM.name): found}, cohort)
    assert row[4] == "needs-review"
    assert "is no copy of stage two: give --out a folder of its own" in row[5]


def edited(folder: Path, change: Callable[[Any], None]) -> Exercise:
    made = nbformat.reads(EXAM.files[0].decode(), as_version=4)
    change(made)
    nbformat.write(made, folder / "90_exam.ipynb")
    (folder / "90_exam.py").write_bytes(EXAM.files[1])
    return Exercise(folder / "90_exam.ipynb")


def cell_of(made: Any, beginning: str) -> Any:
    return next(cell for cell in made.cells if cell.source.startswith(beginning))


def test_predictions_come_first(tmp_path: Path) -> None:
    def change(made: Any) -> None:
        share = cell_of(made, "def share_replaced")
        made.cells.remove(share)
        made.cells.insert(0, share)

    with pytest.raises(ValueError, match="would hold share_replaced too: put predictions first"):
        edited(tmp_path, change).first_stage({})


@pytest.mark.parametrize("source", ["falls = None\nkept = None", "nothing = None"])
def test_every_prediction_has_a_cell_of_its_own(tmp_path: Path, source: str) -> None:
    def change(made: Any) -> None:
        cell_of(made, "falls = ").source = source

    with pytest.raises(ValueError, match="give every prediction one cell of its own"):
        edited(tmp_path, change).first_stage({})


def test_a_student_can_try_whether_a_prediction_can_be_handed_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = EXAM.first_stage(first_variant(EXAM.rubric, "ada", KEY))
    names: dict[str, Any] = {"falls": None, "kept": 75, "noticed": 70}
    exec(cell_of(made, "# CHECKS").source, names)
    for name in ("falls", "kept", "noticed"):
        names["check"](name)
    assert capsys.readouterr().out.splitlines() == [
        "✗ falls: it is still None",
        "✓ kept: it can be handed in. Once it is received, it stands.",
        "✗ noticed: it is not a probability, from 0 to 1",
    ]
