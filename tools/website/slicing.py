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
DEFINING = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Statement:
    """A top-level statement, the number of the code cell in which it stands, and its text."""

    cell: int
    node: ast.stmt
    code: str

    @cached_property
    def makes(self) -> set[str]:
        """The names that it gives a value."""
        return {
            s.get_name() for s in self._table.get_symbols() if s.is_assigned() or s.is_imported()
        }

    @cached_property
    def uses(self) -> set[str]:
        """The names that it reads, its functions' bodies included, their own variables not."""
        return set(_read(self._table, top=True)) | set(_added_to(self.node))

    @cached_property
    def changes(self) -> set[str]:
        """The names of what it may change in place.

        Items and attributes may be set. Calls that nothing is made of may change what they are
        given, and so do some verbs.
        """
        if isinstance(self.node, DEFINING):
            return set()
        made = isinstance(self.node, ast.Assign) and self.makes != {"_"}
        return _set_in(self.node) | {
            touched
            for call in (n for n in ast.walk(self.node) if isinstance(n, ast.Call))
            if _name(call) in CHANGING or not (made or _only_shows(call))
            for touched in _touched(call)
        }

    @cached_property
    def alters(self) -> set[str]:
        """The names from outside that the function which it defines may change when called."""
        if not isinstance(self.node, ast.FunctionDef):
            return set()
        inner = self._table.get_children()  # a lambda among the defaults is one of them
        function = next(table for table in inner if table.get_name() == self.node.name)
        outside = {s.get_name() for s in function.get_symbols() if s.is_global()}
        alone = (n.value for n in ast.walk(self.node) if isinstance(n, ast.Expr))
        calls = (n for n in alone if isinstance(n, ast.Call) and not _only_shows(n))
        return outside & (_set_in(self.node) | {name for call in calls for name in _touched(call)})

    @cached_property
    def _table(self) -> symtable.SymbolTable:
        return symtable.symtable(self.code, "cell", "exec")


def statements(sources: Sequence[str]) -> list[Statement]:
    """Return the statements of code cells; magics become the calls that IPython makes of them.

    >>> [sorted(s.makes) for s in statements(["import numpy as np", "a, b = 1, [c for c in np]"])]
    [['np'], ['a', 'b']]
    """
    plain = map(TransformerManager().transform_cell, sources)
    return [
        Statement(k, node, _text(node, source))
        for k, source in enumerate(plain)
        for node in ast.parse(source).body
    ]


def _text(node: ast.stmt, source: str) -> str:
    """Return a statement as text; a function as it is written, since records know it by that."""
    if not isinstance(node, ast.FunctionDef):
        return ast.unparse(node)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "".join(source.splitlines(keepends=True)[first - 1 : node.end_lineno])


def needed(code: Sequence[Statement], wanted: Iterable[Statement]) -> list[Statement]:
    """Return the wanted statements and, in order, all before each that its names come from.

    >>> code = statements(["a = 1", "b = 2", "c = [a]", "c.append(a)", "c"])
    >>> [s.code for s in needed(code, code[-1:])]
    ['a = 1', 'c = [a]', 'c.append(a)', 'c']
    >>> code = statements(["d = {}", "def f(): d['x'] = []", "f()", "d['x'].append(1)", "d"])
    >>> len(needed(code, code[-1:]))
    5
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
    alters = {name: one.alters for one in code for name in one.makes if one.alters}
    for j in range(k - 1, -1, -1):
        called = set[str]().union(*(alters.get(name, ()) for name in code[j].uses))
        if missing & (code[j].makes | code[j].changes | called):
            yield j
        if not isinstance(code[j].node, ast.For | ast.If | ast.With | ast.AugAssign):
            missing -= code[j].makes


def _read(table: symtable.SymbolTable, *, top: bool) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _read(inner, top=False)


def _added_to(node: ast.AST) -> Iterator[str]:
    """Yield targets of `a += …`, which symtable does not count as read; not those in functions."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    for inner in ast.iter_child_nodes(node):
        yield from _added_to(inner)


def _name(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return ast.unparse(call.func).rpartition(".")[2]


def _only_shows(call: ast.Call) -> bool:
    return _name(call) in SHOWING or _name(call).startswith("plot_")


def _touched(call: ast.Call) -> Iterator[str]:
    """Yield the names of the call's object and of what it is given."""
    owners = [_root(call.func.value)] if isinstance(call.func, ast.Attribute) else []
    yield from (
        node.id for node in [*owners, *call.args] if isinstance(node, ast.Name) and node.id != "tl"
    )


def _set_in(node: ast.AST) -> set[str]:
    """Return the names of objects of which it sets an item or an attribute."""
    places = (n for n in ast.walk(node) if isinstance(n, ast.Subscript | ast.Attribute))
    roots = (_root(place) for place in places if isinstance(place.ctx, ast.Store))
    return {root.id for root in roots if isinstance(root, ast.Name)}


def _root(node: ast.expr) -> ast.expr:
    """Return the object itself of an item or an attribute, however deep: `a` of `a.b[0].c`."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node
