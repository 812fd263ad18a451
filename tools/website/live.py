"""What is alive in a lecture: which outputs are widgets, and what each of them needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.website.slicing import Statement, statements

REVEALED = re.compile(r"\b(\w+)\.reveal\(")
ONE_THING = re.compile(r"^\*\*One thing:\*\* (.+)$", re.MULTILINE)
READY = ": run this cell to use it"  # what every widget's plain text ends on


@dataclass(frozen=True)
class Live:
    """A widget's place: the cell, the output in it, and what it is.

    A result that a cell reveals in passing has a place of its own, after the cell's outputs.

    `kind` is `explorer`, `panel`, `guess`, `reveal`, `quiz` or `surprises`; `asks` names the
    guesses that a guess, its result or a tally is about.
    """

    lecture: str
    cell: int
    output: int
    kind: str
    asks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its recording; a guess and its result share one."""
        short = self.lecture.partition("_")[0]
        if self.kind in ("guess", "reveal"):
            return f"{short}-guess-{self.asks[0]}"
        return f"{short}-{self.kind}-{self.cell}"


@dataclass(frozen=True)
class Lecture:
    """A stored notebook, read once."""

    path: Path
    notebook: NotebookNode = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Lecture:
        """Read a notebook."""
        return cls(path, nbformat.read(path, as_version=4))

    @property
    def stem(self) -> str:
        """Its name, such as `07_freezing_vs_finetuning`."""
        return self.path.stem

    @property
    def number(self) -> str:
        """Its place in the course, such as `07`, or `13b`."""
        return self.stem.partition("_")[0]

    @property
    def room(self) -> str:
        """The folder of what it owns, such as `freezing_vs_finetuning`."""
        return self.stem.partition("_")[2]

    @property
    def title(self) -> str:
        """Its heading."""
        return str(self.notebook.cells[0].source.partition("\n")[0].removeprefix("# "))

    @property
    def one_thing(self) -> str:
        """The sentence that it teaches; empty where its title does not say one."""
        found = ONE_THING.search(self.notebook.cells[0].source)
        return found[1] if found else ""

    @cached_property
    def cells(self) -> list[int]:
        """The places of the code cells among all cells."""
        return [k for k, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]

    @cached_property
    def code(self) -> list[Statement]:
        """All statements; their cells are counted as in the notebook."""
        found = statements([self.notebook.cells[k].source for k in self.cells])
        return [replace(s, cell=self.cells[s.cell]) for s in found]

    @cached_property
    def live(self) -> list[Live]:
        """All widgets, in order."""
        return [one for k in self.cells for one in self._in_cell(k)]

    def of_cell(self, cell: int) -> list[Statement]:
        """Return the statements of one cell."""
        return [s for s in self.code if s.cell == cell]

    def _in_cell(self, cell: int) -> Iterator[Live]:
        outputs = self.notebook.cells[cell].outputs
        shown, silent = self._revealed(cell)
        results = iter(shown)
        for number, output in enumerate(outputs):
            text = output.get("data", {}).get("text/plain", "")
            if text.endswith(READY):
                yield self._widget(cell, number, text.removesuffix(READY), results)
        for number, ask in enumerate(silent, start=len(outputs)):
            yield Live(self.stem, cell, number, "reveal", (ask,))
        if tallied := self._tallied(cell):
            yield Live(self.stem, cell, len(outputs) - 1, "surprises", tallied)

    def _widget(self, cell: int, output: int, name: str, revealed: Iterator[str]) -> Live:
        if name == "Guess":
            ask = next(revealed, None)
            kind = "guess" if ask is None else "reveal"
            return Live(self.stem, cell, output, kind, (ask or self._last_name(cell),))
        kinds = {"Quiz": "quiz", "Freezing panel": "panel"}
        kind = next((k for start, k in kinds.items() if name.startswith(start)), "explorer")
        return Live(self.stem, cell, output, kind)

    def _revealed(self, cell: int) -> tuple[list[str], list[str]]:
        """Return the guesses whose result a cell shows, and those that it reveals in passing."""
        shown: list[str] = []
        silent: list[str] = []
        own = self.of_cell(cell)
        for statement in own:
            text = statement.code
            last = statement is own[-1] and isinstance(statement.node, ast.Expr)
            names = [found[1] for found in REVEALED.finditer(text)]
            (shown if last or text.startswith("display(") else silent).extend(names)
        return shown, silent

    def _last_name(self, cell: int) -> str:
        last = self.of_cell(cell)[-1].node
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Name):
            return last.value.id
        raise ValueError(f"{self.stem}, cell {cell}: end the cell of a guess on its name")

    def _tallied(self, cell: int) -> tuple[str, ...]:
        node = self.of_cell(cell)[-1].node if self.of_cell(cell) else None
        call = node.value if isinstance(node, ast.Expr) else None
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("surprises")):
            return ()
        return tuple(arg.id for arg in call.args if isinstance(arg, ast.Name))
