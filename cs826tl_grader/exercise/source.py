"""An exercise: the lecturer's notebook with its solutions, its rubric, and what students get."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cs826tl_grader.exercise.checks import public_checks
from cs826tl_grader.exercise.receipts import Receipt, receipt_cell
from cs826tl_grader.exercise.rubric import (
    Prediction,
    Rubric,
    Variant,
    load_rubric,
    read_rubric,
)
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.plain.notebook import Cell
from cs826tl_grader.plain.statements import named, statements

SOLUTION = re.compile(
    r"^([ \t]*)(?:# |<!-- )BEGIN SOLUTION(?: -->)?\n(.*?)"
    r"^[ \t]*(?:# |<!-- )END SOLUTION(?: -->)?\n?",
    re.DOTALL | re.MULTILINE,
)
VARIANT, CHECKS = "# VARIANT", "# CHECKS"
STUB = 'raise NotImplementedError("your answer goes here")'
BLANK = "*Your answer goes here.*"


@dataclass(frozen=True)
class Exercise:
    """The notebook `NN_slug.ipynb` and the rubric `NN_slug.py` beside it."""

    path: Path

    def __getstate__(self) -> dict[str, Path]:
        return {"path": self.path}  # what is read is read again where it arrives

    @property
    def name(self) -> str:
        """Return `NN_slug`."""
        return self.path.stem

    @cached_property
    def files(self) -> tuple[bytes, bytes]:
        """The notebook and the rubric as they were when first asked for, whatever comes later."""
        return self.path.read_bytes(), read_rubric(self.path.with_suffix(".py"))

    @cached_property
    def digest(self) -> bytes:
        """A digest of both files: it changes whenever the exercise does."""
        return b"".join(hashlib.sha256(content).digest() for content in self.files)

    @cached_property
    def rubric(self) -> Rubric:
        """The rubric, read once."""
        return load_rubric(self.path.with_suffix(".py"), self.files[1])

    @cached_property
    def source(self) -> NotebookNode:
        """The lecturer's notebook, read once."""
        text = self.files[0].decode("utf-8")
        notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        return notebook

    def released(self, variant: Variant) -> NotebookNode:
        """Return a student's copy: stubs, the variant's constants, public checks, no outputs."""
        return self._copy(self.rubric, variant)

    def first_stage(self, variant: Variant) -> NotebookNode:
        """Return the copy up to the last prediction: it holds nothing of what comes after.

        Raises `ValueError` if another question stands before a prediction, or two share a cell.
        """
        predictions = dataclasses.replace(self.rubric, questions=self.rubric.predictions)
        notebook = self._copy(predictions, variant)
        notebook.cells = notebook.cells[: self._length_of_first_stage]
        return notebook

    def second_stage(self, variant: Variant, receipts: Sequence[Receipt]) -> NotebookNode:
        """Return the whole copy with the predictions that were received, and their receipts."""
        notebook = self.released(variant)
        answers = {receipt.question: receipt.answer for receipt in receipts}
        for cell in notebook.cells:
            question = cell.metadata.get("cs826tl", {}).get("question")
            if question in answers:
                cell.source = f"{question} = {answers[question]}"
        cell = nbformat.v4.new_code_cell(receipt_cell(receipts), id="receipt")  # type: ignore[no-untyped-call]
        notebook.cells.insert(self._length_of_first_stage, cell)
        return notebook

    def _copy(self, rubric: Rubric, variant: Variant) -> NotebookNode:
        notebook = copy.deepcopy(self.source)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if cell.source.startswith(VARIANT):
                cell.source = _variant_cell(variant)
            elif cell.source.startswith(CHECKS):
                cell.source = public_checks(rubric, variant)
            else:
                _withhold(cell, rubric)
        return notebook

    @cached_property
    def _length_of_first_stage(self) -> int:
        """The number of cells up to the last prediction."""
        names = {question.name for question in self.rubric.predictions}
        cells = [_asked(c.cell_type, c.source) & {*self.rubric.names} for c in self.source.cells]
        asking = [k for k, asked in enumerate(cells) if asked & names]
        early = {name for asked in cells[: max(asking, default=-1) + 1] for name in asked} - names
        if early:
            raise ValueError(
                f"{self.path}: stage one ends with the last prediction, and would hold "
                f"{', '.join(sorted(early))} too: put predictions first"
            )
        if sorted(map(sorted, (cells[k] for k in asking))) != sorted([name] for name in names):
            raise ValueError(
                f"{self.path}: give every prediction one cell of its own, `name = None`"
            )
        return asking[-1] + 1

    @cached_property
    def _everybodys(self) -> list[NotebookNode]:
        """The cells of the release that everybody gets where there is no key."""
        return list(self.released(variant_of(self.rubric, "", None)).cells)

    @cached_property
    def released_texts(self) -> list[str]:
        """The text of every cell of the release: none of it is a student's answer."""
        return [cell.source for cell in self._everybodys]

    @cached_property
    def given(self) -> dict[str, list[str]]:
        """For each question, the cells of the release that hold its stub or prompt."""
        return {
            question.name: [
                cell.source
                for cell in self._everybodys
                if (cell.cell_type == "markdown") == question.written
                and question.name in _asked(cell.cell_type, cell.source)
            ]
            for question in self.rubric.questions
        }


def find_exercises(folder: Path, names: list[str] | None = None) -> list[Exercise]:
    """Return a folder's exercises, or those named; `ValueError` if one of them is missing."""
    there = {path.stem: Exercise(path) for path in sorted(folder.glob("*.ipynb"))}
    complete = {name: e for name, e in there.items() if e.path.with_suffix(".py").is_file()}
    for name in names or ():
        if name not in complete:
            raise ValueError(f"no exercise {name!r} in {folder}; there are {', '.join(complete)}")
    if not complete:
        raise ValueError(f"there is no exercise with a rubric in {folder}")
    return [complete[name] for name in names or complete]


def _withhold(cell: NotebookNode, rubric: Rubric) -> None:
    """Put a stub in place of every solution, and note in the metadata which question it is."""
    asked = [name for name in rubric.names if name in _asked(cell.cell_type, cell.source)]
    predicted = any(isinstance(rubric[name], Prediction) for name in asked)
    if SOLUTION.search(cell.source) is None and not predicted:  # nobody knows a prediction's
        return
    if cell.cell_type == "markdown":
        cell.source = SOLUTION.sub(BLANK + "\n", cell.source).rstrip("\n")
    else:
        cell.source = SOLUTION.sub(lambda match: _stub(match, asked), cell.source).rstrip("\n")
    if asked:
        cell.metadata["cs826tl"] = {"question": asked[0]}


def _stub(match: re.Match[str], asked: list[str]) -> str:
    indent, solution = match.groups()
    if indent:
        return f"{indent}{STUB}\n"
    names = [name for s in statements(solution) for name in named(s) if name in asked]
    return "".join(f"{name} = None  # your answer\n" for name in names)


def _asked(kind: str, source: str) -> set[str]:
    defined = {name for s in statements(source) for name in named(s)} if kind == "code" else set()
    return defined | set(Cell(kind, source).marked)


def _variant_cell(variant: Variant) -> str:
    opening = f"{VARIANT}: the constants of your own copy; leave them as they are"
    return f"{opening}\nvariant = {dict(variant)!r}"
