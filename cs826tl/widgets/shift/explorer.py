"""The shift explorer: shift a domain, see the domain classifier's AUC and what it costs."""

from __future__ import annotations

from cs826tl.data.tasks import Task
from cs826tl.widgets.kit.explorer import Explorer
from cs826tl.widgets.shift.controller import ShiftController


def shift_explorer(source_task: Task, target_task: Task) -> Explorer:
    """Return an explorer of domain shift between two tasks with the same classes [C02, C18].

    A classifier of small grey pictures learns the one and is tested on the other, which you may
    make brighter, blur, turn, or draw with another balance of classes. To shift a domain against
    itself, choose the same task twice. Everything is measured on validation pictures.

    Raises `ValueError` for tasks of the same name or with other classes.

    >>> from cs826tl import load_task
    >>> shift_explorer(load_task("digits_0_4"), load_task("digits_5_9"))
    Traceback (most recent call last):
    ValueError: the tasks are Task 'digits_0_4': ... give two of different names with the same ...
    """
    return Explorer(ShiftController(source_task, target_task))
