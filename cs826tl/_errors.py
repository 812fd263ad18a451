"""How errors read: one wording for "no such thing", and one for a person who pressed a button."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, given: object, possible: Iterable[str]) -> ValueError:
    """Return the error for a name that is not among the possible ones.

    >>> print(unknown("stage", "stage_5", ["stage4", "stage5"]))
    no stage named 'stage_5'. Did you mean 'stage5'? Choose from: stage4, stage5
    """
    names = list(possible)
    near = get_close_matches(str(given), names, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return ValueError(f"no {kind} named {given!r}.{guess} Choose from: {', '.join(names)}")


def in_words(problem: Exception) -> str:
    """Return an error as a widget shows it.

    A `ValueError` is a sentence about what was given. Any other error needs its kind as well.

    >>> in_words(ValueError("answer both questions, then check")), in_words(KeyError("x"))
    ('answer both questions, then check', "KeyError: 'x'")
    """
    return str(problem) if type(problem) is ValueError else f"{type(problem).__name__}: {problem}"
