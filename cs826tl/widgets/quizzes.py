"""Quizzes: a few questions at the end of a lecture, with an explanation for every answer."""

from __future__ import annotations

from typing import Any

import traitlets

from cs826tl.widgets.base import CourseWidget, front_end
from cs826tl.widgets.prose import to_html
from cs826tl.widgets.questions import ChoiceQuestion, Judgement, Question
from cs826tl.widgets.quiz_files import read_quiz


class Quiz(CourseWidget):
    """The view of a quiz's questions; `quiz` makes it.

    Answers are judged here, so that the browser knows none before it has asked.
    """

    _esm = front_end(__file__, "quiz.js")
    _css = front_end(__file__, "quiz.css")
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, questions: tuple[Question, ...]) -> None:
        self.questions = questions
        self.judgements: list[Judgement | None] = [None] * len(questions)
        self.alerts = [""] * len(questions)
        super().__init__(state=self._state())
        self.on_msg(self._obey)

    @property
    def name(self) -> str:
        """What this widget is called if it cannot be shown."""
        return "Quiz"

    def answer(self, number: int, given: Any) -> None:
        """Judge an answer to question `number`, counted from 0: numbers of options, or a text."""
        self.alerts[number] = ""
        try:
            self.judgements[number] = self.questions[number].judge(given)
        except ValueError as problem:  # nothing chosen, or no number
            self.judgements[number] = None
            self.alerts[number] = str(problem)
        self.show()

    def show(self) -> None:
        """Bring what the browser draws up to date."""
        self.state = self._state()

    def stand_in(self) -> str:
        """Return the questions and their options, and no answer."""
        items = "".join(f"<li>{_stand_in(question)}</li>" for question in self.questions)
        return f"<p><b>Quiz.</b> Run this cell to answer.</p><ol>{items}</ol>"

    def _obey(self, _: object, message: dict[str, Any], __: object) -> None:
        self.answer(message["question"], message["given"])

    def _state(self) -> dict[str, Any]:
        right = sum(judgement is not None and judgement.right for judgement in self.judgements)
        return {
            "questions": [_asked(question) for question in self.questions],
            "results": [
                {"alert": alert, **_said(judgement)}
                for alert, judgement in zip(self.alerts, self.judgements, strict=True)
            ],
            "tally": f"{right} of {len(self.questions)} right",
        }


def quiz(name: str) -> Quiz:
    """Return the quiz of a lecture, to be answered in the notebook.

    Raises `ValueError` for an unknown name, naming those that there are.

    >>> quiz("freezing_vs_finetuning")
    Quiz: run this cell to use it
    """
    return Quiz(read_quiz(name))


def _asked(question: Question) -> dict[str, Any]:
    options = question.options if isinstance(question, ChoiceQuestion) else ()
    return {
        "kind": question.kind,
        "ask": to_html(question.ask),
        "options": [to_html(option.text) for option in options],
    }


def _said(judgement: Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return {"right": False, "verdict": "", "remarks": []}
    verdict = "✓ Right." if judgement.right else "✗ Not yet. Try again."
    remarks = [to_html(remark) for remark in judgement.remarks]
    return {"right": judgement.right, "verdict": verdict, "remarks": remarks}


def _stand_in(question: Question) -> str:
    ask = to_html(question.ask, typeset=False)
    if not isinstance(question, ChoiceQuestion):
        return f"{ask} (a number)"
    note = " (several may be right)" if question.kind == "several" else ""
    texts = (to_html(option.text, typeset=False) for option in question.options)
    options = (f"({letter}) {text}" for letter, text in zip("abcdefghij", texts, strict=False))
    return f"{ask}{note}<br>{'; '.join(options)}"
