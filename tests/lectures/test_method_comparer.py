"""The method comparer without a browser: its numbers are `compare`'s, and computed once."""

import pytest
from matplotlib.figure import Figure

from cs826tl.lectures.transductive_transfer import line_up, method_comparer
from cs826tl.lectures.transductive_transfer.comparing import MethodComparer
from cs826tl.methods.adaptation import blind_pair, compare

PAIRS = {"small": blind_pair("digits", shots=10), "other": blind_pair("digits", shots=10, seed=1)}


@pytest.fixture
def comparer() -> MethodComparer:
    return MethodComparer(PAIRS)


def run(comparer: MethodComparer, **settings: object) -> list[float]:
    """Set and press; return how far the progress was after each piece."""
    for name, value in settings.items():
        comparer.set(name, value)
    return [progress.fraction for progress in comparer.press("run")]


def test_a_run_is_what_compare_says(comparer: MethodComparer) -> None:
    assert run(comparer, pair="other", method="CORAL") == [0.0, 0.2, 0.5, 1.0]
    ((setting, found),) = comparer.runs.items()
    method, pair = line_up(PAIRS["other"])["CORAL"]
    expected = compare({"CORAL": method}, pair).loc["CORAL"]
    assert list(found) == expected.tolist()
    assert (setting.pair, setting.percent) == ("other", 100)


def test_less_of_the_target_changes_what_is_adapted_alone(comparer: MethodComparer) -> None:
    run(comparer, method="CORAL")
    assert run(comparer, percent=10) == [0.5, 1.0]  # the bounds are known
    whole, part = comparer.runs.values()
    few = PAIRS["small"].with_target(1157 * 10 // 100)
    method, seen = line_up(few)["CORAL"]
    assert part.adapted == seen.score(seen.adapted(method)) != whole.adapted
    assert (part.source_only, part.target_trained) == (whole.source_only, whole.target_trained)


def test_what_was_run_is_not_run_again(comparer: MethodComparer) -> None:
    run(comparer, method="CORAL")
    run(comparer, percent=50)
    assert run(comparer, percent=100) == []
    assert [setting.percent for setting in comparer.runs] == [50, 100]  # the latest comes last


def test_the_cost_is_said_before(comparer: MethodComparer) -> None:
    assert comparer.view().status.startswith("Not run yet: it takes about 2 seconds")
    comparer.set("method", "learned metric")
    assert "about 5 seconds" in comparer.view().status
    assert not comparer.runs


def test_status_table_and_picture_say_the_same(comparer: MethodComparer) -> None:
    run(comparer, method="self-training")
    run(comparer, method="CORAL")
    view = comparer.view()
    low, adapted, high = comparer.runs[comparer.setting]
    assert f"{low:.2f} becomes {adapted:.2f}, and {high:.2f} is what" in view.status
    (table,) = view.tables
    assert table.rows[0][0] == "CORAL, small, 100 %"
    assert table.rows[0][4] == f"{adapted - low:+.2f}"
    assert len(table.rows) == 2
    ax = Figure().add_subplot()
    assert view.draw is not None
    view.draw(ax)
    ends = [tuple(line.get_xdata()) for line in ax.lines]
    assert ends == [(found.source_only, found.target_trained) for found in comparer.runs.values()]
    assert [t.get_text() for t in ax.get_yticklabels()][1] == "CORAL, small, 100 %"


def test_the_empty_picture_can_be_drawn_and_stored() -> None:
    stored = method_comparer(**PAIRS).stand_in()
    assert 'alt="A line for each run' in stored
    assert "10 to 100 in steps of 10" in stored


def test_no_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="there are no pairs"):
        method_comparer()
