"""Sheets for a talk: each student's own, with answers that the grader computed."""

import dataclasses
import re
from pathlib import Path

import pytest

from cs826tl_grader.exercise.rubric import Function, Text
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.cohort import Cohort
from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.plain.notebook import Cell
from cs826tl_grader.report.pages import render
from cs826tl_grader.report.viva import Asked, chosen, on_a_page, questions, write_viva
from cs826tl_grader.sandbox.answers import find_code
from tests.grader.submissions import COURSE, EXERCISE
from tests.grader.test_exercises import EXERCISES
from tests.grader.test_grading import KEY
from tools.chromium import OPTIONS

CODE = "def scale(x, factor):\n    # mine\n    product = x * factor\n    return product + 1"
SIZE = 300


def exercise() -> Exercise:
    return Exercise(COURSE / f"{EXERCISE}.ipynb")


def marks(code: str = CODE, points: float = 3.0) -> list[Mark]:
    return [
        Mark("scale", points, 3.0, "graded", "", code=code),
        Mark("smallest", 1.0, 1.0, "graded", "", code='smallest = variant["factor"] - 1'),
        Mark("why", 0.0, 2.0, "needs-review", "", written="Because."),
    ]


def sheets(folder: Path, found: dict[str, list[Mark]]) -> dict[str, str]:
    cohort = Cohort(folder / "in", folder / "out", (exercise(),), tuple(found), KEY)
    count = write_viva({(s, EXERCISE): m for s, m in found.items()}, cohort, KEY)
    pages = {p.stem: p.read_text() for p in (folder / "out" / "viva").glob("*.html")}
    assert len(pages) == count
    return pages


def test_three_hundred_students_get_three_hundred_sheets(tmp_path: Path) -> None:
    """Each with three questions, on one code that all of them handed in."""
    pages = sheets(tmp_path, {f"s{k:03}": marks() for k in range(SIZE)})
    assert len(pages) == SIZE
    bodies = {re.sub(r"s\d{3}", "", page) for page in pages.values()}
    assert len(bodies) == SIZE
    assert {page.count("<b>Answer:</b>") for page in pages.values()} == {3}
    assert all("examiner only" in page for page in pages.values())


def test_the_answers_are_right_whoever_computes_them() -> None:
    rubric = exercise().rubric
    for k in range(50):
        student = f"s{k}"
        variant = variant_of(rubric, student, KEY)
        found = {one.kind: one for one in questions(exercise(), student, variant, marks(), KEY)}
        call = re.search(r"scale\((.+), (.+)\)", found["call"].ask)
        assert call is not None
        x, factor = map(float, call.groups())
        assert float(found["call"].answer) == pytest.approx(x * factor + 1)
        assert found["gap"].answer in ("product = x * factor", "return product + 1")
        assert found["gap"].code.count("…") == 1
        assert found["gap"].code.replace("…", found["gap"].answer) == CODE
        if "copy" in found:
            other = re.search(r"factor = (\d+)", found["copy"].ask)
            assert other is not None
            theirs, mine = int(other[1]) - 1, variant["factor"] - 1
            assert found["copy"].answer == f"{theirs} (in your own copy it is {mine})"


def test_it_is_no_hidden_case() -> None:
    """What is asked in a talk is drawn apart from what the grader asked."""
    from cs826tl_grader.marking.marks import Marking

    question = exercise().rubric["scale"]
    hidden = {
        repr(a)
        for case in Marking(exercise(), "s1", {}, KEY, 1.0).cases(question)[1:]
        for a in case
    }
    found = questions(exercise(), "s1", {"factor": 3}, marks(), KEY)
    asked = next(one.ask for one in found if one.kind == "call")
    assert not [value for value in hidden if value in asked]


def test_the_same_sheet_is_drawn_again(tmp_path: Path) -> None:
    first, again = (sheets(tmp_path / name, {"ada": marks()}) for name in "ab")
    assert first == again


def test_who_answered_nothing_gets_none_and_who_was_wrong_is_told_so(tmp_path: Path) -> None:
    nothing = [Mark("scale", 0.0, 3.0, "missing", "nothing was handed in")]
    pages = sheets(tmp_path, {"ada": nothing, "bob": marks(CODE + "0", points=0.0)})
    assert list(pages) == ["bob"]
    assert "was wrong in some case" in pages["bob"]


