"""Honest but odd submissions keep full marks."""

import json
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest

from cs826tl_grader.sandbox.backends import NoSandbox, backend
from tests.grader import oddities
from tests.grader.submissions import (
    ANSWER,
    EXERCISE,
    HERE,
    cells_of,
    grade_all,
    hand_in,
    notebook as submission,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]  # all are graded before the first test

STUB = "def scale(x, factor):\n    raise NotImplementedError\n"

HANGING = {"call_after_a_hang", "slow_scratch"}  # which the time limit ends first
NEED_TMP = {"files_in_tmp", "loads_with_workers", "pool_of_processes"}  # sandlock has none
ONCE_LOST = {  # marks, without a word of a person's: they are tried in every run
    "another_case", "another_name", "answer_in_a_run_file", "as_a_key_below", "async_answer",
    "async_cells", "called_under_its_name", "changed_in_place_below", "class_as_answer",
    "deleted_below", "exec_text", "getuser", "global_statement", "hard_coded_cuda",
    "hard_coded_cuda_above", "huge_outputs", "in_a_class", "in_a_function",
    "in_a_markdown_cell", "in_a_raw_cell", "in_cython", "long_chain",
    "long_line_of_elif_at_the_margin", "long_sum", "many_elif", "nulls_at_the_end",
    "only_commented_out", "pictures_in_texts", "reads_its_source",
    "returns_decimal", "returns_float_subclass", "returns_fraction", "returns_longdouble",
    "returns_longdouble_array", "returns_sparse", "reused_import", "reused_import_as",
    "reused_in_a_loop", "reused_in_a_match", "reused_in_except", "reused_in_with", "run_a_file",
    "split_after_docstring", "split_cell", "star_import", "tabs_in_texts", "text_as_a_value",
    "text_below_a_magic", "text_printed", "text_without_marker_or_metadata", "through_globals",
    "time_and_capture", "time_line", "time_line_assigned", "torchscript", "walrus",
    "zero_width",
}  # fmt: skip


def tried_now(name: str) -> bool:
    """Say whether a form is tried: every night all are, in between a tenth."""
    nightly = os.environ.get("CS826TL_NIGHTLY") == "1"
    return nightly or name in ONCE_LOST | HANGING or zlib.crc32(name.encode()) % 10 == 0


def confined() -> str:
    """Return the sandbox to try them in, or skip: every night, each is asked for by name."""
    try:
        return backend(os.environ.get("CS826TL_BACKEND", ""))
    except NoSandbox as problem:
        pytest.skip(str(problem))


ALL_ODD = sorted((HERE / "odd").glob("*.txt"))
ODD = [path for path in ALL_ODD if tried_now(path.stem)]
FORMS = [change for change in oddities.FORMS if tried_now(change.__name__)]
FILES = {name: change for name, change in oddities.FILES.items() if tried_now(name)}
NAMES = {name: file for name, file in oddities.NAMES.items() if tried_now(name)}
TO_READ = {  # which a person has to look at, and for which of the two questions
    path.stem: "smallest" if "two values for" in first else "scale"
    for path in ODD
    if "; left to a person: " in (first := path.read_text().partition("\n")[0])
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, str]]:
    how = confined()
    folder = tmp_path_factory.mktemp("odd")
    for path in ODD:
        if path.stem in HANGING:
            hand_in(folder / "in", path.stem, submission(cells_of(path)))
    hung = grade_all(folder, how, timeout=6.0)
    shutil.rmtree(folder / "in")
    for path in ODD:
        if path.stem not in HANGING:
            hand_in(folder / "in", path.stem, submission(cells_of(path)))
    for change in FORMS:
        hand_in(folder / "in", change.__name__, change(submission([ANSWER])))
    made = json.dumps(submission([ANSWER]), indent=1)
    for student, change in FILES.items():
        hand_in(folder / "in", student, change(made))
    for student, name in NAMES.items():
        place = hand_in(folder / "in", student, made)
        (place.parent / name).parent.mkdir(exist_ok=True)
        place.rename(place.parent / name)
    return hung | grade_all(folder, how, timeout=60.0)  # however busy the machine is


def test_a_file_in_tmp_is_gone_for_the_next_student(tmp_path: Path) -> None:
    if (how := confined()) != "bubblewrap":
        pytest.skip("only bubblewrap gives a submission such folders")
    leaves = "for place in ('/tmp', '/dev/shm', '.'):\n    open(place + '/note', 'w').close()"
    looks = "import os\nfound = os.listdir('/tmp') + os.listdir('/dev/shm') + os.listdir('.')"
    answer = ANSWER.replace("+ 1", "+ int('note' not in found)")
    for student in ("ada", "grace"):
        hand_in(tmp_path / "in", student, submission([looks, leaves, answer]))
    rows = grade_all(tmp_path, how, timeout=6.0)
    assert [rows[student, "scale"]["points"] for student in ("ada", "grace")] == ["3", "3"]


