"""The method comparer: what a target's unlabelled rows are worth to each method, and how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from cs826tl.lectures.transductive_transfer.lineup import line_up
from cs826tl.lectures.transductive_transfer.plots import plot_runs
from cs826tl.methods.adaptation.pairs import BlindPair
from cs826tl.widgets.controllers import Progress, Table, View, Worth
from cs826tl.widgets.controls import Choice, Control, Number, Press
from cs826tl.widgets.explorer import Explorer

SECONDS = {"label propagation": 3, "label spreading": 2, "learned metric": 5, "DANN": 4}
OTHERS_SECONDS = 2  # of a run, at most, for the methods that are not named
ALT = (
    "A line for each run, from the accuracy of the source alone to that of training with the "
    "target's labels; on it an arrow to what the method reaches with the target's rows."
)


@dataclass(frozen=True)
class AdaptationSetting:
    """What is set: the pair, the method, and the share of the target's rows, in per cent."""

    pair: str
    method: str
    percent: int = 100


class AdaptationRun(NamedTuple):
    """What came of a setting: three accuracies on the target's test rows."""

    source_only: float
    adapted: float
    target_trained: float


class MethodComparer:
    """The controller: the pairs, the setting, and every run so far. Each is computed once.

    The constructor raises `ValueError` without a pair.
    """

    title = "Methods without target labels"
    help = (
        "Choose a pair, a method, and how much of the target it may see; then run it. Three "
        "accuracies come: the source alone, adapted, and with all of the target's labels."
    )
    worth = Worth({"percent": (10, 50, 100)}, related=False)

    def __init__(self, pairs: Mapping[str, BlindPair]) -> None:
        if not pairs:
            raise ValueError("there are no pairs: give one or more, by name")
        self.pairs, self.line_ups = pairs, {name: line_up(pair) for name, pair in pairs.items()}
        first = next(iter(self.line_ups))
        self.setting = AdaptationSetting(first, next(iter(self.line_ups[first])))
        self.runs: dict[AdaptationSetting, AdaptationRun] = {}
        self._bounds: dict[tuple[str, str], tuple[float, float]] = {}

    def controls(self) -> tuple[Control, ...]:
        """Return what can be set, and the button."""
        now = self.setting
        return (
            Choice("pair", "Source and target", tuple(self.line_ups), now.pair),
            Choice("method", "Method", tuple(self.line_ups[now.pair]), now.method),
            Number("percent", "Target rows it may see, in %", 10, 100, 10, now.percent),
            Press("run", "Run"),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting; nothing is computed until the button is pressed."""
        self.setting = replace(self.setting, **{name: value})

    def press(self, name: str) -> Iterator[Progress]:
        """Fit the method as it is set, unless that was done before."""
        now = self.setting
        if now in self.runs:
            self.runs[now] = self.runs.pop(now)  # the latest comes last
            return
        method, pair = self.line_ups[now.pair][now.method]
        known = (now.pair, now.method)
        if known not in self._bounds:
            yield Progress(0.0, "the source alone")
            low = pair.score(pair.source_only(method))
            yield Progress(0.2, "with all of the target's labels")
            self._bounds[known] = low, pair.score(pair.target_trained(method))
        yield Progress(0.5, "with the target's rows")
        low, high = self._bounds[known]
        self.runs[now] = AdaptationRun(low, self._adapted(now), high)
        yield Progress(1.0, "done")

    def _adapted(self, now: AdaptationSetting) -> float:
        """Return the accuracy with a part of the target's rows, its features made of no others."""
        whole = self.pairs[now.pair]
        pair = whole.with_target(len(whole.sealed.train_labels) * now.percent // 100)
        method, seen = line_up(pair)[now.method]
        return seen.score(seen.adapted(method))

    def view(self) -> View:
        """Return what the last run says, all runs between their bounds, and a table of them."""
        tables = (_table(self.runs),) if self.runs else ()
        height = 1.4 + 0.35 * max(1, len(self.runs))
        named = {_named(setting): run for setting, run in self.runs.items()}
        return View(self._status(), tables, partial(plot_runs, named), (7, height), ALT)

    def _status(self) -> str:
        now = self.setting
        if now not in self.runs:
            seconds = SECONDS.get(now.method, OTHERS_SECONDS)
            return f"Not run yet: it takes about {seconds} seconds. Will it help, or hurt?"
        low, adapted, high = self.runs[now]
        verb = "gains" if adapted >= low else "loses"
        return (
            f"{now.method} {verb} {abs(adapted - low):.2f} from the target's rows: {low:.2f} "
            f"becomes {adapted:.2f}, and {high:.2f} is what the target's labels would give."
        )


def method_comparer(**pairs: BlindPair) -> Explorer:
    """Return an explorer of what each method makes of a target without labels [C06, C18].

    `pairs` are `blind_pair`'s, each under a name of your choice. A run is kept: it is not
    computed again.

    Raises `ValueError` without a pair.

    >>> from cs826tl.methods.adaptation import blind_pair
    >>> explorer = method_comparer(digits=blind_pair("digits", shots=5))
    >>> explorer.state["status"]
    'Not run yet: it takes about 2 seconds. Will it help, or hurt?'
    """
    return Explorer(MethodComparer(pairs))


def _named(setting: AdaptationSetting) -> str:
    return f"{setting.method}, {setting.pair}, {setting.percent} %"


def _table(runs: Mapping[AdaptationSetting, AdaptationRun]) -> Table:
    rows = [
        (
            _named(setting),
            *(f"{value:.2f}" for value in run),
            f"{run.adapted - run.source_only:+.2f}",
        )
        for setting, run in runs.items()
    ]
    columns = ("run", "source only", "adapted", "target-trained", "gained")
    return Table("All runs, accuracy on the target", columns, tuple(rows[::-1]))
