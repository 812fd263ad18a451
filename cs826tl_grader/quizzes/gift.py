r"""Quizzes as Moodle imports them: one text in GIFT, a category for each lecture.

Texts are HTML. Mathematics stands in `\(…\)`, which Moodle's MathJax filter typesets. The format:
https://docs.moodle.org/en/GIFT_format.
"""

from __future__ import annotations

from collections.abc import Sequence

from cs826tl.widgets.prose import to_mathjax
from cs826tl.widgets.questions import ChoiceQuestion, NumberQuestion, Option, Question
from cs826tl_grader.quizzes.lectures import Lecture, plain_number

# Moodle reads a backslash before `n` as a new line, so backslashes too are escaped.
ESCAPES = str.maketrans({sign: f"\\{sign}" for sign in r"\~=#{}:"} | {"\n": r"\n"})


def to_gift(lectures: Sequence[Lecture]) -> str:
    """Return all quizzes as one GIFT text, with what is said to every answer.

    Of several right options, each gives its share of the mark, and a wrong one takes it all away.

    >>> question = NumberQuestion("1 + 1?", 2, 0, "Counted.", "Use your fingers.")
    >>> print(to_gift([Lecture("00_start", "00 Start", (question,))]))
    $CATEGORY: $course$/top/cs826tl/00 Start
    <BLANKLINE>
    ::00 Start, question 1::[html]1 + 1?{#
        =2:0#Counted.
        ~#Use your fingers.
    }
    <BLANKLINE>
    """
    return "\n".join(block for lecture in lectures for block in _blocks(lecture))


def _blocks(lecture: Lecture) -> list[str]:
    title = lecture.title.replace("/", "//")  # in a category's name / leads to a subcategory
    questions = (
        f"::{lecture.title.translate(ESCAPES)}, question {number}::[html]{_written(question)}\n"
        for number, question in enumerate(lecture.questions, 1)
    )
    return [f"$CATEGORY: $course$/top/cs826tl/{title}\n", *questions]


def _written(question: Question) -> str:
    if isinstance(question, NumberQuestion):
        right = f"{plain_number(question.answer)}:{plain_number(question.within)}"
        answers = [f"={right}#{_escaped(question.why)}", f"~#{_escaped(question.hint)}"]
    else:
        answers = [
            f"{_mark(question, option)}{_escaped(option.text)}#{_escaped(option.why)}"
            for option in question.options
        ]
    begin = "{#" if isinstance(question, NumberQuestion) else "{"
    return "\n    ".join([_escaped(question.ask) + begin, *answers]) + "\n}"


def _mark(question: ChoiceQuestion, option: Option) -> str:
    if question.kind == "one":
        return "=" if option.right else "~"
    share = f"{100 / sum(one.right for one in question.options):.5f}"  # as Moodle lists its shares
    return f"~%{share.rstrip('0').rstrip('.')}%" if option.right else "~%-100%"


def _escaped(text: str) -> str:
    return to_mathjax(text).translate(ESCAPES)
