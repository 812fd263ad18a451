"""Quizzes without a browser: every file, the reader's errors, the judge, what the page is told."""

import json
from pathlib import Path

import pytest

from cs826tl.widgets import quiz, quiz_files
from cs826tl.widgets.prose import to_html
from cs826tl.widgets.questions import ChoiceQuestion, NumberQuestion, Option
from cs826tl.widgets.quiz_files import parse_quiz, quiz_names, read_quiz

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

ONE = """[[question]]
kind = "one"
ask = "Which?"
[[question.option]]
text = "this"
right = true
why = "Indeed."
[[question.option]]
text = "that"
right = false
why = "No."
"""
NUMBER = """[[question]]
kind = "number"
ask = "How many?"
answer = 4096
within = 1
why = "Counted."
hint = "Count."
"""


def several(*right: bool) -> ChoiceQuestion:
    options = [Option(f"text {k}", r, f"why {k}") for k, r in enumerate(right)]
    return ChoiceQuestion("several", "Which?", tuple(options))


@pytest.mark.parametrize("name", quiz_names())
def test_every_quiz_reads_and_can_be_answered_right(name: str) -> None:
    assert list(NOTEBOOKS.glob(f"[0-9][0-9]*_{name}.ipynb"))
    shown = quiz(name)
    for number, question in enumerate(shown.questions):
        if isinstance(question, NumberQuestion):
            shown.answer(number, str(question.answer))
        else:
            shown.answer(number, [k for k, option in enumerate(question.options) if option.right])
    assert all(result["right"] and result["remarks"] for result in shown.state["results"])
    assert shown.state["tally"] == f"{len(shown.questions)} of {len(shown.questions)} right"


@pytest.mark.parametrize("name", quiz_names())
def test_the_page_knows_no_answer_before_it_was_given(name: str) -> None:
    shown = quiz(name)
    told = json.dumps(shown.get_state(), ensure_ascii=False) + shown.stand_in() + repr(shown)
    for question in shown.questions:
        explained = (
            [question.why, question.hint]
            if isinstance(question, NumberQuestion)
            else [option.why for option in question.options]
        )
        assert not [why for why in explained if to_html(why) in told or why in told]
    assert all(set(asked) == {"kind", "ask", "options"} for asked in shown.state["questions"])
    assert not any(result["right"] for result in shown.state["results"])


def test_a_quiz_opens_with_questions_of_earlier_lectures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, recall in (("before", ""), ("after", 'recall = ["before 2"]\n')):
        (tmp_path / name).mkdir()
        text = recall + ONE.replace("Which?", f"Which of {name}?") + NUMBER + ONE
        (tmp_path / name / "quiz.toml").write_text(text)
    monkeypatch.setattr(quiz_files, "LECTURES", tmp_path)
    asked = [question.ask for question in read_quiz("after")]
    assert asked == ["How many?", "Which of after?", "How many?", "Which?"]
    for reference in ("before 4", "before", "before 0"):
        (tmp_path / "after" / "quiz.toml").write_text(
            f'recall = ["{reference}"]\n{NUMBER}{ONE}{ONE}'
        )
        with pytest.raises(ValueError, match=f"recall has '{reference}'; give 'imagenet 2'"):
            read_quiz("after")


def test_an_unknown_quiz_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no quiz named 'freezing'.*freezing_vs_finetuning"):
        quiz("freezing")


