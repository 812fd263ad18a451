"""The reader of the quizzes: `quiz.toml` in each lecture's folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from cs826tl._errors import unknown
from cs826tl.widgets.prose import to_html
from cs826tl.widgets.questions import ChoiceQuestion, NumberQuestion, Option, Question

LECTURES = Path(__file__).parents[1] / "lectures"
KINDS = ("one", "several", "number")
TEXT, TRUTH, NUMBER, LIST = "a text", "true or false", "a number", "a list of tables"
TYPES: dict[str, tuple[type, ...]] = {
    TEXT: (str,),
    TRUTH: (bool,),
    NUMBER: (int, float),
    LIST: (list,),
}
# What each table must hold: exactly these keys.
FILE = {"question": LIST}
RECALL = "recall"  # besides: questions of earlier lectures, such as "imagenet 2", which come first
CHOICE_QUESTION = {"kind": TEXT, "ask": TEXT, "option": LIST}
OPTION = {"text": TEXT, "right": TRUTH, "why": TEXT}
NUMBER_QUESTION = {
    "kind": TEXT,
    "ask": TEXT,
    "answer": NUMBER,
    "within": NUMBER,
    "why": TEXT,
    "hint": TEXT,
}


def quiz_names() -> list[str]:
    """Return the names of all quizzes, which are those of the lectures' folders."""
    return sorted(path.parent.name for path in LECTURES.glob("*/quiz.toml"))


def read_quiz(name: str) -> tuple[Question, ...]:
    """Return the questions of a quiz, those that it recalls from earlier lectures first.

    Raises `ValueError` for an unknown quiz or a faulty file.
    """
    own, recalled = _read(name)
    before = []
    for reference in recalled:
        lecture, _, number = reference.partition(" ")
        questions, _ = _read(lecture)
        if number not in map(str, range(1, len(questions) + 1)):
            raise ValueError(f"{name}/quiz.toml: {RECALL} has {reference!r}; give 'imagenet 2'")
        before.append(questions[int(number) - 1])
    return (*before, *own)


def _read(name: str) -> tuple[tuple[Question, ...], list[str]]:
    """Return a quiz's own questions, and the names of those that it recalls."""
    if name not in quiz_names():
        raise unknown("quiz", name, quiz_names())
    path = LECTURES / name / "quiz.toml"
    text = path.read_text(encoding="utf-8")
    return parse_quiz(text, f"{name}/quiz.toml"), tomllib.loads(text).get(RECALL, [])


def parse_quiz(text: str, file: str) -> tuple[Question, ...]:
    """Return the questions that a TOML text holds.

    Raises `ValueError` that names the file, the question and what is wrong with it.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"{file}: {problem}") from problem
    content.pop(RECALL, None)
    tables = _fields(content, FILE, file)["question"]
    if not 3 <= len(tables) <= 5:
        raise ValueError(f"{file}: {len(tables)} questions; give three to five")
    return tuple(_question(t, f"{file}, question {n}") for n, t in enumerate(tables, 1))


def _question(table: Any, where: str) -> Question:
    kind = table.get("kind") if isinstance(table, dict) else None
    if kind == "number":
        question = NumberQuestion(**_fields(table, NUMBER_QUESTION, where))
        if question.within < 0:
            raise ValueError(f"{where}: within is {question.within}; give 0 or more")
        return question
    if kind not in KINDS:
        raise ValueError(f"{where}: kind is {kind!r}; give one of {', '.join(KINDS)}")
    fields = _fields(table, CHOICE_QUESTION, where)
    options = tuple(
        Option(**_fields(option, OPTION, f"{where}, option {n}"))
        for n, option in enumerate(fields["option"], 1)
    )
    _check(kind, options, where)
    return ChoiceQuestion(kind, fields["ask"], options)


def _check(kind: str, options: tuple[Option, ...], where: str) -> None:
    right = sum(option.right for option in options)
    if len({option.text for option in options}) < max(2, len(options)):
        raise ValueError(f"{where}: give two options or more, no two alike")
    if kind == "one" and right != 1:
        raise ValueError(f"{where}: {right} right options; kind 'one' has exactly one")
    if right in (0, len(options)):
        raise ValueError(f"{where}: give at least one right option and one wrong one")


def _fields(table: Any, form: dict[str, str], where: str) -> dict[str, Any]:
    """Return the table, if it has just these keys with values of these types."""
    if not isinstance(table, dict) or table.keys() != form.keys():
        found = ", ".join(table) if isinstance(table, dict) else repr(table)
        raise ValueError(f"{where}: give {', '.join(form)}; there is {found or 'nothing'}")
    for key, wanted in form.items():
        value = table[key]
        if not isinstance(value, TYPES[wanted]) or isinstance(value, bool) != (wanted == TRUTH):
            raise ValueError(f"{where}: {key} is {value!r}; give {wanted}")
        if isinstance(value, str):
            _check_text(value, f"{where}: {key}")
    return table


def _check_text(text: str, where: str) -> None:
    if not text.strip():
        raise ValueError(f"{where} is empty")
    try:
        to_html(text)
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}") from problem
