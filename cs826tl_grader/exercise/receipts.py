"""Receipts: the lecturer's seal on who predicted what, given before there was a run to look at.

Student, exercise, question and answer stand in a receipt for all to read. The seal is their HMAC
under the lecturer's key, so nobody else can make one, or change a word in one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

HEAD = "# RECEIPT: your predictions, as they were received; leave this cell as it is"
LINE = re.compile(r"^# RECEIPT (\w{1,80}): (\{.{0,2000}\})[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Receipt:
    """What a student predicted, and the seal on it."""

    student: str
    exercise: str
    question: str
    answer: str
    seal: str

    @property
    def words(self) -> tuple[str, str, str, str]:
        """What is sealed."""
        return self.student, self.exercise, self.question, self.answer


_NONE = Receipt("", "", "", "", "")  # what a line says that is no receipt at all


def sealed(key: bytes, student: str, exercise: str, question: str, answer: str) -> Receipt:
    """Return the receipt for an answer.

    >>> one, other = (sealed(b"a key", "ada", "90_exam", "falls", p) for p in ("0.7", "0.8"))
    >>> one.seal == other.seal
    False
    """
    words = (student, exercise, question, answer)
    return Receipt(*words, _seal(key, words))


def receipt_cell(receipts: Iterable[Receipt]) -> str:
    """Return the text of the cell that carries receipts."""
    lines = [f"# RECEIPT {one.question}: {json.dumps(asdict(one))}" for one in receipts]
    return "\n".join([HEAD, *lines])


def read_receipts(texts: Iterable[str]) -> dict[str, list[Receipt]]:
    """Return the different receipts that texts carry for each question, genuine or not.

    >>> receipt = sealed(b"a key", "ada", "90_exam", "falls", "0.7")
    >>> read_receipts([receipt_cell([receipt])] * 2) == {"falls": [receipt]}
    True
    """
    found: dict[str, dict[Receipt, None]] = {}
    for text in texts:
        for question, line in LINE.findall(text):
            found.setdefault(question, {})[_read(line)] = None
    return {question: list(receipts) for question, receipts in found.items()}


def refusal(
    key: bytes, student: str, exercise: str, question: str, found: Sequence[Receipt]
) -> str:
    """Return "" if the receipts found for a question are one, and the right one, or why not."""
    if not found:
        return "there is no receipt for it: put back the cell that begins with # RECEIPT"
    if len(found) > 1:
        return "there are several receipts for it: keep the one that you were given"
    (receipt,) = found
    if not hmac.compare_digest(_bytes(receipt.seal), _bytes(_seal(key, receipt.words))):
        return "its receipt was not given by the lecturer, or was changed since"
    if receipt.student != student:
        return "its receipt is another student's"
    if receipt.exercise != exercise:
        return f"its receipt is of another exercise, {receipt.exercise}"
    if receipt.question != question:
        return f"its receipt is of another question, `{receipt.question}`"
    return ""


def _seal(key: bytes, words: Sequence[str]) -> str:
    return hmac.new(key, json.dumps(["receipt", *words]).encode(), hashlib.sha256).hexdigest()


def _read(line: str) -> Receipt:
    try:
        content = json.loads(line)
        receipt = Receipt(**content)
    except (ValueError, TypeError, RecursionError):
        return _NONE
    return receipt if all(isinstance(part, str) for part in content.values()) else _NONE


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
