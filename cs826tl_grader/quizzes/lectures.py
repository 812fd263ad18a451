"""The lectures that have a quiz: their titles and their questions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from cs826tl import course
from cs826tl.widgets.questions import Question
from cs826tl.widgets.quiz_files import quiz_names, read_quiz


@dataclass(frozen=True)
class Lecture:
    """A lecture's quiz, such as `07_freezing_vs_finetuning`, "07 Freezing and fine-tuning"."""

    name: str
    title: str
    questions: tuple[Question, ...]


def lectures_with_quiz() -> list[Lecture]:
    """Return all lectures that have a quiz, in order, each with the title of its notebook.

    Raises FileNotFoundError where the notebooks are missing.

    >>> [lecture.title for lecture in lectures_with_quiz()][:2]
    ['00 Start here', '01 Why transfer?']
    """
    stems = sorted(path.stem for path in course.notebooks_dir().glob("[0-9]*_*.ipynb"))
    named = {stem: stem.partition("_")[2] for stem in stems}
    return [
        Lecture(stem, _title(stem), read_quiz(name))
        for stem, name in named.items()
        if name in quiz_names()
    ]


def plain_number(value: float) -> str:
    """Return a number's digits without an exponent, which not every platform reads.

    >>> plain_number(0.00001), plain_number(8967)
    ('0.00001', '8967')
    """
    return f"{Decimal(str(value)):f}"


def _title(name: str) -> str:
    path = course.notebooks_dir() / f"{name}.ipynb"
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
    heading = "".join(first).partition("\n")[0].removeprefix("# ")
    return f"{name.partition('_')[0]} {heading}"
