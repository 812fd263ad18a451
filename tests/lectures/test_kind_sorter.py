"""The sorter of kinds without a browser: answers, checking, the tally, what is stored."""

from collections import Counter

import pytest

from cs826tl.lectures.kinds_of_transfer import kind_sorter
from cs826tl.lectures.kinds_of_transfer.examples import EXAMPLES, Example
from cs826tl.lectures.kinds_of_transfer.kinds import kind_of_transfer
from cs826tl.widgets.explorer import Explorer

WORDS = {True: "yes", False: "no"}


@pytest.fixture
def sorter() -> Explorer:
    return kind_sorter()


def cases(sorter: Explorer) -> list[str]:
    (case,) = [c for c in sorter.state["controls"] if c["name"] == "case"]
    return list(case["options"])


def answer(sorter: Explorer, *, target: bool, source: bool) -> None:
    sorter.set("target", WORDS[target])
    sorter.set("source", WORDS[source])


def sort_rightly(sorter: Explorer, case: str, example: Example) -> None:
    sorter.set("case", case)
    answer(sorter, target=example.target_labels, source=example.source_labels)
    sorter.press("check")


def test_a_dozen_examples_of_all_kinds_and_all_answers() -> None:
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES) == 12
    answers = Counter((e.target_labels, e.source_labels) for e in EXAMPLES)
    assert len(answers) == 4
    kinds = Counter(example.kind.name for example in EXAMPLES)
    assert min(kinds.values()) >= 3
    assert all(kind not in example.story for example in EXAMPLES for kind in kinds)


def test_all_sorted_rightly_is_twelve_of_twelve(sorter: Explorer) -> None:
    for case, example in zip(cases(sorter), EXAMPLES, strict=False):
        sort_rightly(sorter, case, example)
        assert sorter.state["status"].startswith(f"✓ {example.kind.name}")
        assert example.target_why in sorter.state["status"]
    tally, _ = sorter.state["tables"]
    assert tally["caption"] == "12 of 12 right at the first try"
    assert [row[0] for row in tally["rows"]] == cases(sorter)[:12]
    assert [row[1] for row in tally["rows"]] == [example.kind.name for example in EXAMPLES]


@pytest.mark.parametrize("wrong", ["target", "source"])
def test_a_wrong_answer_is_explained_and_counts_as_the_first_try(
    sorter: Explorer, wrong: str
) -> None:
    case, example = cases(sorter)[1], EXAMPLES[1]
    said = {"target": example.target_labels, "source": example.source_labels}
    sorter.set("case", case)
    answer(sorter, **said | {wrong: not said[wrong]})
    sorter.press("check")
    status = sorter.state["status"]
    assert status.startswith("✗ Not yet.")
    assert (example.target_why in status) == (wrong == "target")
    assert (example.source_why in status) == (wrong == "source")
    assert sorter.state["tables"][0]["rows"][0][2:] == ("✗ no", "✗ no")
    sort_rightly(sorter, case, example)
    tally, _ = sorter.state["tables"]
    assert tally["rows"][0][2:] == ("✓ yes", "✗ no")
    assert tally["caption"] == "0 of 1 right at the first try"


def test_feedback_waits_for_check_and_goes_with_another_answer(sorter: Explorer) -> None:
    example = EXAMPLES[0]
    assert sorter.state["status"] == example.story
    assert sorter.state["tables"] == []
    answer(sorter, target=True, source=True)
    assert sorter.state["status"] == f"{example.story} You say: inductive."
    sorter.press("check")
    assert example.story not in sorter.state["status"]
    sorter.set("target", "no")
    assert sorter.state["status"] == f"{example.story} You say: transductive."


def test_check_asks_for_both_answers(sorter: Explorer) -> None:
    sorter.set("target", "yes")
    sorter.press("check")
    assert "answer both questions" in sorter.state["alert"]
    assert sorter.state["tables"] == []


def test_answers_stay_with_their_case(sorter: Explorer) -> None:
    first, second = cases(sorter)[:2]
    answer(sorter, target=True, source=True)
    sorter.set("case", second)
    values = {c["name"]: c.get("value") for c in sorter.state["controls"]}
    assert (values["target"], values["source"]) == ("not answered", "not answered")
    sorter.set("case", first)
    values = {c["name"]: c.get("value") for c in sorter.state["controls"]}
    assert (values["target"], values["source"]) == ("yes", "yes")


@pytest.mark.parametrize("target", [True, False])
@pytest.mark.parametrize("source", [True, False])
def test_a_case_of_your_own_is_named_at_once(sorter: Explorer, target: bool, source: bool) -> None:
    sorter.set("case", cases(sorter)[-1])
    assert "check" not in [control["name"] for control in sorter.state["controls"]]
    answer(sorter, target=target, source=source)
    kind = kind_of_transfer(target_labels=target, source_labels=source)
    assert kind.name in sorter.state["status"]
    assert sorter.state["alt"].endswith(f"The frame is on: {kind.name}.")


def test_what_is_stored_names_the_cases_and_gives_nothing_away(sorter: Explorer) -> None:
    stored = sorter.stand_in()
    assert all(example.name in stored for example in EXAMPLES)
    assert not any(example.target_why in stored for example in EXAMPLES)
    assert repr(sorter) == "Sorting by kind of transfer: run this cell to use it"


def test_missions_are_met_by_the_cases_that_they_ask_for(sorter: Explorer) -> None:
    def met() -> str:
        return "".join(row[1][0] for row in sorter.state["tables"][1]["rows"])

    answer(sorter, target=False, source=False)  # lungs are inductive
    sorter.press("check")
    assert met() == "ooo"
    for case, example in list(zip(cases(sorter), EXAMPLES, strict=False))[1:6]:
        sort_rightly(sorter, case, example)
        if example.kind.name == "inductive":
            assert met()[2] == ("o" if example.source_labels else "✓")
            break
    for case, example in list(zip(cases(sorter), EXAMPLES, strict=False))[1:6]:
        sort_rightly(sorter, case, example)
    assert met() == "✓✓✓"
