"""What a notebook's receipts are worth: they open stage two, and let predictions count."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cs826tl_grader.exercise.receipts import read_receipts, refusal
from cs826tl_grader.exercise.rubric import Prediction, Question, as_number
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.marks import Mark, Marking, mark
from cs826tl_grader.plain.notebook import Cell


@dataclass(frozen=True)
class Opening:
    """The answers that receipts prove, by prediction, and why others have none that counts."""

    marking: Marking
    received: Mapping[str, str]
    refused: Mapping[str, tuple[str, str]]  # status and reason

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that can be asked: while stage two is closed, predictions only."""
        rubric = self.marking.exercise.rubric
        return rubric.predictions if self.refused else rubric.questions

    def closed(self, question: Question) -> Mark:
        """Return the mark of a question of which stage two has not been opened."""
        if question.name in self.refused:
            return mark(question, *self.refused[question.name])
        name, (_, reason) = next(iter(self.refused.items()))
        return mark(question, "missing", f"stage two is closed. `{name}`: {reason}")

    def scored(self, question: Prediction, found: dict[str, Any], got: Any) -> Mark:
        """Return the mark of a prediction that is a number; `found` says where it stands."""
        answer = repr(as_number(got))
        made = self.closed(question) if self.refused else self._scored(question, found, answer)
        return dataclasses.replace(made, predicted=self.received.get(question.name, answer))

    def _scored(self, question: Prediction, found: dict[str, Any], answer: str) -> Mark:
        before = self.received.get(question.name, answer)
        if before != answer:
            reason = f"rejected: changed since it was received. The receipt is for {before}"
            return mark(question, "graded", f"{reason}, and this is {answer}", found)
        share = question.share(self.marking.variant, float(answer))
        reason = question.explained(self.marking.variant, float(answer))
        return mark(question, "graded", reason, found, round(question.points * share, 2))


def opened(marking: Marking, cells: Sequence[Cell]) -> Opening:
    """Return what the receipts in a notebook open; the run's constants are drawn from them.

    Nothing needs opening without a key, or without predictions.
    """
    predictions, key = marking.exercise.rubric.predictions, marking.key
    if key is None or not predictions:
        return Opening(marking, {}, {})
    found = read_receipts(cell.source for cell in cells)
    refused, received = {}, {}
    for question in predictions:
        there = found.get(question.name, [])
        if why := refusal(key, marking.student, marking.exercise.name, question.name, there):
            refused[question.name] = "tampered" if there else "missing", f"rejected: {why}"
        else:
            received[question.name] = there[0].answer
    if refused:
        return Opening(marking, received, refused)
    answers = [received[question.name] for question in predictions]
    variant = variant_of(marking.exercise.rubric, marking.student, key, answers)
    return Opening(dataclasses.replace(marking, variant=variant), received, {})
