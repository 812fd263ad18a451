"""From one submission to its marks: run it in the sandbox, and again with more care if it hangs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from cs826tl_grader.exercise.rubric import Question
from cs826tl_grader.marking.handed_in import Found
from cs826tl_grader.marking.marks import Mark, Marking, mark, with_note
from cs826tl_grader.marking.opening import Opening, opened
from cs826tl_grader.marking.sitting import Sitting
from cs826tl_grader.plain.exchange import Refused
from cs826tl_grader.plain.notebook import Cell, Unreadable, notebook_of
from cs826tl_grader.sandbox.channel import Died, TookTooLong
from cs826tl_grader.sandbox.isolation import Sandbox
from cs826tl_grader.sandbox.running import DEFINITIONS, EVERYTHING

ATTEMPTS = 3  # at starting a submission's process
_WHILE_RUNNING: dict[type[Exception], str] = {
    TookTooLong: "a cell did not come to its end",
    Died: "a cell ended its process",
    Refused: "a cell sent what no answer is",
}


def mark_submission(found: Found, marking: Marking, sandbox: Sandbox) -> list[Mark]:
    """Return a mark for every question, whatever the submission is or does."""
    questions = marking.exercise.rubric.questions
    if found.content is None:
        return [mark(q, found.status, found.note) for q in questions]
    try:
        notebook = notebook_of(found.content)
    except Unreadable as problem:
        said = with_note(f"the notebook could not be read: {problem}", found.note)
        return [mark(q, "crashed", said) for q in questions]
    with threadpool_limits(1):  # the rubric's work: more threads slow each other down
        opening = opened(marking, notebook.cells)
        marks, incidents = _sit(notebook.cells, opening, sandbox)
    note = "; ".join(filter(None, [*notebook.repairs, found.note]))
    denied = "; ".join(dict.fromkeys(filter(None, [*incidents, sandbox.denied()])))
    made = [marks.get(q.name) or opening.closed(q) for q in questions]
    made = [dataclasses.replace(m, reason=with_note(m.reason, note), denied=denied) for m in made]
    return [
        m if m.points or not found.status else dataclasses.replace(m, status=found.status)
        for m in made
    ]


def _sit(
    cells: Sequence[Cell], opening: Opening, sandbox: Sandbox
) -> tuple[dict[str, Mark], list[str]]:
    """Return the marks by question, and what went wrong on the way; with more care each time."""
    marks: dict[str, Mark] = {}
    incidents: list[str] = []
    care, attempts = EVERYTHING, 0
    while left := [q for q in opening.questions if q.name not in marks]:
        sitting = Sitting(cells, opening, sandbox, care)
        try:
            sitting.run(left, marks)
        except (TookTooLong, Died, Refused) as problem:
            attempts += 1
            if not sitting.located and attempts < ATTEMPTS:
                continue
            if sitting.asking:
                marks[sitting.asking.name] = _trouble(sitting.asking, problem)
            elif sitting.ran:  # on a public example, after its question was marked
                continue
            elif care == DEFINITIONS or not sitting.located:
                marks |= {q.name: _trouble(q, problem) for q in left if q.name not in marks}
            else:  # a cell that hangs or dies must not take the answers with it
                care += 1
                incidents.append(_WHILE_RUNNING[type(problem)])
        finally:
            sandbox.finish()
            incidents += sitting.ran_into
    return marks, incidents


def _trouble(question: Question, problem: Exception) -> Mark:
    if isinstance(problem, TookTooLong):
        return mark(question, "timeout", "it took too long: look for a loop that does not end")
    if isinstance(problem, Refused):
        return mark(question, "tampered", "its process sent what no answer is")
    return mark(question, "crashed", "its process ended before it answered")
