"""The spreading explorer: a graph of digits, and labels that run along its ties step by step."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs826tl.lectures.transductive_transfer.plots import plot_graph
from cs826tl.methods.adaptation import neighbour_graph, spread_labels
from cs826tl.methods.adaptation.pairs import BlindPair
from cs826tl.plots.drawing import Draw
from cs826tl.widgets.controllers import Table, View, Worth
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

CLASSES = 3  # of the pair's classes, the first ones
UNLABELLED_NODES = 40  # of each class
MOST_TOLD, LAST_STEP = 10, 20
ALT = (
    "Digits as nodes of a graph, tied to those that look like them. Large nodes with a black rim "
    "were given a label; small ones take the colour and the mark of the label that reaches them."
)


class SpreadingExplorer:
    """The controller: who is given a label, how the graph is tied, and the step looked at.

    The constructor raises `ValueError` for a pair with fewer rows of a class than it draws.
    """

    title = "Labels that spread on a graph"
    help = (
        "Move the step to watch the labels run. Give labels to digits of the source (MNIST) or of "
        "the target itself (UCI); tie each to more neighbours; trust neighbours more or less."
    )
    worth = Worth(
        {
            "step": (0, 1, 3, 8, 20),
            "told": (1, 5),
            "neighbours": (2, 5, 12),
            "alpha": (0.8,),
        },
        related=False,
    )

    def __init__(self, pair: BlindPair) -> None:
        self.classes = pair.classes[:CLASSES]
        truth = pair.sealed.train_labels
        self.target = _some(pair.X_target, truth, UNLABELLED_NODES + MOST_TOLD)
        self.source = _some(pair.X_source, pair.y_source, MOST_TOLD)
        self.settings: dict[str, Any] = {
            "given": "source", "told": 5, "neighbours": 5, "alpha": 0.8, "step": 0,
        }  # fmt: skip

    def controls(self) -> tuple[Control, ...]:
        """Return what can be set."""
        now = self.settings
        return (
            Number("step", "Step", 0, LAST_STEP, 1, now["step"]),
            Choice("given", "Labels are given in the", ("source", "target"), now["given"]),
            Number("told", "Labels given of each digit", 1, MOST_TOLD, 1, now["told"]),
            Number("neighbours", "Neighbours of each digit", 1, 12, 1, now["neighbours"]),
            Number("alpha", "What comes from neighbours", 0.1, 0.9, 0.1, now["alpha"]),
        )

    def set(self, name: str, value: Any) -> None:
        """Take over a control's new value."""
        whole = name in ("step", "told", "neighbours")
        self.settings[name] = int(value) if whole else value

    def nodes(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of all nodes, what each was told (or -1), and what is true."""
        told, now = self.settings["told"], self.settings["given"]
        chosen = (
            self.source if now == "source" else [rows[UNLABELLED_NODES:] for rows in self.target]
        )
        given = np.concatenate([rows[:told] for rows in chosen])
        hidden = np.concatenate([rows[:UNLABELLED_NODES] for rows in self.target])
        of_given = np.arange(len(self.classes)).repeat(told)
        of_hidden = np.arange(len(self.classes)).repeat(UNLABELLED_NODES)
        nobody = np.full(len(of_hidden), -1)
        truth = np.append(of_given, of_hidden)
        return np.concatenate([given, hidden]), np.append(of_given, nobody), truth

    def reached(self) -> NDArray[np.int64]:
        """Return the class that each node has at the step, or -1 if no label has come yet."""
        rows, told, _ = self.nodes()
        graph = neighbour_graph(rows, self.settings["neighbours"])
        known = spread_labels(
            graph, told, alpha=self.settings["alpha"], steps=self.settings["step"]
        )[-1]
        found: NDArray[np.int64] = np.where(known.sum(1) > 0, known.argmax(1), -1)
        return found

    def view(self) -> View:
        """Return how many are reached and right, the graph, and a table of the classes."""
        _, told, truth = self.nodes()
        found, hidden = self.reached(), told < 0
        there = hidden & (found >= 0)
        right = int((found == truth)[there].sum())
        status = (
            f"Step {self.settings['step']}: {there.sum()} of {hidden.sum()} digits of UCI "
            f"have a label by now, and {right} of those are right."
        )
        rows = tuple(
            (
                name,
                str(int((there & (truth == k)).sum())),
                str(int((there & (truth == k) & (found == k)).sum())),
            )
            for k, name in enumerate(self.classes)
        )
        columns = ("digit", f"reached, of {UNLABELLED_NODES}", "right")
        return View(
            status, (Table("Reached and right", columns, rows),), self._picture(), (8, 4), ALT
        )

    def _picture(self) -> Draw:
        rows, told, _ = self.nodes()
        graph = neighbour_graph(rows, self.settings["neighbours"])
        return partial(plot_graph, _plane(rows), graph, self.reached(), self.classes, told >= 0)


def spreading_explorer(pair: BlindPair) -> Explorer:
    """Return an explorer of labels that spread from a few digits to many [C06].

    It shows the first three classes of the pair. The unlabelled digits are the target's; the labels
    that are given stand in the source, or, to compare, in the target itself.

    Raises `ValueError` for a pair with fewer rows of a class than it draws.

    >>> from cs826tl.methods.adaptation import blind_pair
    >>> explorer = spreading_explorer(blind_pair("digits"))
    >>> explorer.state["status"]
    'Step 0: 0 of 120 digits of UCI have a label by now, and 0 of those are right.'
    """
    return Explorer(SpreadingExplorer(pair))


def _some(rows: Any, labels: Any, number: int) -> list[NDArray[np.float64]]:
    """Return `number` rows of each class shown."""
    chosen = [np.asarray(rows)[np.asarray(labels) == k][:number] for k in range(CLASSES)]
    least = min(len(part) for part in chosen)
    if least < number:
        raise ValueError(f"a class has {least} rows; the graph draws {number} of each")
    return chosen


def _plane(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places in the plane of the first two principal components, the same each time."""
    centred = rows - rows.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(directions[:2, np.abs(directions[:2]).argmax(1)].diagonal())
    plane: NDArray[np.float64] = centred @ (directions[:2] * signs[:, None]).T
    return plane
