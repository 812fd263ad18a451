"""The alarm explorer: a threshold, what it catches at home and away, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from cs826tl.lectures.applications.plots import plot_alarms
from cs826tl.methods.alarms import Alarms, Costs, cheapest_threshold, count_alarms, threshold_costs
from cs826tl.plots.drawing import Draw
from cs826tl.widgets.controllers import Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Scored: TypeAlias = "tuple[ArrayLike, ArrayLike]"  # labels and scores, one of each a row

LIMIT = 10.0  # log-odds: 22 000 to 1, beyond which scores are drawn as this
BY_HAND, CHEAPEST = "by hand", "the cheapest on the source"
PER = 1000  # rows, so that costs of domains of different sizes can be compared
MISSIONS = (
    "1. By hand, bring the cost on the target within 2 % of the least possible",
    "2. By hand, halve what the source's cheapest threshold costs on the target, and catch half",
    "3. Catch 9 in 10 on the target, with a false alarm on at most 2 in 10 of the others, where "
    "the source's cheapest threshold catches less than half",
)


class AlarmController:
    """Which application, which threshold, and what a miss and a false alarm cost.

    The constructor raises `ValueError` unless every application has two domains and every
    domain both labels.
    """

    title = "Alarms"
    help = (
        "Choose an application, set the threshold and what either mistake costs, and compare what "
        "happens where the model was trained with what happens where it is used."
    )
    worth = Worth(
        {
            "threshold": (-4, -2, 0, 2, 4),
            "miss": (1, 10, 100),
            "false_alarm": (1, 10),
        }
    )

    def __init__(self, applications: Mapping[str, Mapping[str, Scored]]) -> None:
        self._applications = {name: _checked(name, d) for name, d in applications.items()}
        self._name = next(iter(applications))
        self._rule, self._by_hand = BY_HAND, 0.0
        self._costs = {"miss": 1.0, "false_alarm": 1.0}
        self.met: set[str] = set()

    def controls(self) -> tuple[Control, ...]:
        """Return the application, the threshold and the two costs."""
        return (
            Choice("application", "Application", tuple(self._applications), self._name),
            Choice("rule", "Threshold", (BY_HAND, CHEAPEST), self._rule),
            Number("threshold", "By hand, in log-odds", -LIMIT, LIMIT, 0.25, self._by_hand),
            Number("miss", "A miss costs", 1, 100, 1, self._costs["miss"]),
            Number("false_alarm", "A false alarm costs", 1, 100, 1, self._costs["false_alarm"]),
        )

    def set(self, name: str, value: Any) -> None:
        """Take over a control's new value; moving the threshold sets it by hand."""
        if name == "application":
            self._name = value
        elif name == "rule":
            self._rule = value
        elif name == "threshold":
            self._rule, self._by_hand = BY_HAND, value
        else:
            self._costs[name] = value
        if self._rule == BY_HAND and name != "application":
            self._judge()

    @property
    def domains(self) -> Mapping[str, Scored]:
        """The two domains of the application, the source first."""
        return self._applications[self._name]

    @property
    def threshold(self) -> float:
        """The score from which on an alarm is raised."""
        if self._rule == BY_HAND:
            return self._by_hand
        return self._cheapest(next(iter(self.domains)))

    def measure(self) -> dict[str, Alarms]:
        """Return what the threshold does in either domain."""
        return {name: count_alarms(*d, self.threshold) for name, d in self.domains.items()}

    def _judge(self) -> None:
        source, target = self.domains
        usual = self._cheapest(source)
        cost, least = self._cost(target), self._cost(target, self._cheapest(target))
        now, before = (count_alarms(*self.domains[target], at) for at in (self.threshold, usual))
        met = (
            cost <= 1.02 * least and now.recall >= 0.1,  # not by silence
            cost <= self._cost(target, usual) / 2 and now.recall >= 0.5,
            before.recall < 0.5 and now.recall >= 0.9 and now.false_alarm_rate <= 0.2,
        )
        self.met |= {mission for mission, done in zip(MISSIONS, met, strict=True) if done}

    def view(self) -> View:
        """Return what is caught and what it costs in both domains, with scores and costs."""
        measured = self.measure()
        costs = " and ".join(f"{self._cost(name):.0f} on {name}" for name in measured)
        return View(
            status=f"Alarm from {self.threshold:.2f} on. What {PER} rows cost: {costs}.",
            tables=(missions({m: m in self.met for m in MISSIONS}), self._table(measured)),
            draw=self._picture(),
            size=(9, 3.2),
            alt=(
                "Histograms of the scores of either kind, in the source and in the target, with "
                "the threshold; beside them what every threshold costs in both."
            ),
        )

    def _cheapest(self, domain: str) -> float:
        threshold = cheapest_threshold(*self.domains[domain], **self._costs)
        return min(threshold, 2 * LIMIT)  # infinity cannot be drawn

    def _cost(self, domain: str, threshold: float | None = None) -> float:
        """Return what `PER` rows cost at this threshold, or at the one in use if none is given."""
        at = self.threshold if threshold is None else threshold
        alarms = count_alarms(*self.domains[domain], at)
        return PER * alarms.cost(**self._costs) / sum(alarms)

    def _table(self, measured: Mapping[str, Alarms]) -> Table:
        rows = {
            "caught": [str(a.hits) for a in measured.values()],
            "missed": [str(a.misses) for a in measured.values()],
            "false alarms": [str(a.false_alarms) for a in measured.values()],
            "rightly passed": [str(a.passes) for a in measured.values()],
            "recall": [f"{a.recall:.2f}" for a in measured.values()],
            "precision": [f"{a.precision:.2f}" for a in measured.values()],
            "false-alarm rate": [f"{a.false_alarm_rate:.3f}" for a in measured.values()],
            f"cost of {PER}": [f"{self._cost(name):.0f}" for name in measured],
            "at its own cheapest threshold": [
                f"{self._cost(name, self._cheapest(name)):.0f}" for name in measured
            ],
        }
        cells = tuple((name, *values) for name, values in rows.items())
        return Table("What this threshold does", ("", *measured), cells)

    def _picture(self) -> Draw:
        curves = {name: self._curve(name) for name in self.domains}
        return partial(
            plot_alarms, self.domains, curves,
            threshold=self.threshold, limit=LIMIT, label=f"cost of {PER}",
        )  # fmt: skip

    def _curve(self, domain: str) -> Costs:
        curve = threshold_costs(*self.domains[domain], **self._costs)
        rows = len(np.asarray(self.domains[domain][0]))
        finite = curve.thresholds.clip(-2 * LIMIT, 2 * LIMIT)
        return Costs(finite, PER * curve.costs / rows)


