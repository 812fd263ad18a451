"""Honest but odd submissions keep full marks."""

import copy
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from cs826tl_grader.exercise.source import BLANK
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from tests.grader.submissions import (
    ANSWER,
    EXERCISE,
    HERE,
    cells_of,
    grade_all,
    hand_in,
    notebook as submission,
)

pytestmark = pytest.mark.slow

ODD = sorted((HERE / "odd").glob("*.txt"))
HANGING = {"call_after_a_hang", "slow_scratch"}  # which the time limit ends first
NEED_TMP = {"files_in_tmp", "loads_with_workers", "pool_of_processes"}  # sandlock has none
Notebook = dict[str, Any]


def without_metadata(made: Notebook) -> Notebook:
    for cell in made["cells"]:
        cell["metadata"] = {}
    made["metadata"] = {}
    return made


def without_ids(made: Notebook) -> Notebook:
    for cell in made["cells"]:
        cell.pop("id", None)
    return made


def as_one_string(made: Notebook) -> Notebook:
    for cell in made["cells"]:
        cell["source"] = "".join(cell["source"])
    return made


def windows_line_ends(made: Notebook) -> Notebook:
    for cell in made["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return made


def all_metadata_alike(made: Notebook) -> Notebook:
    for cell in made["cells"]:
        cell["metadata"] = {"cs826tl": {"question": "scale"}, "colab": {"base_uri": "x"}}
    return made


def every_cell_twice(made: Notebook) -> Notebook:
    made["cells"] = [c for cell in made["cells"] for c in (cell, copy.deepcopy(cell))]
    return made


def with_raw_and_unknown_cells(made: Notebook) -> Notebook:
    odd = {"cell_type": "raw", "source": "x", "metadata": {}}
    made["cells"] = [odd, {"cell_type": "heading", "source": "y", "metadata": {}}, *made["cells"]]
    return made


def text_below(made: Notebook, kind: str, *texts: str) -> Notebook:
    """Leave the cell for the written answer as it was given out, and put others below it."""
    place = next(k for k, c in enumerate(made["cells"]) if "answer: why" in "".join(c["source"]))
    cell = made["cells"][place]
    cell["source"] = "".join(cell["source"]).replace("Because it does.", BLANK)
    new = [{"cell_type": kind, "source": text, "metadata": {}} for text in texts]
    made["cells"][place + 1 : place + 1] = new
    return made


def text_in_the_cell_below(made: Notebook) -> Notebook:
    return text_below(made, "markdown", "Because it does.", "And it always did.")


def text_in_a_code_cell(made: Notebook) -> Notebook:
    return text_below(made, "code", "1 + 1", "Because it isn't otherwise.")


def text_as_a_comment(made: Notebook) -> Notebook:
    return text_below(made, "code", "# Because it does.")


def text_in_a_raw_cell(made: Notebook) -> Notebook:
    return text_below(made, "raw", "Because it does.")


def text_cell_made_raw(made: Notebook) -> Notebook:
    return with_kind(made, "raw")


def text_cell_made_code(made: Notebook) -> Notebook:
    return with_kind(made, "code")


def with_kind(made: Notebook, kind: str) -> Notebook:
    for cell in made["cells"]:
        if "answer: why" in "".join(cell["source"]):
            cell["cell_type"] = kind
    return made


FORMS: list[Callable[[Notebook], Notebook]] = [
    without_metadata, without_ids, as_one_string, windows_line_ends, all_metadata_alike,
    every_cell_twice, with_raw_and_unknown_cells,
    text_in_the_cell_below, text_in_a_code_cell, text_as_a_comment, text_in_a_raw_cell,
    text_cell_made_raw, text_cell_made_code,
]  # fmt: skip


def conflict(text: str, ours: str, theirs: str) -> str:
    """Return a text with a merge conflict about one of its lines."""
    line = next(line for line in text.splitlines() if ours in line)
    both = [line, "=======", line.replace(ours, theirs)]
    return text.replace(line, "\n".join(["<<<<<<< HEAD", *both, ">>>>>>> laptop"]))


def format_3(text: str) -> str:
    made = nbformat.reads(text, as_version=4)
    return str(nbformat.writes(nbformat.convert(made, 3), version=3))


FILES: dict[str, Callable[[str], bytes]] = {
    "with_bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf_16": lambda text: text.encode("utf-16"),
    "utf_16_without_bom": lambda text: text.encode("utf-16-le"),
    "windows_1252": lambda text: text.replace("it does", "it d\xf6es").encode("cp1252"),
    "trailing_commas": lambda text: re.sub(r"\n( *[\]}])", r",\n\1", text).encode(),
    "merge_conflict": lambda text: conflict(
        text, '"nbformat_minor": 5', '"nbformat_minor": 4'
    ).encode(),
    "merge_conflict_in_a_cell": lambda text: text.replace(
        '"def scale', '"<<<<<<< local\\n# mine\\n=======\\n# theirs\\n>>>>>>> remote\\ndef scale'
    ).encode(),
    "format_3": lambda text: format_3(text).encode(),
}
NAMES = {
    "downloaded_twice": f"{EXERCISE} (1).ipynb",
    "in_capitals": "01_SCALE.IPYNB",
    "blanks_around_it": f" {EXERCISE} .ipynb",
    "saved_as_text": f"{EXERCISE}.ipynb.txt",
    "saved_as_json": f"{EXERCISE}.ipynb.json",
    "one_folder_deeper": f"homework/{EXERCISE}.ipynb",
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, str]]:
    try:
        how = backend()
    except NoSandbox as problem:
        pytest.skip(str(problem))
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
    try:
        how = backend("bubblewrap")
    except NoSandbox as problem:
        pytest.skip(str(problem))
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


def test_there_are_many_odd_ones() -> None:
    assert len(STUDENTS) >= 20


@pytest.mark.parametrize("student", STUDENTS)
def test_an_odd_submission_keeps_its_marks(rows: dict[Any, dict[str, str]], student: str) -> None:
    if student in NEED_TMP and backend() == "sandlock":
        pytest.skip("sandlock gives a submission no /tmp and no /dev/shm of its own")
    assert float(rows[student, "scale"]["points"]) == 3, rows[student, "scale"]
    assert float(rows[student, "smallest"]["points"]) == 1, rows[student, "smallest"]
    assert rows[student, "why"]["status"] == "needs-review"


@pytest.mark.parametrize("student", SAID)
def test_what_is_odd_is_said(rows: dict[Any, dict[str, str]], student: str) -> None:
    assert SAID[student] in rows[student, "scale"]["reason"]


@pytest.mark.parametrize("student", [f.__name__ for f in FORMS if "text_" in f.__name__])
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
    try:
        how = backend()
    except NoSandbox as problem:
        pytest.skip(str(problem))
    for student, (source, _) in BROKEN.items():
        hand_in(tmp_path / "in", student, submission([source]))
    text = json.dumps(submission([ANSWER]), indent=1)
    sides = conflict(text, "return x * factor + 1", "return x * factor")
    hand_in(tmp_path / "in", "two_sides", sides)
    rows = grade_all(tmp_path, how, timeout=6.0)
    for student, (_, says) in BROKEN.items():
        row = rows[student, "scale"]
        assert (row["status"], row["points"]) == ("needs-review", "0"), row
        assert says in row["reason"]
        assert rows[student, "smallest"]["points"] == "1"
    assert rows["two_sides", "scale"]["status"] == "needs-review"
    assert rows["two_sides", "smallest"]["points"] == "1"
