"""The process of one submission: find the answers, run the cells, answer the grader's calls.

It talks to the grader in frames (`channel`): first where the answers are, found before any of the
student's code has run; then that the cells have run; then one reply to each call.
"""

from __future__ import annotations

import asyncio
import builtins
import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cs826tl_grader.plain.exchange import plain_form
from cs826tl_grader.plain.notebook import Cell
from cs826tl_grader.sandbox.answers import Answer, find_code, find_text, superseded
from cs826tl_grader.sandbox.channel import Channel
from cs826tl_grader.sandbox.running import NO_GPU, asks_for_gpu, run_cells
from cs826tl_grader.sandbox.shell import namespace
from cs826tl_grader.sandbox.tried import Tell, tell_what_was_replaced, what_could_be_replaced

LONGEST = 20_000  # characters of an answer, written or code


def serve(channel: Channel, job: dict[str, Any], scratch: Path, tell: Tell) -> None:
    """Serve one submission in the folder: `job` has its cells and the questions."""
    cells = [Cell(**cell) for cell in job["cells"]]
    channel.send(_locate(cells, job["questions"], job["released"]))
    stubs = _superseded(cells, job["questions"])
    names = namespace(scratch)
    before = what_could_be_replaced()
    no_gpu = run_cells(cells, names, job["care"], job["seconds"] / 2, stubs)
    tell_what_was_replaced(before, tell)
    channel.send("ran")
    while True:  # until the grader hangs up
        channel.send(_reply(names, channel.receive(), no_gpu))


def _locate(
    cells: Sequence[Cell], questions: Sequence[dict[str, Any]], released: Sequence[str]
) -> dict[str, Any]:
    """Return where each question's answer is; `released` are the texts of the release."""
    found: dict[str, Any] = {}
    for question in questions:
        name, given = question["name"], question["given"]
        answer: Answer = (
            find_text(name, cells, given, released)
            if question["written"]
            else find_code(name, cells, given, released)
        )
        short = {key: value[:LONGEST] for key, value in vars(answer).items() if key != "rivals"}
        found[name] = {**short, "rivals": answer.rivals}
    return found


def _superseded(cells: Sequence[Cell], questions: Sequence[dict[str, Any]]) -> set[tuple[int, str]]:
    asked = [q for q in questions if not q["written"]]
    return {stub for q in asked for stub in superseded(q["name"], cells, q["given"])}


def _reply(names: dict[str, Any], call: dict[str, Any], no_gpu: bool) -> dict[str, Any]:
    """Return the value of a name, or what its function returns for the arguments."""
    if call["name"] not in names:
        return {"raised": NO_GPU} if no_gpu else {"absent": True}
    try:
        value = names[call["name"]]
        if call["arguments"] is not None:
            value = value(*call["arguments"])
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        return {"value": plain_form(value, call["as_set"])}
    except BaseException as problem:
        if asks_for_gpu(problem) or (no_gpu and type(problem) is NameError):
            return {"raised": NO_GPU}
        known = getattr(builtins, type(problem).__name__, None) is type(problem)
        return {"raised": type(problem).__name__ if known else "an exception of its own"}
