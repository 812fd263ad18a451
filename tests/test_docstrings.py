"""Every public name is explained by its docstring, parameters and all, and shown at work."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from typing import Any

import pytest

import cs826tl as tl
from tools.website.library import public, rooms

ROOMS = rooms()
MOST, MOST_VERBS = 152, 45


def things() -> dict[str, Any]:
    """Return what has a public name, each thing once."""
    found: dict[int, tuple[str, Any]] = {}
    for room in ROOMS:
        for name in public(room):
            thing = getattr(importlib.import_module(room), name)
            found.setdefault(id(thing), (f"{room}.{name}", thing))
    return dict(found.values())


THINGS = things()
DOCUMENTED = {name: thing for name, thing in THINGS.items() if callable(thing)}


def parameters(thing: Callable[..., Any]) -> list[str]:
    """Return what can be given; of an exception, nothing but its message."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return []
    return list(inspect.signature(thing).parameters)


def test_every_room_is_listed() -> None:
    methods = {
        f"cs826tl.methods.{found.name}" for found in pkgutil.iter_modules(tl.methods.__path__)
    }
    top = {f"cs826tl.{name}" for name in tl.__all__ if inspect.ismodule(getattr(tl, name))}
    assert set(ROOMS) >= methods | (top - {"cs826tl.methods"}) | {"cs826tl", "cs826tl.widgets"}


def test_there_are_few_enough_names_to_learn() -> None:
    assert len(THINGS) <= MOST
    assert len(public("cs826tl")) <= MOST_VERBS


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_public_name_is_explained_and_shown(name: str) -> None:
    text = inspect.getdoc(DOCUMENTED[name]) or ""
    summary = " ".join(text.partition("\n\n")[0].split())
    assert re.findall(r"[.?!](?= [A-Z]|$)", summary.replace("et al.", "et al")) == ["."], summary
    assert ">>> " in text, "it shows no example"
    unnamed = [one for one in parameters(DOCUMENTED[name]) if not re.search(rf"\b{one}\b", text)]
    assert unnamed == []
