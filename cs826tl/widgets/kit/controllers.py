"""What stands behind an explorer: it knows its controls, takes their values, and has a view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from cs826tl.widgets.kit.controls import Control
from cs826tl.widgets.kit.views import View


@dataclass(frozen=True)
class Progress:
    """How far the work has come: a fraction of 1, and what is being done."""

    fraction: float
    label: str


class Controller(Protocol):
    """What an `Explorer` shows and sets, without a browser."""

    @property
    def title(self) -> str:
        """What is explored; also the explorer's name for screen readers."""

    @property
    def help(self) -> str:
        """One sentence on what to do."""

    def controls(self) -> tuple[Control, ...]:
        """Return the controls with their current values; they may change with the state."""

    def set(self, name: str, value: Any) -> None:
        """Take over a control's new value."""

    def view(self) -> View:
        """Return what there is to see now, within 100 ms."""


@runtime_checkable
class WorkingController(Controller, Protocol):
    """A controller with `Press` controls."""

    def press(self, name: str) -> Iterator[Progress]:
        """Work piece by piece; the learner may stop it between two pieces."""
