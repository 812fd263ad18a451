"""What comes of a grading: tables, feedback for each student, a report for the lecturer."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from cs826tl.grading.cohort import Marks
from cs826tl.grading.marking import Mark
from cs826tl.grading.writing import write_csv, write_text

LONGEST = 255  # bytes of a folder's name
UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.|^\.|[. ]$")
INCIDENTS = ("tampered", "timeout", "crashed")
GRADEBOOKS = {  # the column that names the student, as each system imports it
    "moodle": "ID number",
    "canvas": "SIS User ID",
    "blackboard": "Username",
}
_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("cs826tl.grading"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


def write_report(marks: Marks, report: Path, unsandboxed: bool = False) -> None:
    """Write `grades.csv`, `summary.csv`, feedback, gradebooks and `report.html`."""
    ordered = dict(sorted(marks.items()))
    columns = ("student", "exercise", "question", "points", "max_points", "status", "reason")
    write_csv(report / "grades.csv", columns, _grades(ordered))
    totals = ("student", "exercise", "points", "max_points")
    write_csv(report / "summary.csv", totals, _summary(ordered))
    for system, identity in GRADEBOOKS.items():
        _write_gradebook(ordered, report / "gradebooks" / f"{system}.csv", identity)
    for (student, exercise), found in ordered.items():
        place = report / "feedback" / safe_name(student) / f"{exercise}.html"
        write_text(place, _feedback(student, exercise, found, unsandboxed))
    write_text(report / "report.html", _overview(ordered, unsandboxed))


def safe_name(student: str) -> str:
    """Return a student's id as the name of a folder that can be nowhere else, and nobody else's.

    >>> safe_name("Ada"), safe_name("../../etc")
    ('Ada', '____etc-74ccf3c5')
    """
    name = UNSAFE.sub("_", student)
    if name == student and len(os.fsencode(name)) <= LONGEST and name.strip(". "):
        return name
    digest = hashlib.sha256(student.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{name[: LONGEST // 4 - 9]}-{digest}"


def _grades(marks: Marks) -> Iterator[tuple[object, ...]]:
    for (student, exercise), found in marks.items():
        for m in found:
            points = (float(m.points), float(m.max_points))
            yield student, exercise, m.question, *points, m.status, m.reason


def _summary(marks: Marks) -> Iterator[tuple[object, ...]]:
    for (student, exercise), found in marks.items():
        yield student, exercise, *_totals(found)


def _totals(found: Sequence[Mark]) -> tuple[float, float]:
    return float(sum(m.points for m in found)), float(sum(m.max_points for m in found))


def _write_gradebook(marks: Marks, path: Path, identity: str) -> None:
    exercises = sorted({exercise for _, exercise in marks})
    students = sorted({student for student, _ in marks})
    rows = [
        [s, *(_totals(marks[s, e])[0] if (s, e) in marks else "" for e in exercises)]
        for s in students
    ]
    write_csv(path, [identity, *exercises], rows)


def _render(template: str, **values: object) -> str:
    style = Path(__file__).with_name("templates") / "page.css"
    trusted = jinja2.utils.markupsafe.Markup(style.read_text("utf-8"))  # type: ignore[attr-defined]
    return _TEMPLATES.get_template(template).render(style=trusted, **values)


def _feedback(student: str, exercise: str, found: Sequence[Mark], unsandboxed: bool) -> str:
    points, most = (f"{total:g}" for total in _totals(found))
    waiting = sum(m.max_points for m in found if m.status == "needs-review")
    return _render(
        "feedback.html", student=student, exercise=exercise, marks=found, points=points, most=most,
        waiting=f"{waiting:g}" if waiting else "", unsandboxed=unsandboxed,
    )  # fmt: skip


def _overview(marks: Marks, unsandboxed: bool) -> str:
    by_exercise: dict[str, dict[str, list[Mark]]] = defaultdict(dict)
    for (student, exercise), found in marks.items():
        by_exercise[exercise][student] = found
    incidents = [
        {"student": student, "exercise": exercise, **vars(m)}
        for (student, exercise), found in marks.items()
        for m in found
        if m.status in INCIDENTS
    ]
    return _render(
        "report.html",
        students=len({student for student, _ in marks}),
        exercises=[_exercise(name, found) for name, found in by_exercise.items()],
        incidents=incidents,
        alike=[(name, group) for name, found in by_exercise.items() for group in _alike(found)],
        unsandboxed=unsandboxed,
    )


def _exercise(name: str, found: Mapping[str, Sequence[Mark]]) -> dict[str, Any]:
    shares = [points / most if most else 0.0 for points, most in map(_totals, found.values())]
    tenths = Counter(min(int(10 * share), 9) for share in shares)
    highest = max(tenths.values())
    bins = [
        {
            "label": f"{10 * k} to {10 * k + 10}%",
            "count": tenths[k],
            "width": 100 * tenths[k] / highest,
        }
        for k in range(10)
    ]
    by_question: dict[str, list[Mark]] = defaultdict(list)
    for marks in found.values():
        for m in marks:
            by_question[m.question].append(m)
    questions = [_question(question, marks) for question, marks in by_question.items()]
    return {"name": name, "bins": bins, "questions": sorted(questions, key=lambda q: q["full"])}


def _question(name: str, marks: Sequence[Mark]) -> dict[str, Any]:
    full = sum(m.points >= m.max_points for m in marks)
    wrong = Counter(m.reason.split(" Hint:")[0] for m in marks if m.points < m.max_points)
    return {"name": name, "full": full, "all": len(marks), "wrong": wrong.most_common(3)}


def _alike(found: Mapping[str, Sequence[Mark]]) -> list[list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, marks in found.items():
        shapes = tuple(m.shape for m in marks if m.shape)
        if len(shapes) > 1:
            groups[shapes].append(student)
    return [group for group in groups.values() if len(group) > 1]
