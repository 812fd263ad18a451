"""Cards: what a trial found, in words; and the checks that they repeat."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import cs826tl as tl
from cs826tl.verdicts import cards
from cs826tl.verdicts.cards import card

FOUND = tl.Check("f", [11, 13], at_least=0, unit="points", digits=0, words="the codes are {} ahead")
SILENT = tl.Check("s", [1, 1], at_least=0)


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    first = tl.Verdict("C16", "Codes <serve>.", [FOUND, SILENT], "holds only here, in VGG16")
    second = tl.Verdict("C16", "Do they sing?", [SILENT], "holds", ours=True)
    third = tl.Verdict("N01", "Thin matrices suffice.", [SILENT], "holds")
    fourth = tl.Verdict("N02", "Biases suffice.", [SILENT], "holds")
    found = {"C16_codes": (first, second), "N01_others": (third, fourth)}
    text = json.dumps({trial: [v.as_dict() for v in each] for trial, each in found.items()})
    (tmp_path / "findings.json").write_text(text)
    monkeypatch.setattr(cards, "FINDINGS", tmp_path / "findings.json")
    cards._findings.cache_clear()
    yield
    cards._findings.cache_clear()


@pytest.mark.usefixtures("trials")
def test_a_card_says_the_claims_own_verdict_and_what_decides_it() -> None:
    shown = card("C16")
    assert repr(shown).splitlines() == [
        "[C16] The slide says: Codes <serve>.",
        "Verdict: holds only here, in VGG16.",
        "  the codes are 12 points (−1 to 25) ahead",
        "The whole trial: trials/C16_codes.ipynb",
    ]
    page = shown._repr_html_()
    assert "Codes &lt;serve&gt;." in page
    assert "<b>Holds only here, in VGG16.</b>" in page
    assert "href='trials/C16_codes.ipynb'" in page


@pytest.mark.usefixtures("trials")
def test_a_card_can_be_that_of_a_later_verdict() -> None:
    assert repr(card("C16", 2)).splitlines()[:2] == [
        "[C16] We also asked: Do they sing?",
        "Verdict: holds.",
    ]
    for number in (0, 3):
        with pytest.raises(ValueError, match=f"number={number}: C16 has verdicts 1 to 2"):
            card("C16", number)


@pytest.mark.usefixtures("trials")
def test_two_claims_on_one_trial_have_a_card_each() -> None:
    first, second = card("N01"), card("N02")
    assert (first.sentence, second.sentence) == ("Thin matrices suffice.", "Biases suffice.")
    assert first.trial == second.trial == "N01_others"


@pytest.mark.usefixtures("trials")
def test_a_claim_that_is_not_on_trial_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no claim on trial named 'C17'.*C16, N01"):
        card("C17")


@pytest.mark.parametrize("words", ["ahead", "{} and {}"])
def test_words_have_one_place_for_the_number(words: str) -> None:
    with pytest.raises(ValueError, match=r"words need \{\} once"):
        tl.Check("f", 1.0, at_least=0, words=words)


def test_a_number_without_an_interval_is_said_without_one() -> None:
    counted = tl.Check("f", 3, equals=3, how="counted", words="{} layers")
    assert counted.in_words == "3 layers"
    assert SILENT.in_words == ""


def test_what_the_slide_does_not_say_is_not_put_into_its_mouth() -> None:
    verdict = tl.Verdict("C16", "Do they sing?", [SILENT], "holds", ours=True)
    assert repr(verdict).startswith("[C16] We also asked: Do they sing?")
    assert "says" not in verdict._repr_mimebundle_()[0]["text/html"]
