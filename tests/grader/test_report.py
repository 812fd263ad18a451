"""The report and the feedback: what a person sees first, on a screen, on paper, without scripts."""

import argparse
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.marking.marks import Mark, Marking
from cs826tl_grader.platforms.intake import Row
from cs826tl_grader.report.overview import alike, overview
from cs826tl_grader.report.tables import write_report
from cs826tl_grader.sandbox.backends import backend
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, grades, hand_in, notebook
from tests.grader.test_grading import command, sandboxed  # noqa: F401
from tools.chromium import OPTIONS

RIGHT = Mark("scale", 3.0, 3.0, "graded", "right in every case", code=ANSWER)
HOSTILE = "<script>alert(1)</script>"
WRONG = "def scale(x, factor):\n    # mine\n    return x * factor"
LONG = "def train(rows):\n    model = fit(rows)\n    return model.score(rows, 'x' * 80)"


def wrong(code: str, shape: str = "") -> Mark:
    reason = "wrong answer: it is another number. Hint: Multiply, then add one."
    example = "scale(1.0, 3.0) should return 4.0"
    return Mark("scale", 0.0, 3.0, "graded", reason, shape=shape, code=code, example=example)


def pair(code: str, shape: str = "s1") -> list[Mark]:
    second = Mark("two", 1.0, 1.0, "graded", "right", shape="s2", code="def two():\n    return 2")
    return [Mark("train", 1.0, 1.0, "graded", "right", shape=shape, code=code), second]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report")
    by_student = {
        "ada": [wrong(WRONG, "w")],
        "bob": [wrong(WRONG.replace("factor", "f"), "w")],
        "cyd": [wrong(f"def scale(x, factor):\n    return '{HOSTILE}'", "v")],
        "dan": [RIGHT],
        "eve": [Mark("scale", 0.0, 3.0, "tampered", "its process sent what no answer is")],
        "fay": [Mark("scale", 0.0, 3.0, "timeout", "it took too long")],
        "gus": [Mark("scale", 0.0, 3.0, "needs-review", "there are several answers")],
        "hal": [Mark("scale", 0.0, 3.0, "needs-review", "to be marked by hand", "Because.")],
    }
    marks = {(student, EXERCISE): found for student, found in by_student.items()}
    marks |= {("ivy", "02_long"): pair(LONG), ("jon", "02_long"): pair(LONG.replace("model", "m"))}
    rows = [Row("Zoe_9_assignsubmission_file", "", "Zoe", "", "", "unmatched", "no id of it")]
    write_report(marks, place, received=rows)
    return place


def page_of(report: Path) -> str:
    return (report / "report.html").read_text()


def feedback(report: Path, student: str) -> str:
    return (report / "feedback" / student / f"{EXERCISE}.html").read_text()


def test_the_report_opens_on_what_needs_a_person(report: Path) -> None:
    page = page_of(report)
    headings = re.findall(r"<h[123][^>]*>(.*?)</h[123]>", page)
    assert headings[:5] == [
        "Grading report", "Needs you", "Belongs to nobody", "To settle", "Incidents",
    ]  # fmt: skip
    needs = page.partition("Needs you")[2].partition("</ul>")[0]
    said = [re.sub(r"<[^>]+>", "", line).strip() for line in needs.split("<li>")[1:]]
    assert said == [
        "1 entry of the archive that belongs to nobody",
        "1 student: tampered",
        "1 student: timeout",
        "1 answer that only a person can settle",
        "2 answers still to be marked by hand, in by_hand.csv",
    ]
    for target in re.findall(r'href="#(\w+)"', needs):
        assert f'id="{target}"' in page
    table = page.partition("Incidents")[2].partition("</table>")[0]
    assert re.findall(r"--again (\w+)", table) == ["eve", "fay"]


@pytest.mark.parametrize(
    "student", ["$(touch won)", "a'; touch won; '", "`touch won`", "-x", "a b"]
)
def test_a_command_that_names_a_student_runs_nothing_when_it_is_pasted(
    tmp_path: Path, student: str
) -> None:
    mark = Mark("scale", 0.0, 3.0, "crashed", "its process ended")
    page = overview({(student, EXERCISE): [mark]}, False, {})
    (words,) = re.findall(r"<td><code>(--again.*?)</code>", page)
    shell = ["sh", "-c", f"printf '%s\\n' {html.unescape(words)}"]
    said = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", nargs="+")
    assert parser.parse_args(said.splitlines()).again == [student]
    assert list(tmp_path.iterdir()) == []


def test_the_commonest_wrong_answer_is_shown_as_code(report: Path) -> None:
    row = page_of(report).partition("Questions, the hardest first")[2].partition("</table>")[0]
    assert "2 wrote, but for its names:" in row
    assert WRONG in row


