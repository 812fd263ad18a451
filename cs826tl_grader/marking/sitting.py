"""One sitting: a fresh process in the sandbox runs the notebook and is put the questions."""

from __future__ import annotations

import builtins
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cs826tl_grader.exercise.rubric import Prediction, Question
from cs826tl_grader.marking.marks import Mark, mark, unjudged, with_note
from cs826tl_grader.marking.opening import Opening
from cs826tl_grader.plain.exchange import Refused
from cs826tl_grader.plain.notebook import Cell
from cs826tl_grader.sandbox.channel import Died, TookTooLong
from cs826tl_grader.sandbox.isolation import Sandbox
from cs826tl_grader.sandbox.running import DEFINITIONS
from cs826tl_grader.sandbox.tried import UNASKED

TO_READ = "to be marked by hand"
HINT = ". Hint: "  # between what is wrong and the hint, in a reason
_UNANSWERED = "not answered"
_ABSENT = "no cell defined it: there is none that does, or it did not get as far"
_ENDED = "a cell ends or stops the process: remove it, for this answer needs the cells to run"
_NO_GPU = (
    "it asks for a GPU, and there is none where it is marked: write "
    '`"cuda" if torch.cuda.is_available() else "cpu"`'
)
_OF_LIMITS = ("MemoryError", "OSError", "PermissionError", "BlockingIOError")
_KNOWN = {name for name, kind in vars(builtins).items() if isinstance(kind, type)}


class Sitting:
    """One fresh process in the sandbox, which runs the notebook and is put the questions."""

    def __init__(
        self, cells: Sequence[Cell], opening: Opening, sandbox: Sandbox, care: int
    ) -> None:
        self._cells, self._opening, self._sandbox = cells, opening, sandbox
        self._marking = opening.marking
        self._care = care
        self.asking: Question | None = None
        self.located = self.ran = False
        self.ran_into: list[str] = []  # what an answer was denied, as far as its exception tells

    def run(self, questions: Sequence[Question], marks: dict[str, Mark]) -> None:
        """Add to `marks` as the answers come."""
        exercise, timeout = self._marking.exercise, self._marking.timeout
        self._sandbox.begin(timeout * (2 + 2 * len(questions)))  # each asked, and judged
        asked = [
            {"name": q.name, "written": q.written, "given": exercise.given[q.name]}
            for q in questions
        ]
        cells = [vars(cell) for cell in self._cells]
        how = {"care": self._care, "seconds": timeout, "released": exercise.released_texts}
        job = json.dumps({"cells": cells, "questions": asked, **how}, ensure_ascii=False)
        whole = job.encode(errors="surrogatepass")  # as bytes: limits on texts are for answers
        self._sandbox.send(np.frombuffer(whole, np.uint8))
        found = self._sandbox.receive(timeout)
        self.located = True  # up to here none of the student's code has run
        code = []
        for question in questions:
            settled = _settled(question, found[question.name])
            if settled is None:
                code.append(question)
            else:
                marks[question.name] = settled
        if code:
            if self._sandbox.receive(timeout) != "ran":
                raise Refused("a word of its own")
            self.ran = True
            for question in code:
                end = self._sandbox.spent + timeout
                self._mark(question, found[question.name], end, marks)
            if self._sandbox.holds_more():
                self.ran_into.append(UNASKED)

    def _mark(
        self, question: Question, found: dict[str, Any], end: float, marks: dict[str, Mark]
    ) -> None:
        self.asking = question
        try:
            marks[question.name] = given = self._ask(question, found, end)
            self.asking = None  # the mark stands, whatever the answer does from here on
            if given.points < question.points:
                failed = self._failed_example(question, found, end)
                marks[question.name] = replace(given, example=failed)
        except (TookTooLong, Died, Refused):
            raise
        except Exception as problem:  # of the rubric: the other questions have theirs
            marks.setdefault(question.name, unjudged(question, problem, found))
            self.asking = None

    def _ask(self, question: Question, found: dict[str, Any], end: float) -> Mark:
        talk = None
        for arguments in self._marking.cases(question):
            reply = self._put(question, arguments, found, end)
            wrong = self._judge(question, arguments, reply)
            if talk is None:  # on the first case
                talk = self._marking.talk(question, arguments, reply.get("value"))
            if wrong:
                if wrong == _ABSENT and self._care == DEFINITIONS:
                    return mark(question, "crashed", _ENDED, found)
                status = "missing" if wrong in (_UNANSWERED, _ABSENT) else "graded"
                if found["note"] or found["doubt"] or wrong == _NO_GPU:
                    status = "needs-review"
                reason = with_note(f"{wrong}{HINT}{question.hint}", found["doubt"])
                failed = mark(question, status, reason, found)
                return replace(failed, talk=talk[0], talk_answer=talk[1])
        if isinstance(question, Prediction):
            return self._opening.scored(question, found, reply["value"])
        asked, answer = talk or ("", "")
        right = mark(question, "graded", "right in every case", found, question.points)
        return replace(right, talk=asked, talk_answer=answer)

    def _failed_example(self, question: Question, found: dict[str, Any], end: float) -> str:
        """Return the first public example that the answer gets wrong, or "".

        Avoids telling what came back: the process has seen hidden cases, and could return those.
        """
        for example in () if question.check else question.examples:
            reply = self._put(question, example, found, end)
            if self._judge(question, example, reply):
                return self._marking.in_words(question, example)
        return ""

    def _put(
        self, question: Question, arguments: tuple[Any, ...], found: dict[str, Any], end: float
    ) -> Any:
        """Put a case to the answer, and return what comes back."""
        put = list(arguments) if question.called else None
        name = found["name"] or question.name
        self._sandbox.send({"name": name, "arguments": put, "as_set": question.as_set})
        return self._sandbox.receive(end - self._sandbox.spent)

    def _judge(self, question: Question, arguments: tuple[Any, ...], reply: Any) -> str:
        match reply:
            case {"value": None} if not question.called:
                return _UNANSWERED
            case {"value": value, **rest} if not rest:
                wrong = self._marking.difference(question, arguments, value)
                return wrong and f"wrong answer: it is {wrong}"
            case {"absent": True, **rest} if not rest:
                return _ABSENT
            case {"raised": "NotImplementedError", **rest} if not rest:
                return _UNANSWERED
            case {"raised": "CUDA", **rest} if not rest:
                return _NO_GPU
            case {"raised": str() as kind, **rest} if not rest:
                if kind in _OF_LIMITS:
                    self.ran_into.append(f"an answer raised {kind}")
                return f"it raised {kind if kind in _KNOWN else 'an exception of its own'}"
        raise Refused("a reply that is none")


def _settled(question: Question, found: dict[str, Any]) -> Mark | None:
    """Return the mark of a question that needs no running, or None."""
    if found["rivals"]:
        reason = "there are several answers that differ: keep the one that counts"
        return mark(question, "needs-review", reason, found)
    if question.written:
        status = "needs-review" if found["text"] else "missing"
        reason = TO_READ if found["text"] else f"{_UNANSWERED}. {question.hint}"
        return mark(question, status, reason, found)
    if found["unreadable"]:
        return mark(question, "needs-review", found["unreadable"], found)
    return None