def _checked(name: str, domains: Mapping[str, Scored]) -> dict[str, Scored]:
    """Return the two domains, their scores within the limits that the slider has."""
    if len(domains) != 2:
        raise ValueError(
            f"{name!r} has {len(domains)} domain(s): give two, the source and the target"
        )
    for labels, scores in domains.values():
        threshold_costs(labels, scores, miss=1, false_alarm=1)  # says what is wrong with them
    return {
        domain: (np.asarray(labels), np.clip(scores, -LIMIT, LIMIT))
        for domain, (labels, scores) in domains.items()
    }


def alarm_explorer(applications: Mapping[str, Mapping[str, Scored]]) -> Explorer:
    """Return an explorer of thresholds and costs, on a source and on a target [C17].

    `applications` holds for each name two domains by their names, first the source, and for each
    domain labels (1 for what an alarm is for) and scores as log-odds, both of shape `(N,)`. Set
    the threshold by hand or take the cheapest on the source, and what either mistake costs.

    Raises `ValueError` if an application does not have two domains, or a domain both labels.

    >>> alarm_explorer({"spam": {"public": ([0, 1], [-2.0, 2.0])}})
    Traceback (most recent call last):
    ValueError: 'spam' has 1 domain(s): give two, the source and the target
    """
    return Explorer(AlarmController(applications))
