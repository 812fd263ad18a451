"""Which statements of a notebook a widget needs, so that a recording runs no more than those."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from IPython.core.inputtransformer2 import TransformerManager

SHOWING = {"show", "print", "display"}  # they change nothing of what they are given
CHANGING = {"fit", "freeze", "unfreeze"}  # they do, even if their result has a name


@dataclass(frozen=True)
class Statement:
    """A top-level statement, and the number of the code cell in which it stands."""

    cell: int
    node: ast.stmt

    @cached_property
    def makes(self) -> set[str]:
        """The names that it gives a value."""
        return {
            s.get_name() for s in self._table.get_symbols() if s.is_assigned() or s.is_imported()
        }

    @cached_property
    def uses(self) -> set[str]:
        """The names that it reads, its functions' bodies included, their own variables not."""
        return set(_read(self._table, top=True))

    @cached_property
    def changes(self) -> set[str]:
        """The names of what it may change in place.

        Calls that nothing is made of may change what they are given, and so do some verbs.
        """
        if not isinstance(self.node, ast.Expr | ast.Assign | ast.For):
            return set()
        made = isinstance(self.node, ast.Assign) and self.makes != {"_"}
        calls = (n for n in ast.walk(self.node) if isinstance(n, ast.Call))
        named = ((_name(call), call) for call in calls)
        return {
            touched
            for name, call in named
            if name in CHANGING or not (made or name in SHOWING or name.startswith("plot_"))
            for touched in _touched(call)
        }

    @property
    def code(self) -> str:
        """The statement as text."""
        return ast.unparse(self.node)

    @cached_property
    def _table(self) -> symtable.SymbolTable:
        return symtable.symtable(self.code, "cell", "exec")


def statements(sources: Sequence[str]) -> list[Statement]:
    """Return the statements of code cells; magics become the calls that IPython makes of them.

    >>> [sorted(s.makes) for s in statements(["import numpy as np", "a, b = 1, [c for c in np]"])]
    [['np'], ['a', 'b']]
    """
    plain = map(TransformerManager().transform_cell, sources)
    return [Statement(k, node) for k, source in enumerate(plain) for node in ast.parse(source).body]


def needed(code: Sequence[Statement], wanted: Iterable[Statement]) -> list[Statement]:
    """Return the wanted statements and, in order, all before each that its names come from.

    >>> code = statements(["a = 1", "b = 2", "c = [a]", "c.append(a)", "c"])
    >>> [s.code for s in needed(code, code[-1:])]
    ['a = 1', 'c = [a]', 'c.append(a)', 'c']
    """
    kept: set[int] = set()
    pending = [code.index(statement) for statement in wanted]
    while pending:
        k = pending.pop()
        if k not in kept:
            kept.add(k)
            pending += _sources(code, k)
    return [code[k] for k in sorted(kept)]


def _sources(code: Sequence[Statement], k: int) -> Iterator[int]:
    """Yield the statements before number `k` that make or change what it uses."""
    missing = set(code[k].uses)
    for j in range(k - 1, -1, -1):
        if missing & (code[j].makes | code[j].changes):
            yield j
        if not isinstance(code[j].node, ast.For | ast.If | ast.With | ast.AugAssign):
            missing -= code[j].makes


def _read(table: symtable.SymbolTable, *, top: bool) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _read(inner, top=False)


def _name(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return ast.unparse(call.func).rpartition(".")[2]


def _touched(call: ast.Call) -> Iterator[str]:
    """Yield the names of the call's object and of what it is given."""
    owners = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    yield from (
        node.id for node in [*owners, *call.args] if isinstance(node, ast.Name) and node.id != "tl"
    )
