"""How a notebook's cells run: statement by statement, with as much care as they need."""

from __future__ import annotations

import ast
import contextlib
import signal
from collections.abc import Collection, Sequence
from typing import Any

from cs826tl_grader.plain.notebook import Cell
from cs826tl_grader.plain.statements import fingerprint, inner_statements, statements
from cs826tl_grader.sandbox.clock import Clock
from cs826tl_grader.sandbox.shell import WRITING

EVERYTHING, HURRIED, DEFINITIONS = range(3)  # with how much care cells are run
PATIENCE = 2.0  # seconds for one statement under HURRIED


def run_cells(
    cells: Sequence[Cell],
    namespace: dict[str, Any],
    care: int,
    seconds: float,
    left_out: Collection[tuple[int, str]] = (),
) -> None:
    """Run code cells statement by statement, so that one that raises stops no other.

    Under `HURRIED`, a statement that takes long is interrupted, and once `seconds` are over only
    definitions run. Under `DEFINITIONS` only they run from the start. `left_out` are statements to
    skip: the numbers of their cells, and their fingerprints.
    """
    clock = Clock()
    for number, cell in enumerate(cells):
        for statement in statements(cell.source) if cell.kind == "code" else ():
            late = care == DEFINITIONS or (care == HURRIED and clock.read() > seconds)
            if (late and not _defines(statement)) or _checks(statement):
                continue
            if (number, fingerprint(statement)) not in left_out:
                _run(statement, namespace, PATIENCE if care == HURRIED else 0)


def _run(statement: ast.stmt, namespace: dict[str, Any], seconds: float) -> None:
    clock = Clock()

    def interrupt(*_: object) -> None:
        left = seconds - clock.read()
        if left <= 0:
            raise TimeoutError("the time for this statement is over")
        signal.setitimer(signal.ITIMER_REAL, left)

    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        code = compile(ast.Module([statement], []), "<submission>", "exec")
        exec(code, namespace)  # the reason for the sandbox
    signal.setitimer(signal.ITIMER_REAL, 0)


def _checks(statement: ast.stmt) -> bool:
    """Say whether a statement only tries public examples, which takes time and decides nothing."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="check"))):
            return True
    return False


def _defines(statement: ast.stmt) -> bool:
    """Say whether a statement brings in names and computes next to nothing."""
    match statement:
        case ast.Assign():
            return not any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
        case ast.If() | ast.Try() | ast.Match():
            return all(map(_defines, inner_statements(statement)))
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="run_cell_magic"), args=[name, *_])):
            return isinstance(name, ast.Constant) and name.value in WRITING
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
