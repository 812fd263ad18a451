"""GIFT, read back as https://docs.moodle.org/en/GIFT_format describes it, against the questions.

Once by a few lines here, and once by gift-pegjs, the parser of https://www.npmjs.com/package/gift-pegjs.
"""

import html
import itertools
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from cs826tl.assets.releases import NpmPackage
from cs826tl.widgets.questions import NumberQuestion, Question
from cs826tl_grader.quizzes.gift import to_gift
from cs826tl_grader.quizzes.lectures import lectures_with_quiz
from tests.grader.quizzes.odd import ODD
from tools.npm import folder_of

LECTURES = [*lectures_with_quiz(), ODD]
ESCAPED = re.compile(r"\\([\\~=#{}:n])")
HIDDEN = 0xE000  # an escaped sign, where it must not be taken for one that means something
# What Moodle knows as the share of a mark for each right answer, by the number of these.
SHARES = {1: "100", 2: "50", 3: "33.33333", 4: "25", 5: "20", 6: "16.66667"}

PEGJS = NpmPackage(
    "gift-pegjs",
    "1.0.2",
    "b15e322e9f9145c753bee378a12c31b9f45526f472ac81186a0ff706722f1c7d",
    ("package/LICENSE", "package/pegjs-gift.js"),
)
PARSE = """
const { parse } = require(process.argv[1])
console.log(JSON.stringify(parse(require("fs").readFileSync(0, "utf8"))))
"""
Questions = dict[str, list[tuple[str, str, list["Answer"]]]]  # name, text, answers; by category


@dataclass
class Answer:
    """What stands between two answers' signs, its signs restored."""

    mark: float
    text: str
    feedback: str


def read(gift: str) -> Questions:
    """Return the name, the text and the answers of each question, by category."""
    found: Questions = {}
    category: list[tuple[str, str, list[Answer]]] = []
    for block in re.split(r"\n[ \t]*\n", gift):
        text = "\n".join(line for line in block.split("\n") if not line.lstrip().startswith("//"))
        if text.strip().startswith("$CATEGORY:"):
            category = found.setdefault(text.strip().removeprefix("$CATEGORY: "), [])
            continue
        text = ESCAPED.sub(lambda m: chr(HIDDEN + ord("\n" if m[1] == "n" else m[1])), text)
        parts = re.fullmatch(r"\s*::((?:(?!::).)*)::\[html\](.*?)\{(.*)\}\s*", text, re.DOTALL)
        assert parts, block
        assert not re.search("[{}]", parts[2] + parts[3]), block
        category.append((shown(parts[1]), shown(parts[2]), answers(parts[3])))
    return found


def answers(text: str) -> list[Answer]:
    text = text.removeprefix("#").lstrip()
    found = []
    for mark, weight, rest in re.findall(r"([=~])(?:%(-?\d{1,2}\.?\d*)%)?([^=~]*)", text):
        answer, _, feedback = rest.partition("#")
        assert "#" not in feedback
        given = float(weight) if weight else 100.0 * (mark == "=")
        found.append(Answer(given, shown(answer), shown(feedback)))
    return found


def shown(text: str) -> str:
    """Return what Moodle stores: placeholders become signs, white space at the ends goes."""
    return "".join(
        chr(ord(c) - HIDDEN) if HIDDEN <= ord(c) < HIDDEN + 128 else c for c in text
    ).strip()


def source(text: str) -> str:
    """Return an HTML text as it stands in the quiz's file."""
    text = re.sub(r"\\\((.+?)\\\)", r"$\1$", text)
    assert not re.search(r"<(?!/?code>)", text)
    return html.unescape(re.sub("</?code>", "`", text))


CASES = [(lecture, number) for lecture in LECTURES for number in range(len(lecture.questions))]


def read_by_pegjs(gift: str) -> Questions:
    """Return the same as gift-pegjs reads it, or skip."""
    if (node := shutil.which("node")) is None:
        pytest.skip("Node.js is not installed")
    try:
        parser = folder_of(PEGJS) / "pegjs-gift.js"
    except OSError as problem:
        pytest.skip(f"no gift-pegjs in the cache, and it could not be fetched: {problem}")
    done = subprocess.run(
        [node, "-e", PARSE, parser], input=gift, capture_output=True, text=True, check=True
    )
    found: Questions = {}
    for one in json.loads(done.stdout):
        if one["type"] == "Category":
            category = found.setdefault(one["title"], [])
        else:
            answers = [answer_of(choice) for choice in one["choices"]]
            category.append((one["title"], one["stem"]["text"], answers))
    return found


def answer_of(choice: dict[str, Any]) -> Answer:
    weight, text = choice["weight"], choice["text"]
    if text.get("type") == "range":
        said = f"{text['number']:.9f}:{text['range']:.9f}"
    else:
        said = text["text"].removeprefix("*")  # its sign for every other answer
    mark = 100.0 * choice["isCorrect"] if weight is None else float(weight)
    return Answer(mark, said, choice["feedback"]["text"])


@pytest.fixture(scope="module", params=[read, read_by_pegjs], ids=["ours", "gift-pegjs"])
def written(request: pytest.FixtureRequest) -> Questions:
    return request.param(to_gift(LECTURES))


def test_every_lecture_is_a_category_and_holds_all_of_its_questions(written) -> None:
    names = [f"$course$/top/cs826tl/{lecture.title.replace('/', '//')}" for lecture in LECTURES]
    assert list(written) == names
    assert [len(found) for found in written.values()] == [len(one.questions) for one in LECTURES]
    titles = [name for found in written.values() for name, _, _ in found]
    assert titles == [f"{one.title}, question {k + 1}" for one, k in CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].name}-{case[1] + 1}")
def test_a_question_is_read_back_with_its_marks_and_explanations(written, case) -> None:
    lecture, number = case
    question: Question = lecture.questions[number]
    _, ask, found = list(written.values())[LECTURES.index(lecture)][number]
    assert source(ask) == question.ask
    if isinstance(question, NumberQuestion):
        right, wrong = found
        value, within = right.text.split(":")
        assert (float(value), float(within)) == (question.answer, question.within)
        assert "e" not in right.text
        assert (right.mark, wrong.mark, wrong.text) == (100, 0, "")
        assert (source(right.feedback), source(wrong.feedback)) == (question.why, question.hint)
        return
    assert [source(one.text) for one in found] == [option.text for option in question.options]
    assert [source(one.feedback) for one in found] == [option.why for option in question.options]
    for chosen in subsets(len(found), 1 if question.kind == "one" else len(found)):
        mark = max(0.0, sum(found[k].mark for k in chosen))
        assert (mark > 99.999) == question.judge(chosen).right
        if not all(question.options[k].right for k in chosen):
            assert mark == 0


def subsets(number: int, most: int) -> list[tuple[int, ...]]:
    sizes = range(1, most + 1)
    return [chosen for size in sizes for chosen in itertools.combinations(range(number), size)]


def test_moodle_knows_every_share_of_a_mark() -> None:
    weights = re.findall(r"~%([\d.]+)%", to_gift(LECTURES))
    assert {"50", "33.33333", "100"} <= set(weights) <= set(SHARES.values())
