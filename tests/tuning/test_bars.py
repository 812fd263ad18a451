"""What the verdicts would be with other bars, out of what the lectures have stored."""

from itertools import product

import pytest

from cs826tl.verdicts.checks import Check
from cs826tl.verdicts.verdict import Verdict
from tools.tuning.bars import contradicted, outcome

INTERVALS = ((0.06, 0.09), (-0.12, 0.03), (-0.30, -0.21), (0.11, 0.48))


def stored(check: Check) -> dict[str, object]:
    found = Verdict("C01", "", [check], "too close to call").as_dict()["checks"]
    return dict(found[0])


@pytest.mark.parametrize("kind", ["at_least", "at_most", "within"])
def test_a_moved_bar_is_the_bar_of_a_new_check(kind: str) -> None:
    for (low, high), bar, factor in product(INTERVALS, (0.02, 0.10, 0.2), (0.5, 2.0)):
        value, between = (low + high) / 2, (low, high)
        check = Check("ahead", value, interval=between, **{kind: bar})  # type: ignore[arg-type]
        other = Check("ahead", value, interval=between, **{kind: factor * bar})  # type: ignore[arg-type]
        assert outcome(stored(check), factor) == other.outcome


def test_units_and_thousands_do_not_hide_the_numbers() -> None:
    check = Check("off", 1500.0, interval=(1400.0, 1600.0), at_least=1000, unit="degrees")
    assert outcome(stored(check), 0.5) == "✓"
    assert outcome(stored(check), 2.0) == "✗"


@pytest.mark.parametrize(
    "check",
    [
        Check("ahead", 0.1, interval=(-0.1, 0.3), at_least=0.0),
        Check("right", 0.9, interval=(0.8, 1.0), at_least=0.85),
        Check("networks", 3, at_least=2, how="counted"),
        Check("epochs", 3, equals=3),
    ],
)
def test_bars_that_cannot_be_moved_stay(check: Check) -> None:
    assert {outcome(stored(check), factor) for factor in (0.5, 2.0)} == {check.outcome}


def test_a_verdict_is_contradicted_once_its_checks_disagree() -> None:
    check = Check("ahead", 0.08, interval=(0.06, 0.09), at_least=0.05)
    finding = Verdict("C01", "", [check], "holds").as_dict()
    assert not list(contradicted([finding], 0.5))
    assert list(contradicted([finding], 2.0)) == [finding]
