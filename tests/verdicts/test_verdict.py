"""Checks and verdicts: intervals against SciPy's, and verdicts that a run can withdraw."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

import cs826tl as tl
from cs826tl.verdicts.checks import Outcome
from cs826tl.verdicts.verdict import METADATA, WITHDRAWN
from tools.normalise import MEASURED

FEW = st.lists(st.floats(-10, 10), min_size=2, max_size=12)


@settings(deadline=None)  # a busy machine is no defect
@given(FEW)
def test_the_interval_is_scipys(values: list[float]) -> None:
    low, high = tl.Check("it is so", values, at_least=0).interval
    if np.ptp(values) > 1e-6:
        wanted = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (low, high) == pytest.approx(tuple(wanted), abs=1e-9)


@settings(deadline=None)
@given(FEW, st.floats(-10, 10))
def test_a_bar_is_met_missed_or_crossed(values: list[float], bar: float) -> None:
    check = tl.Check("it is so", values, at_least=bar)
    low, high = check.interval
    wanted = Outcome.TRUE if low >= bar else Outcome.FALSE if high < bar else Outcome.OPEN
    assert check.outcome is wanted


@settings(deadline=None)
@given(FEW, st.floats(0.1, 10))
def test_equality_is_two_sided(values: list[float], band: float) -> None:
    one, other = (tl.Check("equal", sign * np.array(values), within=band) for sign in (1, -1))
    assert one.outcome is other.outcome
    assert (one.outcome is Outcome.TRUE) == (max(map(abs, one.interval)) <= band)


@pytest.mark.parametrize(
    ("bars", "values"), [({}, 1), ({"at_least": 0, "at_most": 1}, 1), ({"at_least": 0}, []),
                         ({"at_least": 0}, [np.nan])]
)  # fmt: skip
def test_a_check_without_a_bar_or_a_value_is_refused(bars, values) -> None:
    with pytest.raises(ValueError, match=r"exactly one bar|finite"):
        tl.Check("it is so", values, **bars)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (tl.Check("a", [0.5, 0.7], at_most=0.7), "? a: 0.60 [−0.67, 1.87]; bar ≤ 0.70"),
        (tl.Check("a", [0.1, 0.1], within=0.2), "✓ a: 0.10; bar ± 0.20"),
        (tl.Check("a", 138_357_544, equals=138_357_544, how="counted"),
         "✓ a (counted): 138,357,544; bar = 138,357,544"),
        (tl.Check("a", 12.5, at_least=20, unit="ms", digits=1), "✗ a: 12.5 ms; bar ≥ 20.0 ms"),
        (tl.Check("a", 0.5, at_least=0.3, interval=(0.27, 0.73)),
         "? a: 0.50 [0.27, 0.73]; bar ≥ 0.30"),
    ],
)  # fmt: skip
def test_value_interval_and_bar_are_shown(check: tl.Check, words: str) -> None:
    assert repr(check) == words


GOOD = tl.Check("good", [1.0, 1.1], at_least=0)
BAD = tl.Check("bad", [-1.0, -1.1], at_least=0)
OPEN = tl.Check("open", [-1.0, 1.1], at_least=0)


@pytest.mark.parametrize(
    ("checks", "standing"),
    [
        ([GOOD], {"holds"}),
        ([BAD], {"does not hold"}),
        ([OPEN], {"too close to call"}),
        ([GOOD, BAD], {"holds only", "does not hold"}),
        ([GOOD, OPEN], {"holds only", "too close to call"}),
        ([GOOD, BAD, OPEN], {"holds only", "does not hold", "too close to call"}),
        ([BAD, BAD, OPEN], {"does not hold"}),  # most say no
    ],
)
def test_a_verdict_stands_only_while_the_checks_agree(checks, standing) -> None:
    for answer in ("holds", "holds only", "does not hold", "too close to call"):
        verdict = tl.Verdict("C01", "A slide.", checks, f"{answer} here")
        assert verdict.conclusion == (f"{answer} here" if answer in standing else WITHDRAWN)


def test_a_verdict_is_one_of_four_answers() -> None:
    with pytest.raises(ValueError, match="begins with 'holds only', 'holds'"):
        tl.Verdict("C01", "A slide.", [GOOD], "true")
    with pytest.raises(ValueError, match="one check or more"):
        tl.Verdict("C01", "A slide.", [], "holds")


def test_what_is_shown_is_escaped_and_travels_as_data() -> None:
    verdict = tl.Verdict("C01", "<b>", [GOOD], "holds", at="Lite0", changes="<more>")
    data, metadata = verdict._repr_mimebundle_()
    assert "&lt;b&gt;" in data["text/html"]
    assert "<more>" not in data["text/html"]
    assert metadata[METADATA] == [verdict.as_dict()]
    assert verdict.as_dict()["conditions"] == "Lite0; 2 seeds"
    table, rows = tl.Findings(verdict, verdict)._repr_mimebundle_()
    assert table["text/html"].count("<tr>") == 3
    assert len(rows[METADATA]) == 2


def test_what_two_machines_may_differ_in_is_left_out_of_comparisons() -> None:
    """Only marks and values: the sentence, the bar and the verdict are compared."""
    ours, theirs = (
        tl.Verdict(
            "C01", "At 0.5 or more?", [tl.Check("5: 0.2 or more", values, at_least=0.2)], word
        )
        for values, word in (([0.3, 0.31], "holds"), ([0.1, 0.4], "too close to call"))
    )
    for text in (str, lambda verdict: verdict._repr_mimebundle_()[0]["text/html"]):
        left = [MEASURED.sub("", text(verdict)) for verdict in (ours, theirs)]
        assert left[0].replace("holds", "too close to call") == left[1]
        assert all("5: 0.2 or more: ; bar ≥ 0.20" in rest for rest in left)


def test_a_number_table_groups_the_digits_of_whole_numbers() -> None:
    frame = pd.DataFrame({"parameters": [4_007_554, 8], "seconds": [1234.567, 0.5]})
    html = tl.NumberTable(frame, "numbers, seconds")._repr_html_()
    assert [cell for cell in ("4,007,554", ">8<", "1,234.57", "0.50") if cell not in html] == []


@pytest.mark.parametrize(("claim", "who"), [("C12", "The slide"), ("N03", "The paper")])
def test_a_verdict_says_who_claims_it(claim: str, who: str) -> None:
    verdict = tl.Verdict(claim, "It is so.", [tl.Check("so", 1.0, at_least=0)], "holds")
    assert f"[{claim}] {who} says: It is so." in repr(verdict)
    assert f"<b>{who} says</b> [{claim}]" in verdict._html()
