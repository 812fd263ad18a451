"""Help while a student works: `check("question")` runs the public examples and knows no others."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cs826tl_grader.exercise.rubric import (
    Case,
    Function,
    Prediction,
    Question,
    Rubric,
    Text,
    Variant,
    load_rubric,
    read_rubric,
    unfit,
)
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.plain.comparison import difference
from cs826tl_grader.plain.exchange import pack, plain_form, unpack

WIDTH = 92


def public_checks(rubric: Rubric, variant: Variant) -> str:
    """Return the code of the cell that gives a released notebook its `check`."""
    text = packed_checks(rubric, variant)
    lines = [text[k : k + WIDTH] for k in range(0, len(text), WIDTH)]
    quoted = "\n".join(f"    {line!r}" for line in lines)
    return (
        '# CHECKS: run this cell once; then check("name of a question") tries its public examples\n'
        f"from cs826tl_grader import Checks\n\ncheck = Checks(globals(),\n{quoted})"
    )


def packed_checks(rubric: Rubric, variant: Variant) -> str:
    """Return the public part of a rubric as one word of text; `ValueError` if it fails on it."""
    try:
        questions = {q.name: _public(q, variant) for q in rubric.questions}
    except Exception as problem:
        what = f"{type(problem).__name__}: {problem}"
        raise ValueError(f"{rubric.name}: the rubric fails on its own example: {what}") from problem
    return base64.b85encode(zlib.compress(pack(questions), 9)).decode()


def public_questions(packed: str) -> tuple[Function, ...]:
    """Return questions, of one point each, that ask only the public examples of a rubric.

    Whoever has the release has these examples, so nothing here is a secret. Values and texts have
    none, and are left out.

    >>> from cs826tl_grader.exercise.rubric import Function, Rubric
    >>> double = Function("double", 3, "Twice.", lambda v, x: 2 * x, lambda r, v: [], [(3,)])
    >>> (question,) = public_questions(packed_checks(Rubric("a", (double,)), {}))
    >>> (case,) = question.cases(None, {})
    >>> question.judge({}, case, 6), question.judge({}, case, 7)
    ('', 'another number')
    """
    unpacked = unpack(zlib.decompress(base64.b85decode(packed)))
    return tuple(
        _public_question(name, public)
        for name, public in unpacked.items()
        if public["kind"] in ("function", "free function")
    )


def _public_question(name: str, public: Mapping[str, Any]) -> Function:
    cases = [Case(example["arguments"], example["expected"]) for example in public["examples"]]

    def check(_: Variant, case: tuple[Any, ...], got: Any) -> str:
        if public["kind"] == "free function":
            return "" if got is not None else "None"
        return difference(got, case.truth, public["tolerance"])  # type: ignore[attr-defined]

    def solution(_: Variant, *arguments: Any) -> Any:
        raise NotImplementedError(f"{name}: only its public examples are here, not its solution")

    return Function(
        name, 1, public["hint"], solution, lambda _, __: cases, check=check,
        as_set=public["as_set"],
    )  # fmt: skip


def _public(question: Question, variant: Variant) -> dict[str, Any]:
    if isinstance(question, Function):
        judged = question.check is None
        examples = [
            {"arguments": list(a), "expected": question.solution(variant, *a) if judged else None}
            for a in question.examples
        ]
        kind = "function" if judged else "free function"
        how = {"tolerance": question.tolerance, "as_set": question.as_set}
        public = {"examples": examples, **how}
        return {"kind": kind, "hint": question.hint, **public}
    if isinstance(question, Prediction):
        probability = question.band is None
        return {"kind": "prediction", "hint": question.hint, "probability": probability}
    return {"kind": "text" if isinstance(question, Text) else "value", "hint": question.hint}


@dataclass
class Checks:
    """The public examples of one exercise; call it with a question's name.

    It says what it saw and expected for a public example, and gives the hint on the second failure.
    It knows neither the hidden cases nor the answers to questions that have no examples.

    >>> from cs826tl_grader.exercise.rubric import Function, Rubric
    >>> double = Function("double", 1, "Twice.", lambda v, x: 2 * x, lambda r, v: [], [(3,)])
    >>> code = public_checks(Rubric("a", (double,)), {})
    >>> space = {"double": lambda x: x + x}
    >>> exec(code.replace("globals()", "space"), {"space": space}, space)
    >>> space["check"]("double")
    ✓ double: right for the public example. Hidden cases decide the mark.
    """

    namespace: Mapping[str, Any]
    packed: str
    failures: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._questions = unpack(zlib.decompress(base64.b85decode(self.packed)))
        if isinstance(before := self.namespace.get("check"), Checks):  # its cell was run again
            self.failures = before.failures

    def __call__(self, name: str) -> None:
        """Try a question's public examples and print the result."""
        if name not in self._questions:
            raise ValueError(f"no question {name!r}; there are {', '.join(self._questions)}")
        public = self._questions[name]
        wrong = self._wrong(name, public)
        if not wrong:
            print(f"✓ {name}: {_praise(public)}")
            return
        self.failures[name] = self.failures.get(name, 0) + 1
        print(f"✗ {name}: {wrong}")
        if self.failures[name] > 1:
            print(f"  Hint: {public['hint']}")

    def _wrong(self, name: str, public: Mapping[str, Any]) -> str:
        if public["kind"] == "text":
            return ""
        if name not in self.namespace:
            return "there is no such name yet: run the cell that defines it"
        if public["kind"] in ("value", "prediction") and self.namespace[name] is None:
            return "it is still None"
        if public["kind"] == "prediction":
            what = unfit(self.namespace[name], public["probability"])
            return what and f"it is {what}"
        if public["kind"] == "value":
            return ""
        tried = (self._try(name, example, public) for example in public["examples"])
        return next((wrong for wrong in tried if wrong), "")

    def _try(self, name: str, example: Mapping[str, Any], public: Mapping[str, Any]) -> str:
        arguments = unpack(pack(example["arguments"]))  # a copy: the answer may change its own
        call = f"{name}({', '.join(shortened(a) for a in arguments)})"
        try:
            got = self.namespace[name](*arguments)
        except NotImplementedError:
            return "still to be written"
        except Exception as problem:
            return f"{call} raised {type(problem).__name__}: {problem}"
        if public["kind"] == "free function":
            return "" if got is not None else f"{call} returned None"
        plain = unpack(pack(plain_form(got, public["as_set"])))
        what = difference(plain, example["expected"], public["tolerance"])
        expected = shortened(example["expected"])
        return what and f"{call} returned {shortened(got)}, expected {expected} ({what})"


def _praise(public: Mapping[str, Any]) -> str:
    if public["kind"] == "text":
        return "it is marked by hand."
    if public["kind"] == "value":
        return "there is an answer. The mark will say whether it is right."
    if public["kind"] == "prediction":
        return "it can be handed in. Once it is received, it stands."
    many = len(public["examples"])
    which = "the public example" if many == 1 else f"all {many} public examples"
    verb = "runs on" if public["kind"] == "free function" else "right for"
    return f"{verb} {which}. Hidden cases decide the mark."


def shortened(value: Any) -> str:
    """Return a value on one line of at most 70 characters.

    >>> shortened([1.0, 2.0]), len(shortened(list(range(100))))
    ('[1.0, 2.0]', 68)
    """
    text = " ".join(repr(value).split())
    return text if len(text) <= 70 else f"{text[:67]}…"


def checks_of(rubric: Path, namespace: Mapping[str, Any]) -> Checks:
    """Return the checks of a rubric's file, for the lecturer's own notebook."""
    loaded = load_rubric(rubric, read_rubric(rubric))
    return Checks(namespace, packed_checks(loaded, variant_of(loaded, "", None)))