def test_answers_alike_stand_side_by_side_with_what_is_the_same() -> None:
    found = {"ivy": pair(LONG), "jon": pair(LONG.replace("model", "m")), "kim": pair(LONG, "s3")}
    (group,) = alike("02_long", found)
    assert group.students == ["ivy", "jon"]
    (_, one, other), (_, *both) = group.beside
    assert [same for _, same in one] == [True, False, False]
    assert [line for line, same in other if not same] == [
        "    m = fit(rows)", "    return m.score(rows, 'x' * 80)",
    ]  # fmt: skip
    assert both[0] == both[1]


def test_feedback_shows_the_answer_the_example_and_one_hint(report: Path) -> None:
    page = feedback(report, "ada")
    assert WRONG in page
    assert "scale(1.0, 3.0) should return 4.0" in page
    assert page.count("Multiply, then add one.") == 1
    assert "Hint" not in feedback(report, "dan")
    assert HOSTILE not in feedback(report, "cyd") + page_of(report)


def test_the_example_is_the_students_own_variant() -> None:
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    marking = Marking(exercise, "ada", {"factor": 5}, b"", 1.0)
    (example,) = exercise.rubric["scale"].examples
    said = marking.in_words(exercise.rubric["scale"], example)
    assert said == "scale(1.0, 3.0) should return 4.0"
    assert not any(exercise.rubric[name].examples for name in ("smallest", "why"))


FAILED = {  # answers, and the first public example that each gets wrong
    "return x * factor": "scale(1.0, 3.0) should return 4.0",
    "return x + factor": "scale(2.0, 0.0) should return 1.0",
    "return x * factor + 1 if x < 50 else 0.0": "",
    "return 1 / factor if factor < 50 else 0.0": "scale(1.0, 3.0) should return 4.0",
    "return 4.0 if factor else os._exit(0)": "",
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", FAILED)
def test_the_example_beside_an_answer_is_one_that_it_failed(
    answer: str,
    tmp_path: Path,
    sandboxed: None,  # noqa: F811
) -> None:
    """And an answer that dies on an example keeps its mark, and takes no other with it."""
    folder = tmp_path / "course"
    shutil.copytree(COURSE, folder)
    rubric = folder / f"{EXERCISE}.py"
    rubric.write_text(rubric.read_text().replace("[(1.0, 3.0)]", "[(1.0, 3.0), (2.0, 0.0)]"))
    hand_in(tmp_path / "in", "ada", notebook([f"import os\ndef scale(x, factor):\n    {answer}"]))
    exercises = (Exercise(folder / f"{EXERCISE}.ipynb"),)
    cohort = Cohort(tmp_path / "in", tmp_path / "out", exercises, how=backend())
    marks = grade(cohort)
    scale, smallest, _ = marks["ada", EXERCISE]
    assert (scale.points, scale.status, scale.example) == (0.0, "graded", FAILED[answer])
    assert smallest.points == 1.0
    write_report(marks, cohort.report)
    page = feedback(cohort.report, "ada")
    assert (
        re.findall(r"scale\(.*?\) should return [\d.]+", page)
        == [FAILED[answer]][: bool(FAILED[answer])]
    )
    assert page.count("Multiply, then add one.") == 1


@pytest.mark.slow
def test_both_pass_axe_print_on_a4_and_work_without_scripts(report: Path, chromium: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    sync_api = pytest.importorskip("playwright.sync_api")
    pages = [report / "report.html", report / "feedback" / "ada" / f"{EXERCISE}.html"]
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=OPTIONS)
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, bypass_csp=True)
            for place in pages:
                page.goto(place.as_uri())
                assert axe.Axe().run(page).response["violations"] == []
        still = browser.new_page(java_script_enabled=False, viewport={"width": 794, "height": 1123})
        for place in pages:
            still.goto(place.as_uri())
            still.emulate_media(media="print")
            wide = still.locator("pre").evaluate_all(
                "all => all.filter(e => e.scrollWidth > e.clientWidth).length"
            )
            assert wide == 0
            paper = still.pdf(prefer_css_page_size=True)
            (box,) = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper))
            assert [round(float(side) * 25.4 / 72) for side in box] == [210, 297]
        browser.close()


@pytest.mark.slow
def test_only_those_asked_for_are_marked_again(tmp_path: Path, sandboxed: None) -> None:  # noqa: F811
    for student in ("ada", "bob"):
        hand_in(tmp_path / "in", student, notebook([WRONG]))
    words = ("grade", tmp_path / "in", "--out", tmp_path / "out", "--jobs", 0)
    command(*words)
    page = (tmp_path / "out" / "feedback" / "ada" / f"{EXERCISE}.html").read_text()
    assert "    # mine" in page
    assert "scale(1.0, 3.0) should return 4.0" in page
    kept = tmp_path / "out" / ".marks"
    before = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    command(*words, "--again", "bob")
    after = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    assert sum(before[name] != after[name] for name in before) == 1
    assert grades(tmp_path / "out")["bob", "scale"]["points"] == "0"
    with pytest.raises(ValueError, match="--again eve: there is no such student"):
        command(*words, "--again", "eve")