def test_a_quiz_is_read_as_it_is_written() -> None:
    first, *_, last = parse_quiz(ONE * 2 + NUMBER, "x.toml")
    assert first == ChoiceQuestion(
        "one", "Which?", (Option("this", True, "Indeed."), Option("that", False, "No."))
    )
    assert last == NumberQuestion("How many?", 4096, 1, "Counted.", "Count.")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (ONE * 2, "x.toml: 2 questions; give three to five"),
        (ONE * 6, "6 questions"),
        ("[[question]", "x.toml: "),
        ("question = [1, 2, 3]", "question 1: kind is None; give one of one, several, number"),
        (ONE * 2 + ONE.replace('"one"', '"some"'), "question 3: kind is 'some'"),
        (ONE * 2 + ONE.replace("false", "true"), "question 3: 2 right options"),
        (ONE * 2 + ONE.replace("true", "false"), "question 3: 0 right options"),
        (ONE * 2 + ONE.replace('"one"', '"several"').replace("false", "true"), "one wrong one"),
        (ONE * 2 + ONE.replace('"that"', '"this"'), "no two alike"),
        (ONE * 2 + ONE.replace('why = "No."', ""), "option 2: give text, right, why"),
        (ONE * 2 + ONE.replace('"No."', '" "'), "option 2: why is empty"),
        (ONE * 2 + ONE.replace("false", '"no"'), "right is 'no'; give true or false"),
        (ONE * 2 + ONE.replace("Which?", "Costs $5"), "question 3: ask: a lone \\$"),
        (ONE * 2 + ONE.replace("Which?", "$x`"), "a lone"),
        (ONE * 2 + ONE.replace("Which?", "$\\\\nosuch$"), "no LaTeX command .nosuch"),
        (ONE * 2 + NUMBER.replace("4096", "true"), "answer is True; give a number"),
        (ONE * 2 + NUMBER.replace("within = 1", "within = -1"), "within is -1"),
        (ONE * 2 + NUMBER.replace("hint", "tip"), "give kind, ask, answer, within, why, hint"),
    ],
)
def test_a_faulty_file_is_refused_with_the_place_and_the_fault(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        parse_quiz(text, "x.toml")


@pytest.mark.parametrize(
    ("chosen", "right", "remarks"),
    [
        ([0, 2], True, ["✓ text 0: why 0", "✓ text 2: why 2"]),
        ([2, 0], True, ["✓ text 0: why 0", "✓ text 2: why 2"]),
        ([0], False, ["✓ text 0: why 0", "What you have chosen is right, but there is more."]),
        ([1], False, ["✗ text 1: why 1"]),
        ([0, 1, 2], False, ["✓ text 0: why 0", "✗ text 1: why 1", "✓ text 2: why 2"]),
    ],
)
def test_several_options_are_judged_together(
    chosen: list[int], right: bool, remarks: list[str]
) -> None:
    judgement = several(True, False, True).judge(chosen)
    assert judgement.right is right
    assert list(judgement.remarks) == remarks


@pytest.mark.parametrize(
    ("given", "right"),
    [("4096", True), ("4.097e3", True), ("4095", True), ("4094.9", False), ("0", False)],
)
def test_a_number_is_right_within_its_tolerance(given: str, right: bool) -> None:
    question = NumberQuestion("How many?", 4096, 1, "why", "hint")
    assert question.judge(given).right is right
    assert question.judge(given).remarks == ("why" if right else "hint",)


@pytest.mark.parametrize("given", ["", "many", "nan", "inf", None])
def test_what_is_no_number_is_said_and_not_judged(given: str | None) -> None:
    with pytest.raises(ValueError, match="Type a number"):
        NumberQuestion("How many?", 4096, 1, "why", "hint").judge(given)  # type: ignore[arg-type]


def test_the_browser_answers_by_message_and_sees_the_tally() -> None:
    shown = quiz("freezing_vs_finetuning")
    question = shown.questions[1]
    right = next(k for k, option in enumerate(question.options) if option.right)
    wrong = (right + 1) % len(question.options)

    def send(given: object) -> dict[str, object]:
        shown._handle_custom_msg({"question": 1, "given": given}, [])
        return shown.state["results"][1]

    assert send([wrong])["verdict"] == "✗ Not yet. Try again."
    assert shown.state["tally"] == f"0 of {len(shown.questions)} right"
    assert send([right])["remarks"] == [to_html(question.options[right].why)]
    assert shown.state["tally"] == f"1 of {len(shown.questions)} right"
    nothing = send([])
    assert (nothing["alert"], nothing["verdict"]) == ("Choose first, then check.", "")
    assert shown.state["tally"] == f"0 of {len(shown.questions)} right"
    assert send([right])["alert"] == ""


def test_mathematics_becomes_mathml_and_all_else_is_escaped() -> None:
    html = to_html(r"<b> & `a < b` $7 \times 7$")
    assert html.startswith("&lt;b&gt; &amp; <code>a &lt; b</code> <math ")
    assert all(part in html for part in ("<mn>7</mn>", "&#x000D7;", "</math>"))
    assert to_html("$a<b$", typeset=False) == "$a&lt;b$"


def test_what_a_notebook_stores_holds_all_that_is_asked_and_stays_the_same() -> None:
    shown = quiz("freezing_vs_finetuning")
    for question in read_quiz("freezing_vs_finetuning"):
        texts = [question.ask, *(option.text for option in getattr(question, "options", ()))]
        assert all(to_html(text, typeset=False) in shown.stand_in() for text in texts)
    before = shown.stand_in()
    shown.answer(1, [0])
    data, _ = shown._repr_mimebundle_()
    assert data["text/html"] == before
    assert data["text/plain"] == "Quiz: run this cell to use it"
