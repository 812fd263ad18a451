"""Git clones, one per student: GitHub Classroom, Classroom 50, or your own, in and out.

`gh teacher download` (Classroom 50) and `gh classroom clone` make a folder whose clones are called
`CLASSROOM-ASSIGNMENT-USER` or `ASSIGNMENT-USER`. What all names begin with is not the user's. The
documented pages are "Download submissions" at https://github.com/foundation50/classroom50/wiki and
"gh classroom" at https://docs.github.com/education.
"""

from __future__ import annotations

from collections.abc import Sequence
from os.path import commonprefix

from cs826tl_grader.platforms.arrivals import Arrival, Platform
from cs826tl_grader.platforms.reading import Entry


class Clones(Platform):
    """A folder of clones.

    >>> import io
    >>> names = ["cs-why-ada", "cs-why-grace"]
    >>> entries = [Entry(f"{n}/{f}", io.BytesIO) for n in names for f in (".git", "01_why.ipynb")]
    >>> [(one.ids, len(one.files)) for one in Clones().arrivals(entries)]
    [(('ada', 'cs-why-ada'), 1), (('grace', 'cs-why-grace'), 1)]
    """

    kind, title = "github", "git clones"
    people = "Classroom 50's roster.csv, or GitHub Classroom's classroom_roster.csv"
    back = "{arrival.entry}/feedback/{page}"  # to be committed and pushed

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether folders at the top are clones."""
        return any(map(_marks, entries))

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return one arrival per clone; a clone alone keeps its whole name: nothing parts it."""
        found: dict[str, list[Entry]] = {e.path.partition("/")[0]: [] for e in entries if _marks(e)}
        for entry in entries:
            clone, _, path = entry.path.partition("/")
            if path and clone in found and entry.name != ".git":
                found[clone].append(entry.below(clone))
        alike = commonprefix([*found] if len(found) > 1 else [])  # noqa: RUF071  letters are meant
        start = alike.rfind("-") + 1
        return [
            Arrival(clone[start:], (clone[start:], clone), clone[start:], clone, tuple(files))
            for clone, files in found.items()
        ]


def _marks(entry: Entry) -> bool:
    """Say whether the entry shows that a folder at the top is a clone."""
    return entry.path.count("/") == 1 and entry.name == ".git"
