"""The reference's pages: every public name, by room, with its docstring and its source."""

from __future__ import annotations

import importlib
import pkgutil
import re
import types
from pathlib import Path

ROOMS = {
    "cs826tl": "The verbs of the lectures",
    "cs826tl.assets": "Weights and data",
    "cs826tl.data": "Tasks",
    "cs826tl.networks": "Networks",
    "cs826tl.training": "Training",
    "cs826tl.methods.adaptation": "Transfer without target labels",
    "cs826tl.methods.alarms": "Alarms",
    "cs826tl.methods.averaging": "Averages of weights",
    "cs826tl.methods.forgetting": "Catastrophic forgetting",
    "cs826tl.methods.imagenet": "Networks trained on ImageNet",
    "cs826tl.methods.multitask": "Several tasks at once",
    "cs826tl.methods.shift": "Domain shift",
    "cs826tl.methods.test_time": "Adapting at test time",
    "cs826tl.methods.text": "Text",
    "cs826tl.methods.transferability": "Which network to start from",
    "cs826tl.plots": "Plots",
    "cs826tl.verdicts": "Verdicts",
    "cs826tl.widgets": "Widgets",
}

BACK = re.compile(r'(<a class="viewcode-back" href="[^"#]+)#[^"]*"')


def write_library(folder: Path, *, whole: bool) -> None:
    """Add the rooms to the reference; without `whole` only a list of names, which is quick.

    What several rooms have stands in the first of them: Sphinx wants one page for each thing.
    """
    index = folder / "index.md"
    parts = [index.read_text(encoding="utf-8")]
    known: set[str] = set()
    for room, title in rooms().items():
        things = {name: _origin(room, name) for name in public(room)}
        names = [name for name, origin in things.items() if origin not in known]
        known |= set(things.values())
        listed = "\n".join(f"   {room}.{name}" for name in names)
        plain = ", ".join(f"`{name}`" for name in names)
        summary = (
            "```{eval-rst}\n.. autosummary::\n   :toctree: api\n   :nosignatures:\n\n"
            f"{listed}\n```\n"
        )
        parts.append(f"\n## {title}: `{room}`\n\n{summary if whole else plain}\n")
    index.write_text("".join(parts), encoding="utf-8")


def mend_ways_back(site: Path) -> None:
    """Let the pages of source lead back to pages, not to places in them.

    Each page is about one thing, and Sphinx gets the place wrong where the names that a file
    defines stand in different rooms.
    """
    for page in (site / "_modules").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(BACK.sub(r'\1"', text), encoding="utf-8")


def rooms() -> dict[str, str]:
    """Return the title of every room that has public names, the lectures last and in their order.

    >>> rooms()["cs826tl.lectures.why_transfer"]
    'Lecture 01: why one transfers, and what a shift between domains costs'
    """
    folder = importlib.import_module("cs826tl.lectures")
    modules = (
        importlib.import_module(f"cs826tl.lectures.{found.name}")
        for found in pkgutil.iter_modules(folder.__path__)
    )
    titles = {str(module.__doc__).rstrip("."): module.__name__ for module in modules}
    return ROOMS | {titles[title]: title for title in sorted(titles)}


def _origin(room: str, name: str) -> str:
    """Return where a thing is defined, or its name where it does not say so."""
    thing = getattr(importlib.import_module(room), name)
    return f"{getattr(thing, '__module__', room)}.{getattr(thing, '__qualname__', name)}"


def public(room: str) -> list[str]:
    """Return the public names of a room, its modules and aliases of types left out.

    >>> "fit" in public("cs826tl"), "plots" in public("cs826tl")
    (True, False)
    """
    module = importlib.import_module(room)
    things = {name: getattr(module, name) for name in module.__all__}
    other = (types.ModuleType, types.GenericAlias)
    return [name for name, thing in sorted(things.items()) if not isinstance(thing, other)]
