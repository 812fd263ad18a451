"""The network chooser: a score ranks networks for your task; fine-tuning all of them checks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import torch
from scipy.stats import weightedtau

from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Task
from cs826tl.lectures.which_network.plots import plot_ranking
from cs826tl.methods.transferability import SCORES, score_network
from cs826tl.networks.heads import with_head
from cs826tl.networks.staging import StagedModel
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.widgets.controllers import Progress, Table, View, Worth
from cs826tl.widgets.controls import Choice, Control, Press
from cs826tl.widgets.explorer import Explorer

LABELS = ("5", "10", "20")
EPOCHS, LR = 8, 1e-3
ALT = (
    "A point for each network: the score that it got before fine-tuning to the right, its accuracy "
    "once fine-tuned upwards. Networks that have not been fine-tuned yet are hollow, at the bottom."
)


class NetworkChooser:
    """The controller: the networks, their scores, and what fine-tuning them has given so far."""

    title = "Which network?"
    help = (
        "Choose a score and how many labels per class you have. The table ranks the networks. Then "
        "fine-tune them all, and see whether the score was right."
    )
    worth = Worth(related=False)

    def __init__(self, networks: Mapping[str, StagedModel], task: Task) -> None:
        self.networks, self.task = networks, task
        fewest = int(torch.bincount(task.train.labels).min())
        self.labels = tuple(number for number in LABELS if int(number) <= fewest)
        if not networks or not self.labels:
            raise ValueError(
                f"{len(networks)} networks, and a class with {fewest} training pictures: give one "
                f"network or more, and {LABELS[0]} pictures of each class"
            )
        self.score, self.shots = SCORES[-1], self.labels[-1]
        self._scores: dict[tuple[str, str], dict[str, float]] = {}
        self._measured: dict[str, dict[str, float]] = {number: {} for number in self.labels}

    def controls(self) -> tuple[Control, ...]:
        """Return the score, the number of labels, and the button."""
        return (
            Choice("score", "Score", SCORES, self.score),
            Choice("shots", "Labels per class", self.labels, self.shots),
            Press("measure", "Fine-tune them all"),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting; the networks are scored at once."""
        setattr(self, name, value)

    def press(self, name: str) -> Iterator[Progress]:
        """Fine-tune each network that has not been fine-tuned with this number of labels."""
        few, measured = self._few(self.shots), self._measured[self.shots]
        todo = [network for network in self.networks if network not in measured]
        for k, network in enumerate(todo):
            yield Progress(k / len(todo), network)
            model = with_head(self.networks[network], few.classes)
            fit(model, few, epochs=EPOCHS, lr=LR, progress=False)
            measured[network] = evaluate(model, few, "validation")
        yield Progress(1.0, "done")

    def view(self) -> View:
        """Return the ranking, what came of it, and both as a picture."""
        scores, measured = self._scored(), self._measured[self.shots]
        ranked = sorted(scores, key=lambda name: -scores[name])
        rows = tuple(
            (name, f"{scores[name]:.2f}", f"{measured[name]:.2f}" if name in measured else "–")
            for name in ranked
        )
        columns = ("network", self.score, "accuracy, fine-tuned")
        table = Table(f"Ranked by {self.score}", columns, rows)
        draw = partial(plot_ranking, scores, dict(measured))
        return View(self._status(ranked, scores), (table,), draw, (7, 3.2), ALT)

    def _status(self, ranked: list[str], scores: Mapping[str, float]) -> str:
        measured, chosen = self._measured[self.shots], ranked[0]
        if len(measured) < len(ranked):
            return (
                f"{self.score} says: take {chosen}. Fine-tuning all {len(ranked)} would tell; it "
                f"takes a while. Which will be best?"
            )
        best = max(measured, key=lambda name: measured[name])
        lost = measured[best] - measured[chosen]
        order = [float(values[name]) for values in (scores, measured) for name in ranked]
        tau = weightedtau(order[: len(ranked)], order[len(ranked) :]).statistic
        agreement = f" Weighted Kendall's τ: {tau:.2f}." if len(ranked) > 1 else ""
        return (
            f"{self.score} says: take {chosen}, which reaches {measured[chosen]:.2f}. The best is "
            f"{best}, so {lost:.2f} is lost by trusting the score.{agreement}"
        )

    def _few(self, shots: str) -> Task:
        return few_shot(self.task, int(shots))

    def _scored(self) -> dict[str, float]:
        key = self.score, self.shots
        if key not in self._scores:
            train = self._few(self.shots).train
            self._scores[key] = {
                name: score_network(self.score, network, train.inputs, train.labels)
                for name, network in self.networks.items()
            }
        return self._scores[key]


def network_chooser(task: Task, **networks: StagedModel) -> Explorer:
    """Return an explorer of which network to fine-tune for a task, such as a folder of pictures.

    `networks` are backbones, each under a name of your choice; `load_folder` makes a task of
    your own pictures. Accuracies are on the validation split. Fine-tuning takes 8 epochs at one
    rate, 0.001, for all; a kept measurement is not repeated.

    Raises `ValueError` without a network, or with fewer than five training pictures of a class.

    >>> from cs826tl import load_backbone, load_task
    >>> nets = {f"seed{k}": load_backbone("small_vgg", weights="random", seed=k) for k in range(2)}
    >>> explorer = network_chooser(load_task("digits", shots=5), **nets)
    >>> explorer.state["status"]
    'linear probe says: take seed...'
    """
    return Explorer(NetworkChooser(networks, task))
