"""How a notebook's cells run: statement by statement, with as much care as they need."""

from __future__ import annotations

import ast
import asyncio
import codeop
import inspect
import linecache
import signal
from collections.abc import Collection, Sequence
from typing import Any

from cs826tl_grader.plain.notebook import Cell
from cs826tl_grader.plain.statements import (
    fingerprint,
    python,
    room_for_depth,
    statements,
    with_inner,
)
from cs826tl_grader.sandbox.channel import Clock
from cs826tl_grader.sandbox.shell import WRITING

EVERYTHING, HURRIED, DEFINITIONS = range(3)  # with how much care cells are run
PATIENCE = 2.0  # seconds for one statement under HURRIED
NO_GPU = "CUDA"  # in the place of what was raised where code asks for a graphics card


def run_cells(
    cells: Sequence[Cell],
    namespace: dict[str, Any],
    care: int,
    seconds: float,
    left_out: Collection[tuple[int, str]] = (),
) -> bool:
    """Run code cells statement by statement, so that one that raises stops no other.

    Returns whether one asked for a graphics card that is not there. Under `HURRIED`, a statement
    that takes long is interrupted, and once `seconds` are over only definitions run. Under
    `DEFINITIONS` only they run from the start. `left_out` are statements to skip: the numbers of
    their cells, and their fingerprints.
    """
    clock, no_gpu = Clock(), False
    runner = asyncio.Runner()
    compiling: Any = codeop.Compile()  # which keeps what `from __future__` brings
    compiling.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    for number, cell in enumerate(cells):
        place = f"<cell {number + 1}>"
        lines = python(cell.source).splitlines(keepends=True) if cell.kind == "code" else []
        linecache.cache[place] = (0, None, lines, place)  # for TorchScript, which reads its source
        for statement in statements(cell.source) if cell.kind == "code" else ():
            late = care == DEFINITIONS or (care == HURRIED and clock.read() > seconds)
            if (late and not _defines(statement)) or _checks(statement):
                continue
            if (number, fingerprint(statement)) not in left_out:
                try:
                    _interrupt_after(PATIENCE if care == HURRIED else 0)
                    with room_for_depth():
                        code = compiling(ast.Module([statement], []), place, "exec")
                    waiting = eval(code, namespace)  # the reason for the sandbox
                    if code.co_flags & inspect.CO_COROUTINE:  # it has an `await` of its own
                        runner.run(waiting)
                except BaseException as problem:
                    no_gpu = no_gpu or asks_for_gpu(problem)
                signal.setitimer(signal.ITIMER_REAL, 0)
    return no_gpu


def asks_for_gpu(problem: BaseException) -> bool:
    """Say whether an exception is PyTorch's complaint that there is no graphics card."""
    of_pytorch = type(problem) in (AssertionError, RuntimeError)
    return of_pytorch and any(word in str(problem) for word in ("CUDA", "NVIDIA"))


def _interrupt_after(seconds: float) -> None:
    """Interrupt what runs once it has taken `seconds` of its own; 0 is never."""
    clock = Clock()

    def interrupt(*_: object) -> None:
        left = seconds - clock.read()
        if left <= 0:
            raise TimeoutError("the time for this statement is over")
        signal.setitimer(signal.ITIMER_REAL, left)

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _checks(statement: ast.stmt) -> bool:
    """Say whether a statement only tries public examples, which takes time and decides nothing."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="check"))):
            return True
    return False


def _defines(statement: ast.stmt) -> bool:
    """Say whether a statement brings in names and computes next to nothing."""
    return all(map(_costs_nothing, with_inner(statement)))


def _costs_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign():
            return not any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
        case ast.If() | ast.Try() | ast.Match() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="run_cell_magic"), args=[name, *_])):
            return isinstance(name, ast.Constant) and name.value in WRITING
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.ClassDef)
