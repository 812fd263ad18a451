"""What of a controller is worth recording, for a page that has no kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cs826tl.widgets.controls import Choice, Control, File, Number, Press, Words

Setting: TypeAlias = Choice | Number | Words


@dataclass(frozen=True)
class Worth:
    """The values of each control that a page offers; a controller gives it as `worth`.

    For a control without `values`, all options are recorded; for a number, its lowest, highest and
    present value; for words, the present ones. `related` says that a control may change another
    one, `walked` that there are places to go to which no control names. At most `most` states are
    recorded. `leave` names buttons that a page does without, because their work takes too long.

    >>> Worth({"scale": (0, 1)}).offered(Number("scale", "Scale", 0, 10, 1, 3))
    (0, 1)
    """

    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    related: bool = True
    walked: bool = False
    most: int = 1000
    leave: tuple[str, ...] = ()

    def offered(self, control: Setting) -> tuple[Any, ...]:
        """Return the values of a control that are recorded.

        >>> Worth().offered(Number("scale", "Scale", 0, 10, 1, 3))
        (0, 3, 10)
        """
        if control.name in self.values:
            return self.values[control.name]
        if isinstance(control, Choice):
            return control.options
        if isinstance(control, Number):
            return tuple(sorted({control.low, control.value, control.high}))
        return (control.value,)

    def settings(self, controls: tuple[Control, ...]) -> tuple[Setting, ...]:
        """Return the controls that a page can set: not buttons, and no files of one's own."""
        return tuple(c for c in controls if not isinstance(c, Press | File))
