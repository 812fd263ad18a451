"""`fit` and `evaluate`: a plain training loop that runs frozen stages only once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.backbones import StagedModel
from cs826tl.codes import codes_fit, drain, encoding_steps, frozen_prefix
from cs826tl.devices import device_of, mixed_precision, pick_device, place
from cs826tl.freezing import param_groups, train_mode
from cs826tl.history import History
from cs826tl.progress import progress_bar
from cs826tl.tasks import Task

Watched = Task | tuple[Task, nn.Module]
Penalty = Callable[[StagedModel, Tensor, Tensor], Tensor]
START = "start"


def fit(
    model: StagedModel,
    task: Task,
    *,
    epochs: int = 5,
    lr: float | Mapping[str, float] = 1e-3,
    batch_size: int = 32,
    optimizer: torch.optim.Optimizer | None = None,
    penalty: Penalty | None = None,
    watch: Mapping[str, Watched] | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
) -> History:
    """Train the model on the task's training split; measure on validation after every epoch.

    The optimizer is AdamW over `param_groups(model, lr)`, unless you bring your own. Frozen stages
    are run once (see `codes`); the result is the plain loop's to rounding. `watch` names other
    tasks to measure after every epoch, which is how forgetting is seen; a task with other classes
    goes with its own head: `{"source": (source_task, source_head)}`. `penalty(model, inputs,
    outputs)` is added to the loss (see `forgetting`). You may interrupt: the history so far is
    returned, and the model stays as it is.

    Raises `ValueError` where nothing can be trained, where the optimizer lacks parameters, where
    the task's classes are not the model's, or for less than one epoch or image a batch.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> fit(model, load_task("digits"), epochs=2)["validation_accuracy"][-1] > 0.5
    True
    """
    history = History()
    steps = training_steps(
        model, task, epochs=epochs, lr=lr, batch_size=batch_size, optimizer=optimizer,
        penalty=penalty, watch=watch, seed=seed, device=device,
    )  # fmt: skip
    bar = progress_bar("", unit=" images", show=progress)
    with torch.random.fork_rng():
        try:
            for step in steps:
                if step.doing == START:  # the codes are there; what follows can be counted
                    bar.close()
                    images = epochs * len(task.train)
                    bar = progress_bar("", unit=" images", total=images, show=progress)
                bar.set_description(step.doing, refresh=False)
                bar.update(step.images)
                history.stopped = step.stopped
                if step.row is not None:
                    history.rows.append(step.row)
        except KeyboardInterrupt:
            history.stopped = f"interrupted after {max(len(history.rows) - 1, 0)} epochs"
        finally:
            bar.close()
    return history


@dataclass(frozen=True)
class Step:
    """One batch of `images`: what was done, and the `History` row where an epoch has ended."""

    doing: str
    images: int = 0
    row: dict[str, float] | None = None
    stopped: str = ""


Steps = Generator[Step, None, None]


def training_steps(
    model: StagedModel,
    task: Task,
    *,
    epochs: int,
    lr: float | Mapping[str, float] = 1e-3,
    batch_size: int = 32,
    optimizer: torch.optim.Optimizer | None = None,
    penalty: Penalty | None = None,
    watch: Mapping[str, Watched] | None = None,
    seed: int = 0,
    device: str = "auto",
) -> Steps:
    """Do what `fit` does, batch by batch, for whoever looks on or may want to stop early.

    The pitfall: it seeds PyTorch's global generator; `fit` puts that back. Raises as `fit` does.
    """
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs={epochs}, batch_size={batch_size}: give 1 or more of each")
    for known in [task, *(w for w in (watch or {}).values() if isinstance(w, Task))]:
        _model_labels(model, known)  # wrong classes are refused here, not after the codes have run
    model.to(pick_device(device)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = _checked(model, optimizer or torch.optim.AdamW(param_groups(model, lr)))
    torch.manual_seed(seed)
    shuffle = torch.Generator().manual_seed(seed)
    start = time.perf_counter()

    stages = frozen_prefix(model) if codes_fit(model, task.train.inputs) else 0
    train = yield from _encoded(model, task, "train", stages)
    measured = {"validation": (yield from _encoded(model, task, "validation", stages))}
    for name, watched in (watch or {}).items():
        other, head = watched if isinstance(watched, tuple) else (watched, None)
        measured[name] = yield from _encoded(model, other, "validation", stages, head)

    body = _body(model, stages)
    row = yield from _row(0, body, measured, start)
    yield Step(START, row=row)
    for epoch in range(1, epochs + 1):
        train_mode(model)
        loss, accuracy = yield from _one_epoch(
            model, body, train, optimizer, batch_size, shuffle, penalty
        )
        if not math.isfinite(loss):
            reason = f"stopped in epoch {epoch}: the loss is {loss}; try a smaller lr"
            yield Step(f"epoch {epoch}", stopped=reason)
            return
        row = yield from _row(epoch, body, measured, start)
        yield Step(f"epoch {epoch}", row={"loss": loss, "accuracy": accuracy} | row)


def evaluate(
    model: StagedModel, task: Task, split: str = "test", *, head: nn.Module | None = None
) -> float:
    """Return the accuracy, 0 to 1, on a split of the task; `head` takes the place of the model's.

    The pitfall: to choose between models on `test` is to learn the test by heart. Choose on
    `validation`. Raises `ValueError` where the task's classes are not the model's.

    >>> from cs826tl import load_backbone, load_task
    >>> 0 <= evaluate(load_backbone("small_vgg", weights="random"), load_task("digits")) <= 1
    True
    """
    stages = frozen_prefix(model) if codes_fit(model, task.split(split).inputs) else 0
    encoded = drain(_encoded(model, task, split, stages, head))
    _, accuracy = drain(_measure(_body(model, stages), encoded))
    return accuracy


@dataclass(frozen=True, eq=False)
class _Encoded:
    """A split with its frozen stages already run: what training and measuring go on from."""

    codes: Tensor
    labels: Tensor
    inputs: Tensor
    head: nn.Module


def _encoded(
    model: StagedModel, task: Task, split: str, stages: int, head: nn.Module | None = None
) -> Generator[Step, None, _Encoded]:
    part, labels = task.split(split), task.split(split).labels
    if head is None:
        labels = _model_labels(model, task)[labels]
    encoding = encoding_steps(model, part.inputs, stages)
    while True:
        try:
            yield Step(f"codes of {task.name}", next(encoding))
        except StopIteration as end:
            there = (head or model.head).to(device_of(model))  # a head of one's own may not be
            return _Encoded(end.value, labels, part.inputs, there)


def _body(model: StagedModel, stages: int) -> nn.Sequential:
    """Return what is left to run between the codes and the head."""
    rest = list(model.stages)[stages:]
    return nn.Sequential(*rest) if stages else nn.Sequential(model.preprocess, *rest)


def _one_epoch(
    model: StagedModel,
    body: nn.Module,
    train: _Encoded,
    optimizer: torch.optim.Optimizer,
    batch_size: int,
    shuffle: torch.Generator,
    penalty: Penalty | None,
) -> Generator[Step, None, tuple[float, float]]:
    """Train once over the split; return the mean loss and the accuracy on the way."""
    device = device_of(model)
    sums = torch.zeros(2, device=device)  # kept on the device: reading them would make it wait
    for rows in torch.randperm(len(train.labels), generator=shuffle).split(batch_size):
        labels = train.labels[rows].to(device)
        with mixed_precision(device):
            outputs = train.head(body(place(train.codes[rows], device)))
            loss = F.cross_entropy(outputs, labels)
            if penalty is not None:
                loss = loss + penalty(model, place(train.inputs[rows], device), outputs)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        right = (outputs.argmax(1) == labels).sum()
        sums += torch.stack([loss.detach() * len(rows), right])
        yield Step("training", len(rows))
    mean_loss, accuracy = (sums / len(train.labels)).tolist()
    return mean_loss, accuracy


def _row(
    epoch: int, body: nn.Module, measured: Mapping[str, _Encoded], start: float
) -> Generator[Step, None, dict[str, float]]:
    row: dict[str, float] = {"epoch": epoch}
    for name, encoded in measured.items():
        loss, row[f"{name}_accuracy"] = yield from _measure(body, encoded)
        if name == "validation":
            row["validation_loss"] = loss
    return row | {"seconds": time.perf_counter() - start}


@torch.no_grad()
def _measure(
    body: nn.Module, encoded: _Encoded, batch_size: int = 64
) -> Generator[Step, None, tuple[float, float]]:
    """Return mean loss and accuracy in evaluation mode."""
    device = device_of(encoded.head)
    body.eval(), encoded.head.eval()
    sums = torch.zeros(2, device=device)
    for codes, labels in zip(
        encoded.codes.split(batch_size), encoded.labels.split(batch_size), strict=True
    ):
        y = labels.to(device)
        with mixed_precision(device):
            outputs = encoded.head(body(place(codes, device)))
        loss = F.cross_entropy(outputs.float(), y, reduction="sum")
        sums += torch.stack([loss, (outputs.argmax(1) == y).sum()])
        yield Step("measuring")
    mean_loss, accuracy = (sums / len(encoded.labels)).tolist()
    return mean_loss, accuracy


def _model_labels(model: StagedModel, task: Task) -> Tensor:
    """Return, for each class of the task, its place among the model's classes."""
    missing = [name for name in task.classes if name not in model.classes]
    if missing:
        raise ValueError(
            f"the model has no output for {', '.join(missing[:5])} of task {task.name!r}; give it "
            f"a head with with_head(backbone, task.classes), or watch the task with its own head"
        )
    return torch.tensor([model.classes.index(name) for name in task.classes])


def _checked(model: StagedModel, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Return the optimizer if it holds all that can be trained."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not trainable:
        raise ValueError("every part is frozen: unfreeze(model, 'head') or more, then fit")
    lacking = [name for name, p in trainable.items() if id(p) not in held]
    if lacking:
        raise ValueError(
            f"the optimizer lacks {len(lacking)} trainable parameters ({lacking[0]}, …): build it "
            f"from param_groups(model, lr=…), which holds them all"
        )
    return optimizer