def test_nothing_of_a_students_runs_in_the_examiners_browser(tmp_path: Path) -> None:
    hostile = "def scale(x, factor):\n    '<script>alert(1)</script>'\n    return '</pre><script>'"
    pages = sheets(tmp_path, {"ada": marks(hostile), "<script>": marks(hostile)})
    assert len(pages) == 2
    assert not [page for page in pages.values() if "<script" in page]


def test_the_students_own_run_is_asked_about_first(tmp_path: Path) -> None:
    scale, *others = marks()
    talk = "Your `scale` reached 84 % by training 1,290 parameters. Which?"
    run = dataclasses.replace(scale, talk=talk, talk_answer="those of the head")
    page = sheets(tmp_path, {"ada": [run, *others]})["ada"]
    assert "1. Your `scale` reached 84 % by training 1,290 parameters. Which?" in page
    assert "<code>those of the head</code>" in page


LONG_TALK = (  # as long as any that a rubric makes
    "Your `unfreeze_gradually` reached 100 % on the new script and kept 100 % on the old one by "
    "training 123,456 parameters. In which parts do they lie? And how many would a head alone "
    "have, from the sizes of its layer?",
    "block1 12,345, block2 12,345, block3 55,424, fc 65,664, head 1,290; 64 × 10 + 10 = 1,290 in "
    "the head alone",
)


def longest_sheet(exercise: Exercise) -> list[Asked]:
    """Return the longest of ten sheets on the lecturer's own solutions."""
    cells = [Cell(cell.cell_type, cell.source) for cell in exercise.source.cells]
    found = []
    for q in exercise.rubric.questions:
        code = "" if isinstance(q, Text) else find_code(q.name, cells, []).code
        asked, answer = LONG_TALK if isinstance(q, Function) and q.talk else ("", "")
        found.append(
            Mark(q.name, 1.0, 1.0, "graded", "", code=code, talk=asked, talk_answer=answer)
        )
    made = []
    for k in range(10):
        variant = variant_of(exercise.rubric, f"s{k}", KEY)
        made.append(chosen(questions(exercise, f"s{k}", variant, found, KEY)))
    return max(
        made, key=lambda sheet: sum(one.code.count("\n") + len(one.ask) / 40 for one in sheet)
    )


ENDLESS = {
    "many lines": Asked("gap", "Which line?", "x = 1\n" * 700 + "…", "x = 2", line=700),
    "one long line": Asked("call", "What? " * 200, "x = " + "1" * 3996, "y" * 3000),
    "wide letters": Asked(
        "copy", "問" * 400, "\n".join(["値 = 値"] * 40 + ["値" * 900]), "答" * 400
    ),
}


@pytest.mark.slow
def test_every_sheet_is_one_page_of_a4_with_nothing_cut_off(chromium: str) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    made = {exercise.name: longest_sheet(exercise) for exercise in EXERCISES}
    made |= {name: [one] * 3 for name, one in ENDLESS.items()}
    made |= {"all of these": [*ENDLESS.values()]}
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": 794, "height": 1123})
        page.emulate_media(media="print")
        for name, sheet in made.items():
            page.set_content(render("viva.html", student="s1", questions=on_a_page(sheet)))
            paper = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, name
            (box,) = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper))
            assert [round(float(side) * 25.4 / 72) for side in box] == [210, 297]
            whole, shown = page.locator(".sheet").evaluate("e => [e.scrollHeight, e.clientHeight]")
            assert whole <= shown, name
        browser.close()


@pytest.mark.parametrize("line", [0, 3, 350, 700])
def test_what_is_cut_keeps_the_line_that_matters(line: int) -> None:
    lines = [f"x{k} = {k}" for k in range(701)]
    lines[line] = "…"
    for one in on_a_page([Asked("gap", "Which?", "\n".join(lines), "y", line=line)] * 3):
        assert one.code.split("\n").count("…") == 1
        assert ("⋮" in one.code.split("\n")[0]) == (line > 10)
