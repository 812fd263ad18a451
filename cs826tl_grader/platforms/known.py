"""The platforms that are known, and which of them lays files as an archive has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from cs826tl_grader.platforms.arrivals import Platform
from cs826tl_grader.platforms.blackboard import Blackboard
from cs826tl_grader.platforms.canvas import Canvas
from cs826tl_grader.platforms.clones import Clones
from cs826tl_grader.platforms.folders import Folders
from cs826tl_grader.platforms.gradescope import Gradescope
from cs826tl_grader.platforms.moodle import Moodle
from cs826tl_grader.platforms.nbgrader import NBGrader
from cs826tl_grader.platforms.reading import Entry, Refused, common_folder

KNOWN: tuple[Platform, ...] = (
    Gradescope(), NBGrader(), Moodle(), Blackboard(), Canvas(), Clones(),
)  # fmt: skip


def platform_of(entries: Sequence[Entry]) -> tuple[Platform, list[Entry]]:
    """Return the platform that lays files so, and the files from its own top folder on.

    Raises `Refused` if no platform does.

    >>> import io
    >>> path = "export/Ada_17_assignsubmission_file/01_why.ipynb"
    >>> platform, (entry,) = platform_of([Entry(path, io.BytesIO)])
    >>> platform.kind, entry.path
    ('moodle', 'export/Ada_17_assignsubmission_file/01_why.ipynb')
    """
    levels = [list(entries)]
    while top := common_folder(levels[-1]):
        levels.append([entry.below(top) for entry in levels[-1]])
    plain = Folders()  # in doubt: below the one folder that holds all, where there are any
    for platform, level in [*product(KNOWN, levels), *((plain, few) for few in levels[1::-1])]:
        if platform.recognises(level):
            return platform, level
    raise Refused("it holds no folder of a student, and no platform names files so")
