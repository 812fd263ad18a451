"""The sorter of kinds of transfer: answer two questions about a case, and it names the kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from cs826tl.lectures.kinds_of_transfer.examples import EXAMPLES
from cs826tl.lectures.kinds_of_transfer.kinds import KINDS, Answers, Kind, kind_of_transfer
from cs826tl.lectures.kinds_of_transfer.plots import plot_kinds
from cs826tl.widgets.controllers import Progress, Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Press
from cs826tl.widgets.explorer import Explorer

OPEN = "not answered"
ANSWERS = {"yes": True, "no": False}
CASES = {f"{k}. {example.name}": example for k, example in enumerate(EXAMPLES, start=1)}
MARKS = {True: "✓ yes", False: "✗ no"}
OWN = "a case of your own"


def kind_sorter() -> Explorer:
    """Return a sorter: two answers name the kind of transfer; twelve cases to try it on [C05].

    >>> sorter = kind_sorter()
    >>> sorter.set("target", "no")
    >>> sorter.set("source", "yes")
    >>> sorter.press("check")
    >>> sorter.state["status"]
    "✗ Not yet. Target: The radiologist's marks are the target's labels."
    """
    return Explorer(KindSorter())


class KindSorter:
    """Which case is looked at, what was answered to it, and what came of checking."""

    title = "Sorting by kind of transfer"
    help = (
        "Read the case, answer the two questions, and press Check. Then choose the next case. "
        "The last one is for a case of your own."
    )
    worth = Worth()

    def __init__(self) -> None:
        self.case = next(iter(CASES))
        self._said = {case: {"target": OPEN, "source": OPEN} for case in (*CASES, OWN)}
        self._checked: dict[str, Answers] = {}
        self._first: dict[str, bool] = {}

    def controls(self) -> tuple[Control, ...]:
        """Return the case, the two questions and, if there is an answer to check, Check."""
        options = (OPEN, *ANSWERS)
        said = self._said[self.case]
        return (
            Choice("case", "Case", tuple(self._said), self.case),
            Choice("target", "Are there labels in the target?", options, said["target"]),
            Choice("source", "Are there labels in the source?", options, said["source"]),
            *((Press("check", "Check"),) if self.case in CASES else ()),
        )

    def set(self, name: str, value: Any) -> None:
        """Go to another case, or answer a question."""
        if name == "case":
            self.case = value
        else:
            self._said[self.case][name] = value

    def press(self, name: str) -> Iterator[Progress]:
        """Check the answers; `ValueError` while there are not two."""
        if self.answers is None:
            raise ValueError("answer both questions, then check")
        self._checked[self.case] = self.answers
        self._first.setdefault(self.case, self._right(self.case))
        return iter(())

    @property
    def answers(self) -> Answers | None:
        """The two answers to the present case, target first; None until both are given."""
        said = self._said[self.case]
        if OPEN in said.values():
            return None
        return ANSWERS[said["target"]], ANSWERS[said["source"]]

    def view(self) -> View:
        """Return the case with what is to be said of it, the map, and the tally."""
        named = f" The frame is on: {_kind(self.answers).name}." if self.answers else ""
        return View(
            status=self._status(),
            tables=(self._tally(), self._missions()) if self._checked else (),
            draw=partial(plot_kinds, chosen=self.answers, placed=self._placed()),
            size=(7, 2.8),
            alt="A map of two questions. With labels in the target, transfer is inductive, "
            "whatever the source has. Without, it is transductive if the source has labels, and "
            f"unsupervised if it has none.{named}",
        )

    def _status(self) -> str:
        if self.case == OWN:
            return f"That is {_kind(self.answers)!r}." if self.answers else "Think of a case."
        example = CASES[self.case]
        if self.answers is None or self._checked.get(self.case) != self.answers:
            said = f" You say: {_kind(self.answers).name}." if self.answers else ""
            return example.story + said
        if self._right(self.case):
            return f"✓ {example.kind.name} transfer. {example.target_why} {example.source_why}"
        target, source = self.answers
        wrong = [
            *([f"Target: {example.target_why}"] if target != example.target_labels else []),
            *([f"Source: {example.source_why}"] if source != example.source_labels else []),
        ]
        return " ".join(["✗ Not yet.", *wrong])

    def _right(self, case: str) -> bool:
        return self._checked[case] == (CASES[case].target_labels, CASES[case].source_labels)

    def _tally(self) -> Table:
        rows = [
            (
                case,
                _kind(answers).name,
                MARKS[self._right(case)],
                MARKS[self._first[case]],
            )
            for case, answers in self._checked.items()
        ]
        caption = f"{sum(self._first.values())} of {len(rows)} right at the first try"
        return Table(caption, ("case", "you said", "right", "at the first try"), tuple(rows))

    def _missions(self) -> Table:
        right = [CASES[case] for case in self._checked if self._right(case)]
        met = {
            "Sort six cases, four of them right at the first try.": len(self._first) >= 6
            and sum(self._first.values()) >= 4,
            "Sort a case of each of the three kinds.": {case.kind for case in right} == set(KINDS),
            "Find an inductive case whose source has no labels.": any(
                case.target_labels and not case.source_labels for case in right
            ),
        }
        return missions(met)

    def _placed(self) -> dict[Answers, str]:
        """Return the numbers of the cases sorted rightly, by field of the map."""
        placed: dict[Answers, str] = {}
        for case in filter(self._right, self._checked):
            number = case.partition(".")[0]
            answers = self._checked[case]
            placed[answers] = f"{placed[answers]}, {number}" if answers in placed else number
        return placed


def _kind(answers: Answers) -> Kind:
    target, source = answers
    return kind_of_transfer(target_labels=target, source_labels=source)
