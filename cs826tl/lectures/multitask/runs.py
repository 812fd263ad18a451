"""What the multi-task explorer trains: two questions on the same pictures, alone and together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean

from cs826tl.data.loading import few_shot
from cs826tl.data.questions import ask
from cs826tl.data.tasks import Task
from cs826tl.methods.multitask import fit_together, joint_optimizer, with_bottleneck, with_heads
from cs826tl.networks.heads import with_head
from cs826tl.networks.staging import StagedModel
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.gradients import gradient_cosines
from cs826tl.widgets.controllers import Progress

QUESTIONS = {
    "which digit": "digit",
    "odd or even": "odd",
    "five or more": "high",
    "a closed loop": "loop",
    "leaning left or right": "slant",
    "thin or bold": "bold",
    "a coin toss": "coin",
}
FIRST, SECOND = "first", "second"
SECOND_LABELS = 240
NARROW = 3  # numbers that the narrow trunk hands to its heads
BATCH, EPOCHS = 32, 6  # epochs over the second question's labels
STEPS = EPOCHS * math.ceil(SECOND_LABELS / BATCH)

Pair = tuple[float, float]  # of the first and of the second question


@dataclass(frozen=True)
class MultitaskSetting:
    """What is set: the trunk, two questions, the first one's labels, the second one's weight."""

    trunk: str = "wide"
    first: str = "which digit"
    second: str = "a closed loop"
    labels: int = 40
    weight: float = 0.5


@dataclass(frozen=True)
class MultitaskRun:
    """What came of a run: validation accuracies, and the gradients' cosine, the mean of epochs."""

    setting: MultitaskSetting
    alone: Pair
    together: Pair
    cosine: float

    @property
    def gain(self) -> float:
        """What learning together added to the first question's accuracy."""
        return self.together[0] - self.alone[0]


class Trainer:
    """Trains as a setting says, and keeps the `runs` that were not stopped."""

    def __init__(self, backbone: StagedModel, task: Task) -> None:
        self.trunks = {"wide": backbone, "narrow": with_bottleneck(backbone, NARROW)}
        self.tasks = {words: ask(task, question) for words, question in QUESTIONS.items()}
        self.runs: list[MultitaskRun] = []
        self._known: dict[tuple[str, str, int, int], float] = {}  # accuracies alone

    def train(self, now: MultitaskSetting) -> Iterator[Progress]:
        """Train each question alone, and both together; a setting seen before gets other labels."""
        seed = sum(run.setting == now for run in self.runs)
        yield Progress(0, f"{now.first}, alone")
        first = self._alone(now.trunk, now.first, now.labels, seed)
        yield Progress(0.25, f"{now.second}, alone")
        second = self._alone(now.trunk, now.second, SECOND_LABELS, seed)

        full = {FIRST: self.tasks[now.first], SECOND: self.tasks[now.second]}
        models, cosines = with_heads(self.trunks[now.trunk], full, seed=seed), []
        for epoch in self._together(models, now, seed):
            yield Progress(0.5 + epoch / EPOCHS / 2, f"together, {epoch} of {EPOCHS} epochs")
            cosines.append(float(gradient_cosines(models, full, seed=epoch).to_numpy()[0, 1]))
        together = [evaluate(models[name], full[name], "validation") for name in full]
        self.runs.append(
            MultitaskRun(now, (first, second), (together[0], together[1]), mean(cosines))
        )

    def _alone(self, trunk: str, question: str, labels: int, seed: int) -> float:
        """Return a question's accuracy after as many steps as it gets together with another."""
        run = (trunk, question, labels, seed)
        if run not in self._known:
            task = self._labelled(question, labels, seed)
            model = with_head(self.trunks[trunk], task.classes, seed=seed)
            epochs = STEPS // math.ceil(len(task.train) / BATCH)
            fit(model, task, epochs=epochs, batch_size=BATCH, seed=seed, progress=False)
            self._known[run] = evaluate(model, self.tasks[question], "validation")
        return self._known[run]

    def _together(
        self, models: dict[str, StagedModel], now: MultitaskSetting, seed: int
    ) -> Iterator[int]:
        """Train both questions; yield the number of epochs after each."""
        tasks = {
            FIRST: self._labelled(now.first, now.labels, seed),
            SECOND: self._labelled(now.second, SECOND_LABELS, seed),
        }
        weights = {FIRST: 1 - now.weight, SECOND: now.weight}
        optimizer = joint_optimizer(models)
        for epoch in range(1, EPOCHS + 1):
            fit_together(
                models, tasks, weights=weights, epochs=1, batch_size=BATCH, optimizer=optimizer,
                seed=seed + epoch, progress=False,
            )  # fmt: skip
            yield epoch

    def _labelled(self, question: str, labels: int, seed: int) -> Task:
        task = self.tasks[question]
        return few_shot(task, labels // len(task.classes), seed)
