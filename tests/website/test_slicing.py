"""What a widget needs of its notebook: nothing that it reads is missing from its slice."""

import dis
from collections.abc import Iterator
from types import CodeType

import pytest

from tools.notebooks import course_notebooks
from tools.website.live import Lecture
from tools.website.record import _run_of, _statement
from tools.website.slicing import needed, statements

LECTURES = [Lecture.read(path) for path in course_notebooks()]


def reads(code: CodeType) -> Iterator[str]:
    """Yield the names that code loads before it has stored them, as Python compiled it."""
    stored: set[str] = set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            stored.add(str(step.argval))
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in stored:
            yield str(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from (name for name in reads(inner) if name not in stored)


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.stem)
def test_the_slice_of_every_widget_makes_what_it_reads(lecture: Lecture) -> None:
    wanted = [_statement(lecture, one, None) for one in lecture.live if one.kind != "surprises"]
    assert wanted
    made_anywhere = set().union(*(statement.makes for statement in lecture.code))
    for statement in filter(None, wanted):
        made: set[str] = set()
        for step in needed(lecture.code, [statement]):
            read = set(reads(compile(step.code, lecture.stem, "exec")))
            assert read & made_anywhere <= made, step.code
            made |= step.makes


def test_what_is_added_to_is_read() -> None:
    code = statements(["alt = 'a'", "for k in range(3): alt += str(k)", "k"])
    assert next(s.code for s in needed(code, code[-1:])) == "alt = 'a'"
    inside = statements(["alt = 'a'", "def f():\n    alt = 0\n    alt += 1", "f"])
    assert "alt" not in inside[1].uses


def test_a_docstring_or_a_comment_changes_no_recording() -> None:
    plain = "def f(x):\n    return x\n"
    told = 'def f(x):  # the same\n    """Return it."""\n    return x\n'
    assert _run_of(told) == _run_of(plain)
    assert _run_of(plain.replace("return x", "return -x")) != _run_of(plain)