STUDENTS = [*(p.stem for p in ODD), *(f.__name__ for f in FORMS), *FILES, *NAMES]
SAID = {  # in the reason of a mark, where something about the submission is odd
    "utf_16": "UTF-16",
    "trailing_commas": "a comma too many",
    "merge_conflict": "merge conflict",
    "format_3": "notebook format 3",
    "python_2_print_above": 'line 1 `print "my answer"`',
    "prose_above": "line 1 `It isn't hard",
    "in_capitals": "01_SCALE.IPYNB",
    "saved_as_text": f"the name should be {EXERCISE}.ipynb",
    "one_folder_deeper": f"homework/{EXERCISE}.ipynb",
}


def test_there_are_many_odd_ones_and_each_says_what_it_is() -> None:
    assert len(ALL_ODD) + len(oddities.FORMS) + len(oddities.FILES) + len(oddities.NAMES) >= 200
    assert all(path.read_text().startswith("# Odd: ") for path in ALL_ODD)
    assert {path.stem for path in ALL_ODD} >= NEED_TMP | HANGING


@pytest.mark.parametrize("student", STUDENTS)
def test_an_odd_submission_keeps_its_marks(rows: dict[Any, dict[str, str]], student: str) -> None:
    if student in NEED_TMP and confined() == "sandlock":
        pytest.skip("sandlock gives a submission no /tmp and no /dev/shm of its own")
    for question, points in {"scale": 3, "smallest": 1}.items():
        row = rows[student, question]
        if TO_READ.get(student) == question:
            assert row["status"] == "needs-review", row
        else:
            assert float(row["points"]) == points, row
    assert rows[student, "why"]["status"] == "needs-review"


@pytest.mark.parametrize("student", [*SAID.keys() & {*STUDENTS}])
def test_what_is_odd_is_said(rows: dict[Any, dict[str, str]], student: str) -> None:
    assert SAID[student] in rows[student, "scale"]["reason"]


@pytest.mark.parametrize("student", [n for n in STUDENTS if n.startswith("text_")])
def test_where_a_text_was_found_is_said(rows: dict[Any, dict[str, str]], student: str) -> None:
    assert "(found in " in rows[student, "why"]["reason"]


BROKEN = {  # which no repair makes sure; each with what the reason says
    "python_2_print_within": (
        "def scale(x, factor):\n    print 'here'\n    return x * factor + 1\n",
        "line 2 `print 'here'` of its cell is not Python 3",
    ),
    "newer_python_within": (
        "def scale(x, factor):\n    x = x if x else t'{x!q}' 'or' so\n    return x * factor + 1\n",
        "line 2 ",
    ),
    "stub_and_broken_answer": (
        "def scale(x, factor):\n    raise NotImplementedError\n\n"
        "def scale(x, factor):\n    return x * factor + 1)\n",
        "line 5 `return x * factor + 1)`",
    ),
}


def test_what_cannot_be_repaired_for_certain_is_left_to_a_person(tmp_path: Path) -> None:
    how = confined()
    for student, (source, _) in BROKEN.items():
        hand_in(tmp_path / "in", student, submission([source]))
    text = json.dumps(submission([ANSWER]), indent=1)
    sides = oddities.conflict(text, "return x * factor + 1", "return x * factor")
    hand_in(tmp_path / "in", "two_sides", sides)
    rows = grade_all(tmp_path, how, timeout=6.0)
    for student, (_, says) in BROKEN.items():
        row = rows[student, "scale"]
        assert (row["status"], row["points"]) == ("needs-review", "0"), row
        assert says in row["reason"]
        assert rows[student, "smallest"]["points"] == "1"
    assert rows["two_sides", "scale"]["status"] == "needs-review"
    assert rows["two_sides", "smallest"]["points"] == "1"


def test_an_old_file_beside_a_newer_copy_is_left_to_a_person(tmp_path: Path) -> None:
    how = confined()
    for student, newer in (("ada", ANSWER), ("grace", ANSWER.replace("+ 1", ""))):
        old = STUB if student == "ada" else ANSWER
        place = hand_in(tmp_path / "in", student, submission([old]))
        place.with_name(f"{EXERCISE} (1).ipynb").write_text(json.dumps(submission([newer])))
    rows = grade_all(tmp_path, how, timeout=6.0)
    assert rows["ada", "scale"]["status"] == "needs-review"
    assert f"beside it lies {EXERCISE} (1).ipynb" in rows["ada", "scale"]["reason"]
    assert [rows["ada", "smallest"]["points"], rows["grace", "scale"]["points"]] == ["1", "3"]


def test_a_blank_answer_is_missing_whatever_stands_beside_it(tmp_path: Path) -> None:
    how = confined()
    beside = {
        "gpu": "import torch\ntorch.ones(1).cuda()",
        "helper": "def helper(x):\n    return x",
        "use": "print(scale(1, 2))\nfor k in range(3):\n    scale(k, k)",
    }
    for student, cell in beside.items():
        hand_in(tmp_path / "in", student, submission([cell, STUB]))
    rows = grade_all(tmp_path, how, timeout=6.0)
    assert [rows[student, "scale"]["status"] for student in beside] == ["missing"] * 3
