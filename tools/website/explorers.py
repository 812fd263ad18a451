"""Walk an explorer's controller over what is worth recording, and keep what it shows."""

from __future__ import annotations

import copy
import itertools
import json
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch

from cs826tl.data.tasks import Task
from cs826tl.widgets.controllers import Worth
from cs826tl.widgets.controls import Choice, Control, File, Number, Press, Words
from cs826tl.widgets.explorer import Explorer
from tools.website.book import Book, small

HEAVY = (torch.nn.Module, torch.Tensor, np.ndarray, pd.DataFrame, Task)  # used, and never changed
TICK = 0.1  # seconds between two frames of recorded work
Frame = tuple[float, float, str]  # seconds since the start, fraction done, what is being done


class ExplorerRecorder:
    """Everything that an explorer shows, for each setting that its controller says is worth it."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer, self.pristine = explorer, explorer.controller
        self.worth: Worth = getattr(self.pristine, "worth", Worth())
        self.shared = {id(x): x for x in _heavy(vars(self.pristine), set())}
        self.book = Book()
        self.pictures: dict[str, str] = {}  # as it came, and as it is stored
        self.settings: dict[str, int] = {}  # what is set, and the state that shows it
        self.moves: dict[int, dict[str, int]] = {}  # where a control changes others too
        self.presses: dict[int, dict[str, Any]] = {}
        self.seen: dict[str, int] = {}  # states by what tells them apart: to draw takes long
        self.offered = self._offered()

    def record(self) -> dict[str, Any]:
        """Return the recording as JSON."""
        start = self.capture(self.fresh())
        (self._walk if self.worth.walked else self._go_through)()
        self.explorer.controller = self.pristine
        return {
            "kind": "explorer",
            **self.book.plain(),
            "start": start,
            "settings": self.settings,
            "moves": self.moves,
            "presses": self.presses,
        }

    def fresh(self, controller: Any = None) -> Any:
        """Return a copy of a controller, or of the first one, which shares what is heavy."""
        return copy.deepcopy(self.pristine if controller is None else controller, dict(self.shared))

    def capture(self, controller: Any) -> int:
        """Keep what the explorer shows with this controller; return the state's number."""
        self.explorer.controller = controller
        text = f"{controller.controls()}{controller.view().status}"
        if text not in self.seen:
            self.explorer.show()
            self.seen[text] = self._keep()
        return self.seen[text]

    def _keep(self) -> int:
        address, state = self.explorer.picture, dict(self.explorer.state)
        state["controls"] = [c for c in map(self._in_page, controls_of(self.explorer)) if c]
        del state["served"]
        if address not in self.pictures:
            self.pictures[address] = small(address)
        return self.book.write({**state, "picture": self.pictures[address]})

    def _offered(self) -> dict[str, tuple[Any, ...]]:
        settings = self.worth.settings(self.pristine.controls())
        return {c.name: self.worth.offered(c) for c in settings}

    def _go_through(self) -> None:
        """Record every combination of the offered values, and every button in each."""
        names = list(self.offered)
        for values in itertools.islice(itertools.product(*self.offered.values()), self.worth.most):
            wanted = dict(zip(names, values, strict=True))
            controller = self.fresh()
            if not _set_to(controller, wanted):
                continue
            place = self.settings[key(controller)] = self.capture(controller)
            self._press_all(controller, place)
        for text, place in self.settings.items() if self.worth.related else ():
            self._note_moves(json.loads(text), place)

    def _note_moves(self, pairs: list[list[Any]], place: int) -> None:
        """Note where each control leads, if it changes more than itself."""
        now = dict(pairs)
        for name, value in self._other(now):
            controller = self.fresh()
            _set_to(controller, now)
            _set(controller, name, value)
            reached = key(controller)
            plain = json.dumps([[n, value if n == name else v] for n, v in pairs])
            if reached != plain and reached in self.settings:
                step = json.dumps([name, value])
                self.moves.setdefault(place, {})[step] = self.settings[reached]

    def _walk(self) -> None:
        """Record all that can be reached step by step, the nearest first."""
        first = self.fresh()
        waiting, known = deque([(first, self.capture(first))]), {self.capture(first)}
        while waiting:
            controller, place = waiting.popleft()
            for step, then in self._steps(controller, place):
                if then is None:
                    continue
                reached = self.capture(then) if len(known) < self.worth.most else None
                if reached is None:
                    continue
                self.moves.setdefault(place, {})[step] = reached
                if reached not in known:
                    known.add(reached)
                    waiting.append((then, reached))

    def _steps(self, controller: Any, place: int) -> Iterator[tuple[str, Any]]:
        now = {c.name: c.value for c in self.worth.settings(controller.controls())}
        offers = {c.name: self.worth.offered(c) for c in self.worth.settings(controller.controls())}
        for name, values in offers.items():
            for value in values:
                if value != now[name]:
                    then = self.fresh(controller)
                    _set(then, name, value)
                    yield json.dumps([name, value]), then
        for button in _buttons(controller):
            then = self.fresh(controller)
            self._press(then, button, place)
            yield json.dumps([button, "pressed"]), then

    def _press_all(self, controller: Any, place: int) -> None:
        for name in _buttons(controller):
            if name not in self.worth.leave:
                self._press(self.fresh(controller), name, place)

    def _press(self, controller: Any, name: str, place: int) -> None:
        self.explorer.controller = controller
        start, frames = time.perf_counter(), []
        for progress in self.explorer._pressed(name):  # as `press` does, but timed
            now = time.perf_counter() - start
            if not frames or now - frames[-1][0] > TICK or progress.label != frames[-1][2]:
                frames.append((round(now, 2), round(progress.fraction, 3), progress.label))
        seconds = round(time.perf_counter() - start, 2)
        self.explorer.show()
        done = {"to": self._keep(), "seconds": seconds, "frames": frames}
        self.presses.setdefault(place, {})[name] = done
        self.explorer._alert = ""

    def _other(self, now: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, values in self.offered.items():
            yield from ((name, value) for value in values if value != now[name])

    def _in_page(self, control: Control) -> dict[str, Any] | None:
        """Return a control as a page offers it: with what was recorded, and nothing else."""
        if isinstance(control, File) or control.name in self.worth.leave:
            return None
        if isinstance(control, Press | Choice) and control.name not in self.worth.values:
            return {"kind": type(control).__name__, **vars(control)}
        assert not isinstance(control, Press)
        return as_offered(control, self.worth.offered(control))


def as_offered(control: Any, values: tuple[Any, ...]) -> dict[str, Any]:
    """Return a control that offers these values: a number in even steps, or one of several.

    >>> as_offered(Number("n", "N", 0, 9, 1, 4), (0, 4, 8))["step"]
    4
    >>> as_offered(Number("n", "N", 1, 100, 1, 1), (1, 10, 100))["options"]
    ('1', '10', '100')
    >>> as_offered(Choice("n", "N", ("one", "two", "ten"), "one"), ("one", "ten"))["options"]
    ('one', 'ten')
    """
    common = {"name": control.name, "label": control.label}
    if isinstance(control, Number) and control.value in values:
        steps = {round(b - a, 9) for a, b in itertools.pairwise(values)}
        if len(steps) == 1:
            low, high, step = values[0], values[-1], steps.pop()
            limits = {"low": low, "high": high, "step": step, "value": control.value}
            return {"kind": "Number", **common, **limits}
    options = tuple(values if control.value in values else (*values, control.value))
    words = tuple(o if isinstance(o, str) else f"{o:g}" for o in options)
    value = words[options.index(control.value)]
    return {"kind": "Choice", **common, "options": words, "value": value}


def controls_of(explorer: Explorer) -> tuple[Control, ...]:
    """Return the controls as they are now."""
    return explorer.controller.controls()


def key(controller: Any) -> str:
    """Return what is set as text, the controls in their order."""
    found = (c for c in controller.controls() if not isinstance(c, Press | File))
    return json.dumps([[c.name, c.value] for c in found])


def _set(controller: Any, name: str, value: Any) -> None:
    controls = {c.name: c for c in controller.controls()}
    controller.set(name, controls[name].fitted(value))


def _set_to(controller: Any, wanted: dict[str, Any]) -> bool:
    """Set all controls; say whether that can be: one may change another one."""
    for _ in range(2):
        now = {c.name: c.value for c in controller.controls() if not isinstance(c, Press | File)}
        for name, value in wanted.items():
            if now.get(name) != value:
                _set(controller, name, value)
    return {c.name: c.value for c in controller.controls() if c.name in wanted} == wanted


def _buttons(controller: Any) -> list[str]:
    return [c.name for c in controller.controls() if isinstance(c, Press)]


def _heavy(thing: Any, seen: set[int]) -> Iterator[Any]:
    """Yield what is heavy in an object, and in what it holds."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, HEAVY) or callable(thing):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from _heavy(value, seen)
    elif isinstance(thing, list | tuple | set):
        for value in thing:
            yield from _heavy(value, seen)
    elif hasattr(thing, "__dict__") and not isinstance(thing, type | Words):
        yield from _heavy(vars(thing), seen)
