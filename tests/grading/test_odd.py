"""Honest but odd submissions keep full marks."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cs826tl.grading.sandbox.backends import NoSandbox, backend
from tests.grading.submissions import (
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


FORMS: list[Callable[[Notebook], Notebook]] = [
    without_metadata, without_ids, as_one_string, windows_line_ends, all_metadata_alike,
    every_cell_twice, with_raw_and_unknown_cells,
]  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, str]]:
    try:
        how = backend()
    except NoSandbox as problem:
        pytest.skip(str(problem))
    folder = tmp_path_factory.mktemp("odd")
    for path in ODD:
        hand_in(folder / "in", path.stem, submission(cells_of(path)))
    for change in FORMS:
        hand_in(folder / "in", change.__name__, change(submission([ANSWER])))
    made = json.dumps(submission([ANSWER]))
    hand_in(folder / "in", "with_bom", b"\xef\xbb\xbf" + made.encode())
    place = hand_in(folder / "in", "downloaded_twice", made)
    place.rename(place.with_name(f"{EXERCISE} (1).ipynb"))
    return grade_all(folder, how, timeout=6.0)


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


STUDENTS = [*(p.stem for p in ODD), *(f.__name__ for f in FORMS), "with_bom", "downloaded_twice"]


def test_there_are_many_odd_ones() -> None:
    assert len(STUDENTS) >= 20


@pytest.mark.parametrize("student", STUDENTS)
def test_an_odd_submission_keeps_its_marks(rows: dict[Any, dict[str, str]], student: str) -> None:
    if student in NEED_TMP and backend() == "sandlock":
        pytest.skip("sandlock gives a submission no /tmp and no /dev/shm of its own")
    assert float(rows[student, "scale"]["points"]) == 3, rows[student, "scale"]
    assert float(rows[student, "smallest"]["points"]) == 1, rows[student, "smallest"]
    assert rows[student, "why"]["status"] == "needs-review"
