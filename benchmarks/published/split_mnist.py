"""The protocol of split MNIST in its three scenarios: tasks, network, training.

Van de Ven and Tolias 2019 (arXiv:1904.07734): five tasks of two digits each, learnt in a row. At
the test you are told the task (*task*), or need not know it (*domain*: even or odd?), or must find
it out too (*class*: which of ten digits?).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.datasets.mnist import read_image_file, read_label_file

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import StagedModel

SCENARIOS = ("task", "domain", "class")
TASKS, HIDDEN, BATCH, RATE = 5, 400, 128, 1e-3

Penalty = Callable[[StagedModel, Tensor, Tensor], Tensor]


class Open(nn.Module):
    """The first outputs, those of classes seen so far; it has no weights."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, scores: Tensor) -> Tensor:
        """Return the first scores of each row."""
        return scores[:, : self.count]


@dataclass(frozen=True)
class Digits:
    """The pictures that the protocol is run on, and how many iterations each task gets."""

    task: Task
    iterations: int


def mnist_5k() -> Digits:
    """Return MNIST-5k. Its iterations are as many passes over 600 pictures as the paper's."""
    return Digits(load_task("mnist"), iterations=100)


def full_mnist(folder: Path) -> Digits:
    """Return all of MNIST, from the four files that torchvision's `MNIST` leaves in `MNIST/raw`.

    The last 5,000 training pictures are for validation. Raises `FileNotFoundError` where a file is
    not there, or is still packed.
    """
    parts = []
    for name in ("train", "t10k"):
        files = [folder / f"{name}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]
        for file in files:
            if not file.is_file():
                raise FileNotFoundError(f"there is no {file.name} in {folder}: unpack it there")
        images, labels = read_image_file(str(files[0])), read_label_file(str(files[1]))
        parts.append(Split(images[:, None], labels))
    rest, test = parts
    train, validation = rest[torch.arange(55_000)], rest[torch.arange(55_000, len(rest))]
    classes = tuple(map(str, range(10)))
    return Digits(Task("mnist", classes, train, validation, test, "MNIST"), iterations=2000)


@dataclass
class Learner:
    """A network, its tasks, and the head through which it sees each of them."""

    tasks: list[Task]
    model: StagedModel
    heads: list[nn.Module]
    own_heads: bool  # whether the test says which task it is
    iterations: int  # for each task

    def facing(self, k: int) -> StagedModel:
        """Return the network with the head of task k on."""
        self.model.head, self.model.classes = self.heads[k], self.tasks[k].classes
        return self.model

    def accuracies(self, k: int, split: str) -> list[float]:
        """Return the accuracy on every task when task k is the last that was learnt."""
        found = []
        for j, task in enumerate(self.tasks):
            model, asked = self.facing(j if self.own_heads else k), task.split(split)
            with torch.no_grad():
                right = model(asked.inputs).argmax(1) == asked.labels
            found.append(right.float().mean().item())
        return found


def five_tasks(scenario: str, mnist: Task) -> list[Task]:
    """Return the tasks of a scenario: the same pictures, under other labels."""

    def part(split: Split, k: int) -> Split:
        rows = split[split.labels // 2 == k]
        return rows if scenario == "class" else Split(rows.inputs, rows.labels % 2)

    def classes(k: int) -> tuple[str, ...]:
        digits = mnist.classes[: 2 * k + 2]
        return {"task": digits[-2:], "domain": ("even", "odd"), "class": digits}[scenario]

    splits = [[part(mnist.split(s), k) for s in ("train", "validation", "test")] for k in range(5)]
    return [Task(f"{2 * k}, {2 * k + 1}", classes(k), *splits[k], mnist.origin) for k in range(5)]


def untrained(scenario: str, seed: int, digits: Digits) -> Learner:
    """Return two hidden layers of 400, and a head for each task: layers, or outputs to look at.

    Where tasks share their outputs, these are the last stage, so that penalties hold them too.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        stages = {
            "hidden1": nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, HIDDEN), nn.ReLU()),
            "hidden2": nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.ReLU()),
        }
        if scenario == "task":
            heads: list[nn.Module] = [nn.Linear(HIDDEN, 2) for _ in range(TASKS)]
        else:
            stages["outputs"] = nn.Sequential(nn.Linear(HIDDEN, 2 if scenario == "domain" else 10))
            heads = [Open(2 if scenario == "domain" else 2 * k + 2) for k in range(TASKS)]
    tasks = five_tasks(scenario, digits.task)
    scaling = Preprocess([0.0], [255.0], size=None)
    model = StagedModel("MLP", scaling, stages, heads[0], tasks[0].classes, "random")
    return Learner(tasks, model, heads, scenario == "task", digits.iterations)


def learn(
    learner: Learner,
    lessons: Sequence[int],
    held: Sequence[Penalty],
    seed: int,
    iterations: int | None = None,
) -> None:
    """Train on tasks together, a batch in equal parts; a single one is learning in a row.

    The default is the number of iterations for one task.
    """
    draw = torch.Generator().manual_seed(seed)
    heads = nn.ModuleList(learner.heads[k] for k in lessons)
    parameters = [*learner.model.stages.parameters(), *heads.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=RATE, fused=True)  # a third of the time otherwise
    for _ in range(iterations or learner.iterations):
        losses = []
        for k in lessons:
            model = learner.facing(k if learner.own_heads else lessons[-1])
            train = learner.tasks[k].train
            rows = torch.randint(len(train), (BATCH // len(lessons),), generator=draw)
            inputs = train.inputs[rows]
            outputs = model(inputs)
            losses.append(F.cross_entropy(outputs, train.labels[rows]) / len(lessons))
        loss = torch.stack([*losses, *(p(model, inputs, outputs) for p in held)]).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
