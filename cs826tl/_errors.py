"""One wording for "no such thing": what was asked for, what there is, and the nearest guess."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, given: object, possible: Iterable[str]) -> ValueError:
    """Return the error for a name that is not among the possible ones.

    >>> print(unknown("stage", "stage_5", ["stage4", "stage5"]))
    no stage named 'stage_5'; did you mean 'stage5'? There are: stage4, stage5
    """
    names = list(possible)
    near = get_close_matches(str(given), names, n=1)
    guess = f" did you mean {near[0]!r}?" if near else ""
    return ValueError(f"no {kind} named {given!r};{guess} There are: {', '.join(names)}")
