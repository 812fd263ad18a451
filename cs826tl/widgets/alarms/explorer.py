"""The alarm explorer: a threshold, what it catches at home and away, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping

from cs826tl.widgets.alarms.controller import AlarmController, Scored
from cs826tl.widgets.kit.explorer import Explorer


def alarm_explorer(applications: Mapping[str, Mapping[str, Scored]]) -> Explorer:
    """Return an explorer of thresholds and costs, on a source and on a target [C17].

    `applications` holds for each name two domains by their names, first the source, and for each
    domain labels (1 for what an alarm is for) and scores as log-odds, both of shape `(N,)`. Set
    the threshold by hand or take the cheapest on the source, and what either mistake costs.

    Raises `ValueError` where an application has not two domains, or a domain not both labels.

    >>> alarm_explorer({"spam": {"public": ([0, 1], [-2.0, 2.0])}})
    Traceback (most recent call last):
    ValueError: 'spam' has 1 domain(s): give two, the source and the target
    """
    return Explorer(AlarmController(applications))
