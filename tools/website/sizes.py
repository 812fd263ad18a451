"""How much the recordings weigh, and which lectures take longest to record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.website.live import Lecture
from tools.website.record import costly

ALL_TOGETHER = 40e6  # bytes that the recordings may have


def check_sizes(scripts: Sequence[Path]) -> None:
    """Raise `ValueError`, naming the heaviest, where all recordings together are too heavy."""
    sizes = {script.stem: script.stat().st_size for script in scripts}
    if sum(sizes.values()) > ALL_TOGETHER:
        heaviest = sorted(sizes, key=lambda name: -sizes[name])[:3]
        named = ", ".join(f"{name} ({sizes[name] / 1e6:.1f} MB)" for name in heaviest)
        raise ValueError(
            f"the recordings have {sum(sizes.values()) / 1e6:.0f} MB; at most "
            f"{ALL_TOGETHER / 1e6:.0f} may be; the heaviest: {named}"
        )


def contents(folder: Path) -> str:
    """Return what recordings a folder has, and their size, for who waits for them.

    >>> contents(Path("nowhere"))
    '0.0 MB'
    """
    scripts = list(folder.glob("*.js"))
    kinds = Counter(script.stem.split("-")[1] for script in scripts)
    size = sum(script.stat().st_size for script in scripts) / 1e6
    return ", ".join([*(f"{kind} {n}" for kind, n in sorted(kinds.items())), f"{size:.1f} MB"])


def longest_first(lectures: Sequence[Lecture]) -> list[Lecture]:
    """Return the lectures with most to compute first, so that no process waits for the last one.

    >>> from tools.notebooks import course_notebooks
    >>> longest_first([Lecture.read(path) for path in course_notebooks()])[0].stem
    '05_vgg16'
    """
    return sorted(lectures, key=lambda one: -sum(costly(live, one) for live in one.live))
