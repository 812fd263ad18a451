"""The lecturer's report: distribution, hardest questions, commonest mistakes, incidents, copies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from cs826tl.grading.marking.cohort import Marks
from cs826tl.grading.marking.marks import Mark
from cs826tl.grading.plain.writing import safe_cell
from cs826tl.grading.platforms.intake import Row
from cs826tl.grading.report.pages import render, totals

INCIDENTS = ("tampered", "timeout", "crashed")


def overview(
    marks: Marks, unsandboxed: bool, refused: Mapping[str, str], received: Sequence[Row] = ()
) -> str:
    """Return the report as one page."""
    by_exercise: dict[str, dict[str, list[Mark]]] = defaultdict(dict)
    for (student, exercise), found in marks.items():
        by_exercise[exercise][student] = found
    return render(
        "report.html",
        students=len({student for student, _ in marks}),
        waiting=sum(m.status == "needs-review" for found in marks.values() for m in found),
        exercises=[_exercise(name, found) for name, found in by_exercise.items()],
        incidents=_incidents(marks),
        alike=[(name, group) for name, found in by_exercise.items() for group in _alike(found)],
        unsandboxed=unsandboxed,
        unmatched=[row for row in received if row.status == "unmatched"],
        refused={safe_cell(entry): reason for entry, reason in refused.items()},
    )


def _incidents(marks: Marks) -> list[dict[str, str]]:
    """Return one row for each thing that went wrong in a submission, with the questions it hit."""
    hit: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for (student, exercise), found in marks.items():
        for m in found:
            if m.status in INCIDENTS:
                hit[student, exercise, m.status, m.reason].append(m.question)
        if found and found[0].denied:
            hit[student, exercise, "confined", found[0].denied] = []
    columns = ("student", "exercise", "status", "reason")
    return [
        {**dict(zip(columns, row, strict=True)), "questions": ", ".join(questions)}
        for row, questions in hit.items()
    ]


def _exercise(name: str, found: Mapping[str, Sequence[Mark]]) -> dict[str, Any]:
    shares = [points / most if most else 0.0 for points, most in map(totals, found.values())]
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
    return {"name": name, "bins": bins, "questions": sorted(questions, key=lambda q: q["share"])}


def _question(name: str, marks: Sequence[Mark]) -> dict[str, Any]:
    """Return how a question went, as far as it is marked."""
    marked = [m for m in marks if m.status != "needs-review"]
    full = sum(m.points >= m.max_points for m in marked)
    wrong = Counter(m.reason.split(" Hint:")[0] for m in marked if m.points < m.max_points)
    return {
        "name": name,
        "full": full,
        "marked": len(marked),
        "waiting": len(marks) - len(marked),
        "share": full / len(marked) if marked else 1.0,
        "wrong": wrong.most_common(3),
    }


def _alike(found: Mapping[str, Sequence[Mark]]) -> list[list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, marks in found.items():
        shapes = tuple(m.shape for m in marks if m.shape)
        if len(shapes) > 1:
            groups[shapes].append(student)
    return [group for group in groups.values() if len(group) > 1]
