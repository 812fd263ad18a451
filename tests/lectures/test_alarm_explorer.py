"""The alarm explorer without a browser: what is counted, what it costs, what is drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from cs826tl.lectures.applications import alarm_explorer
from cs826tl.lectures.applications.explorer import (
    BY_HAND,
    CHEAPEST,
    LIMIT,
    PER,
    AlarmController,
    Scored,
)
from cs826tl.methods.alarms import cheapest_threshold, count_alarms

Applications = dict[str, dict[str, Scored]]


def scored(seed: int, rows: int, shift: float) -> Scored:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, rows)
    return labels, generator.normal(size=rows) * 2 + 3 * labels + shift


@pytest.fixture
def applications() -> Applications:
    return {
        "spam": {"public": scored(0, 300, -1.5), "inbox": scored(1, 200, -4)},
        "intrusion": {"known": scored(2, 150, -1.5), "new": scored(3, 80, 5)},
    }


@pytest.fixture
def controller(applications: Applications) -> AlarmController:
    return AlarmController(applications)


def test_counts_are_those_of_the_threshold_in_both_domains(
    controller: AlarmController, applications: Applications
) -> None:
    controller.set("threshold", 1.25)
    domains = applications["spam"]
    assert controller.measure() == {n: count_alarms(*d, 1.25) for n, d in domains.items()}


def test_the_cheapest_on_the_source_follows_the_costs(
    controller: AlarmController, applications: Applications
) -> None:
    controller.set("rule", CHEAPEST)
    controller.set("miss", 20)
    dear = controller.threshold
    controller.set("miss", 1)
    controller.set("false_alarm", 20)
    assert dear < controller.threshold
    best = cheapest_threshold(*applications["spam"]["public"], miss=1, false_alarm=20)
    assert controller.threshold == pytest.approx(best)


def test_who_moves_the_threshold_sets_it_by_hand(controller: AlarmController) -> None:
    controller.set("rule", CHEAPEST)
    controller.set("threshold", -3)
    values = {control.name: control.value for control in controller.controls()}
    assert values["rule"] == BY_HAND
    assert controller.threshold == values["threshold"] == -3


def test_the_other_application_has_its_own_domains(controller: AlarmController) -> None:
    controller.set("application", "intrusion")
    assert list(controller.measure()) == ["known", "new"]
    assert [sum(alarms) for alarms in controller.measure().values()] == [150, 80]


def test_the_view_says_what_was_counted_and_what_it_costs(controller: AlarmController) -> None:
    controller.set("miss", 5)
    controller.set("false_alarm", 2)
    view, (public, inbox) = controller.view(), controller.measure().values()
    told = {name: values for name, *values in view.tables[-1].rows}
    assert told["caught"] == [str(public.hits), str(inbox.hits)]
    assert told["recall"] == [f"{public.recall:.2f}", f"{inbox.recall:.2f}"]
    costs = [PER * a.cost(miss=5, false_alarm=2) / sum(a) for a in (public, inbox)]
    assert told["cost of 1000"] == [f"{cost:.0f}" for cost in costs]
    assert view.status.endswith(f"{costs[0]:.0f} on public and {costs[1]:.0f} on inbox.")


def test_no_threshold_by_hand_is_cheaper_than_its_own_cheapest(
    controller: AlarmController,
) -> None:
    controller.set("miss", 3)
    for threshold in np.arange(-LIMIT, LIMIT, 0.5):
        controller.set("threshold", float(threshold))
        told = {name: values for name, *values in controller.view().tables[-1].rows}
        for least, now in zip(
            told["at its own cheapest threshold"], told["cost of 1000"], strict=True
        ):
            assert float(least) <= float(now)


def met(controller: AlarmController) -> list[bool]:
    return [mark == "✓ met" for _, mark in controller.view().tables[0].rows]


@pytest.fixture
def moved() -> AlarmController:
    """Scores that keep their order, and all lie 4 lower in the target."""
    labels, scores = [0] * 8 + [1] * 4, np.r_[np.linspace(-3, 0.5, 8), 0.5, 1, 2, 3]
    return AlarmController({"cars": {"clean": (labels, scores), "bad": (labels, scores - 4)}})


def test_missions_are_met_by_hand_and_stay_met(moved: AlarmController) -> None:
    moved.set("rule", CHEAPEST)
    assert met(moved) == [False] * 3  # the cheapest on the source is not by hand
    moved.set("threshold", -3.5)
    assert met(moved) == [True] * 3
    moved.set("threshold", LIMIT)
    assert met(moved) == [True] * 3


def test_no_mission_is_met_by_silence_or_by_an_alarm_for_everything(
    moved: AlarmController,
) -> None:
    moved.set("threshold", LIMIT)
    assert met(moved) == [False] * 3
    moved.set("false_alarm", 100)  # now silence is nearly the cheapest
    assert met(moved) == [False] * 3
    moved.set("false_alarm", 1)
    moved.set("threshold", -LIMIT)
    assert met(moved) == [False] * 3


def test_both_domains_and_the_costs_are_drawn(controller: AlarmController) -> None:
    controller.set("threshold", 2)
    ax = Figure().add_subplot()
    draw = controller.view().draw
    assert draw is not None
    draw(ax)
    source, target, curves = ax.child_axes
    assert [source.get_title(), target.get_title()] == ["public", "inbox"]
    for inset in (source, target, curves):
        assert set(inset.lines[-1].get_xdata()) == {2}
    assert [text.get_text() for text in curves.get_legend().get_texts()] == ["public", "inbox"]


def test_scores_without_a_limit_and_silence_can_be_drawn() -> None:
    surely = ([0, 1, 0], [-500.0, 300.0, 900.0])
    controller = AlarmController({"a": {"source": surely, "target": surely}})
    controller.set("false_alarm", 100)
    controller.set("rule", CHEAPEST)
    assert controller.measure()["source"].false_alarms == 0
    assert alarm_explorer({"a": {"source": surely, "target": surely}}).state["alert"] == ""


def test_a_stored_notebook_keeps_a_picture_and_what_can_be_set(applications: Applications) -> None:
    stored = alarm_explorer(applications).stand_in()
    assert "<b>Alarms.</b>" in stored
    assert 'alt="Histograms of the scores' in stored
    assert "spam, intrusion" in stored


@pytest.mark.parametrize(
    ("domains", "said"),
    [
        ({"one": ([0, 1], [0.0, 1.0])}, "'spam' has 1 domain"),
        ({"one": ([0, 1], [0.0, 1.0]), "two": ([1, 1], [0.0, 1.0])}, "all labels are 1"),
        ({"one": ([0, 1], [0.0, 1.0]), "two": ([0, 1], [0.0])}, "labels have shape"),
    ],
)
def test_what_cannot_be_explored_is_said(domains: dict[str, Scored], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        alarm_explorer({"spam": domains})
