"""What a recording runs: enough of each lecture, and no more."""

import builtins

import pytest
from nbformat import NotebookNode

from tools.notebooks import course_notebooks
from tools.website.live import READY, Lecture, Live
from tools.website.record import _statement, costly, digest
from tools.website.slicing import needed, statements

LECTURES = [Lecture.read(path) for path in course_notebooks()]
KNOWN = {*dir(builtins), "display", "get_ipython", "__name__"}
by_name = pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.number)


def test_a_slice_follows_functions_comprehensions_and_changes_in_place() -> None:
    code = statements(
        [
            "import numpy as np\nunused = 1",
            "name = 'a'\ndef shout(word):\n    loud = word.upper()\n    return loud + name",
            "words = [shout(word) for word in ('x', 'y')]\nwords.append('z')",
            "print(words)\nfor word in words:\n    other = word",
            "words",
        ]
    )
    kept = [s.code.partition("\n")[0] for s in needed(code, code[-1:])]
    assert kept == [
        "name = 'a'",
        "def shout(word):",
        "words = [shout(word) for word in ('x', 'y')]",
        "words.append('z')",
        "words",
    ]


def outputs_of(lecture: Lecture, one: Live) -> list[NotebookNode]:
    found: list[NotebookNode] = lecture.notebook.cells[one.cell].outputs
    return found


@by_name
def test_every_widget_of_a_lecture_is_found(lecture: Lecture) -> None:
    texts = [
        output.get("data", {}).get("text/plain", "")
        for cell in lecture.notebook.cells
        for output in cell.get("outputs", [])
    ]
    found = [one for one in lecture.live if one.kind != "surprises"]
    passing = [one for one in found if one.output >= len(outputs_of(lecture, one))]
    assert len(found) - len(passing) == sum(text.endswith(READY) for text in texts)
    guesses = {one.asks[0] for one in found if one.kind == "guess"}
    assert guesses == {one.asks[0] for one in found if one.kind == "reveal"}
    places = [one.name for one in found if one.kind != "reveal"]
    assert len(set(places)) == len(places)


@by_name
def test_a_recording_has_all_names_that_it_needs(lecture: Lecture) -> None:
    wanted = [_statement(lecture, one, None) for one in lecture.live if one.kind != "surprises"]
    made: set[str] = set()
    for statement in needed(lecture.code, [s for s in wanted if s]):
        missing = statement.uses - made - statement.makes - KNOWN
        assert not missing, f"cell {statement.cell} needs {missing}"
        made |= statement.makes


@by_name
def test_a_result_that_is_stored_is_not_computed_again(lecture: Lecture) -> None:
    reveals = [one for one in lecture.live if one.kind == "reveal"]
    for one in reveals:
        shown = outputs_of(lecture, one)[one.output :]
        assert costly(one, lecture) == (not shown or "Measured:" not in shown[0].data["text/html"])


def test_the_digest_changes_with_the_code_and_with_what_is_chosen() -> None:
    lecture = LECTURES[2]
    first = digest(lecture, None)
    assert first == digest(Lecture.read(lecture.path), None) != digest(lecture, ["a"])
    other = Lecture.read(lecture.path)
    code = next(cell for cell in other.notebook.cells if cell.cell_type == "code")
    code.source += "\n# another"
    assert digest(other, None) != first


def test_a_name_says_which_lecture_and_cell() -> None:
    assert Live("07_freezing", 39, 0, "panel").name == "07-panel-39"
    assert Live("07_freezing", 41, 0, "guess", ("right",)).name == "07-guess-right"
