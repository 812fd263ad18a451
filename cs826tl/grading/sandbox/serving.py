"""The process of one submission: find the answers, run the cells, answer the grader's calls.

It talks to the grader in frames (`channel`): first where the answers stand, found before any of the
student's code has run, then that the cells have run, then one answer to every call.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import signal
import sys
import time
import types
from collections.abc import Sequence
from typing import Any

from cs826tl.grading.plain.notebook import Cell, inner_statements, statements
from cs826tl.grading.sandbox.answers import Answer, find_code, find_text
from cs826tl.grading.sandbox.channel import Channel

EVERYTHING, HURRIED, DEFINITIONS = range(3)  # with how much care cells are run
PATIENCE = 2.0  # seconds for a statement where there is hurry


def serve(channel: Channel, job: dict[str, Any]) -> None:
    """Serve one submission: `job` has its cells and the questions."""
    cells = [Cell(**cell) for cell in job["cells"]]
    channel.send(_locate(cells, job["questions"]))
    namespace = _namespace()
    signal.signal(signal.SIGALRM, _interrupt)
    until = time.monotonic() + job["seconds"] / 2
    for cell in cells:
        if cell.kind == "code":
            _run(cell.source, namespace, job["care"], until)
    channel.send("ran")
    while True:  # until the grader hangs up
        channel.send(_answer(namespace, channel.receive()))


def _locate(cells: Sequence[Cell], questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for question in questions:
        find = find_text if question["written"] else find_code
        answer: Answer = find(question["name"], cells, question["given"])
        found[question["name"]] = vars(answer)
    return found


def _namespace() -> dict[str, Any]:
    """Return the globals of a fresh `__main__`, in which dataclasses find themselves."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    space = module.__dict__
    shell = _Shell()
    space.update(display=lambda *_, **__: None, get_ipython=lambda: shell)
    builtins.input = _no_input
    return space


def _no_input(*_: object) -> str:
    raise EOFError("nobody is there to type")


class _Shell:
    """Stands in for IPython: magics and `!` do nothing."""

    def getoutput(self, *_: object) -> list[str]:
        return []

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def _run(source: str, namespace: dict[str, Any], care: int, until: float) -> None:
    """Run a cell statement by statement, so that one that raises takes no other with it.

    With `HURRIED` care, one that takes long is interrupted, and from the time `until` on only
    definitions run, as they alone do with care for `DEFINITIONS`.
    """
    for statement in statements(source):
        if _checks(statement):
            continue
        skipped = care == DEFINITIONS or (care == HURRIED and time.monotonic() > until)
        if skipped and not _defines(statement):
            continue
        with contextlib.suppress(BaseException):
            signal.setitimer(signal.ITIMER_REAL, PATIENCE if care == HURRIED else 0)
            code = compile(ast.Module([statement], []), "<submission>", "exec")
            exec(code, namespace)  # the reason for the sandbox
    signal.setitimer(signal.ITIMER_REAL, 0)


def _checks(statement: ast.stmt) -> bool:
    """Say whether a statement only tries public examples, which takes time and decides nothing."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="check"))):
            return True
    return False


def _interrupt(*_: object) -> None:
    raise TimeoutError("the time for this statement is over")


def _defines(statement: ast.stmt) -> bool:
    """Say whether a statement brings in a name and computes nothing to speak of."""
    definitions = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    if isinstance(statement, ast.Assign):
        return not any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
    if isinstance(statement, ast.If | ast.Try):
        return all(map(_defines, inner_statements(statement)))
    return isinstance(statement, definitions)


def _answer(namespace: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
    """Return the value of a name, or what its function returns for the arguments."""
    if call["name"] not in namespace:
        return {"absent": True}
    try:
        value = namespace[call["name"]]
        return {"value": value if call["arguments"] is None else value(*call["arguments"])}
    except BaseException as problem:
        known = getattr(builtins, type(problem).__name__, None) is type(problem)
        return {"raised": type(problem).__name__ if known else "an exception of its own"}
