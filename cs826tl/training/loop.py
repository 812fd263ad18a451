"""`fit`: a plain training loop that runs frozen stages only once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.data.tasks import Task
from cs826tl.devices import compiling_pays, device_of, mixed_precision, pick_device, place
from cs826tl.networks.staging import StagedModel
from cs826tl.progress import progress_bar
from cs826tl.training.evaluation import (
    Encoded,
    body_above,
    encode_split,
    measure,
    model_labels,
    prefix_to_encode,
)
from cs826tl.training.freezing import param_groups, train_mode
from cs826tl.training.history import History, Step
from cs826tl.training.plans import Plan, check_plan, set_rates

Watched = Task | tuple[Task, nn.Module]
Penalty = Callable[[StagedModel, Tensor, Tensor], Tensor]
Steps = Generator[Step, None, None]
EPOCHS, LR = 5, 1e-3  # where neither you nor a plan says otherwise
START, BEGIN, TRAINING = "start", "begin epoch", "training"


def fit(
    model: StagedModel,
    task: Task,
    *,
    epochs: int | None = None,
    lr: float | Mapping[str, float] | None = None,
    plan: Plan | None = None,
    batch_size: int = 32,
    optimizer: torch.optim.Optimizer | None = None,
    penalty: Penalty | None = None,
    watch: Mapping[str, Watched] | None = None,
    seed: int = 0,
    device: str = "auto",
    compiled: bool | None = None,
    progress: bool = True,
) -> History:
    """Train the model on the task's training split; measure on validation after every epoch.

    It trains for 5 epochs at the rate 0.001, unless `epochs` and `lr` (one rate, or one for every
    part) say otherwise, or a `plan` says both and what is frozen when (see `Plan`). The
    optimizer is AdamW over `param_groups(model, lr)`, unless you bring your own. Frozen stages are
    run once (see `codes`); the result is the plain loop's to rounding. `watch` names other tasks
    to measure after every epoch, which is how forgetting is seen; a task with other classes goes
    with its own head: `{"source": (source_task, source_head)}`. `penalty(model, inputs, outputs)`
    is added to the loss (see `forgetting`). `compiled` says whether what trains is compiled; by
    itself it is on a CUDA card, after an epoch that shows that the rest is long enough to repay it.
    You may interrupt: the history so far is returned, and the model stays as it is.

    Raises `ValueError` where nothing can be trained, where the optimizer lacks parameters, where
    the task's classes are not the model's, where a plan is for another model or task or comes with
    `epochs` or `lr`, or for less than one epoch or image a batch.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> fit(model, load_task("digits"), epochs=2)["validation_accuracy"][-1] > 0.5
    True
    """
    history = History()
    steps = training_steps(
        model, task, epochs=epochs, lr=lr, plan=plan, batch_size=batch_size, optimizer=optimizer,
        penalty=penalty, watch=watch, seed=seed, device=device, compiled=compiled,
    )  # fmt: skip
    bar = progress_bar("", unit=" items", show=progress)
    with torch.random.fork_rng():
        try:
            for step in steps:
                if step.doing == START:  # the codes are there; what follows can be counted
                    bar.close()
                    images = _number_of_epochs(epochs, plan) * len(task.train)
                    bar = progress_bar("", unit=" items", total=images, show=progress)
                bar.set_description(step.doing, refresh=False)
                if step.doing == TRAINING or bar.total is None:  # codes for a part just woken
                    bar.update(step.images)
                history.stopped = step.stopped
                if step.row is not None:
                    history.rows.append(step.row)
        except KeyboardInterrupt:
            history.stopped = f"interrupted after {max(len(history.rows) - 1, 0)} epochs"
        finally:
            bar.close()
    return history


def training_steps(
    model: StagedModel,
    task: Task,
    *,
    epochs: int | None = None,
    lr: float | Mapping[str, float] | None = None,
    plan: Plan | None = None,
    batch_size: int = 32,
    optimizer: torch.optim.Optimizer | None = None,
    penalty: Penalty | None = None,
    watch: Mapping[str, Watched] | None = None,
    seed: int = 0,
    device: str = "auto",
    compiled: bool | None = None,
) -> Steps:
    """Do what `fit` does, batch by batch, for whoever looks on or may want to stop early.

    The pitfall: it seeds PyTorch's global generator; `fit` puts that back. Raises as `fit` does.
    """
    if plan is not None and not (epochs is None and lr is None):
        raise ValueError("the plan has its own epochs and rates: leave out epochs and lr")
    epochs = _number_of_epochs(epochs, plan)
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs={epochs}, batch_size={batch_size}: give 1 or more of each")
    for known in [task, *(w for w in (watch or {}).values() if isinstance(w, Task))]:
        model_labels(model, known)  # wrong classes are refused here, not after the codes have run
    model.to(pick_device(device)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = optimizer or _adamw(model, LR if lr is None else lr, plan)
    if plan is not None:
        check_plan(plan, model, optimizer, math.ceil(len(task.train) / batch_size))
        plan.begin(model, 1)
    _check(model, optimizer)
    torch.manual_seed(seed)
    shuffle = torch.Generator().manual_seed(seed)
    start = time.perf_counter()

    body, train, measured = yield from _encode(model, task, watch or {})
    train_mode(model)
    row = yield from measure(body, measured)
    yield Step(START, row={"epoch": 0} | row | {"seconds": time.perf_counter() - start})
    run: Callable[..., Tensor] = body
    left = 0.0  # seconds that the epochs to come will take
    for epoch in range(1, epochs + 1):
        began = time.perf_counter()
        if plan is not None and plan.changes(epoch):
            plan.begin(model, epoch)
            body, train, measured = yield from _encode(model, task, watch or {})
            run = body
            train_mode(model)
        if run is body:
            run = _perhaps_compiled(body, device_of(model), left, compiled)
        yield Step(BEGIN)
        order = torch.randperm(len(train.labels), generator=shuffle).to(train.codes.device)
        batches = order.split(batch_size)
        rates = plan.steps(epoch) if plan is not None else None
        train_mode(nn.ModuleList([body, train.head]))  # measuring has left them
        loss, accuracy = yield from _one_epoch(
            model, run, train, optimizer, batches, rates, penalty
        )
        if not math.isfinite(loss):
            reason = f"stopped in epoch {epoch}: the loss is {loss}; try a smaller lr"
            yield Step(f"epoch {epoch}", stopped=reason)
            return
        row = {"epoch": epoch, "loss": loss, "accuracy": accuracy}
        row |= yield from measure(body, measured)
        left = (epochs - epoch) * (time.perf_counter() - began)
        yield Step(f"epoch {epoch}", row=row | {"seconds": time.perf_counter() - start})


def _perhaps_compiled(
    body: nn.Sequential, device: torch.device, left: float, wanted: bool | None
) -> Callable[..., Tensor]:
    """Return the body, compiled if that is wanted or, where nobody says, if it pays."""
    if wanted is None:
        wanted = compiling_pays(device, left)
    compiled: Callable[..., Tensor] = torch.compile(body) if wanted else body
    return compiled


def _adamw(
    model: StagedModel, lr: float | Mapping[str, float], plan: Plan | None
) -> torch.optim.Optimizer:
    """Return AdamW in one kernel a step, over all that is trained now or, by a plan, ever."""
    groups = param_groups(model, lr)
    trained = [g for g in groups if any(p.requires_grad for p in g["params"])]
    return torch.optim.AdamW(trained if trained and plan is None else groups, fused=True)


def _number_of_epochs(epochs: int | None, plan: Plan | None) -> int:
    if plan is not None:
        return plan.epochs
    return EPOCHS if epochs is None else epochs


def _encode(
    model: StagedModel, task: Task, watch: Mapping[str, Watched]
) -> Generator[Step, None, tuple[nn.Sequential, Encoded, dict[str, Encoded]]]:
    """Run the frozen stages; return the stages above them, and what they train and measure on."""
    stages = prefix_to_encode(model, task.train.inputs)
    train = yield from encode_split(model, task, "train", stages)
    measured = {"validation": (yield from encode_split(model, task, "validation", stages))}
    for name, watched in watch.items():
        other, head = watched if isinstance(watched, tuple) else (watched, None)
        measured[name] = yield from encode_split(model, other, "validation", stages, head)
    return body_above(model, stages), train, measured


def _one_epoch(
    model: StagedModel,
    body: Callable[..., Tensor],
    train: Encoded,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Tensor],
    rates: Sequence[Mapping[str, float]] | None,
    penalty: Penalty | None,
) -> Generator[Step, None, tuple[float, float]]:
    """Train once over the split; return the mean loss and the accuracy on the way."""
    device = device_of(model)
    sums = torch.zeros(2, device=device)  # kept on the device: reading them would make it wait
    for k, rows in enumerate(batches):
        if rates is not None:
            set_rates(optimizer, rates[k])
        labels = train.labels[rows].to(device)
        with mixed_precision(device):
            outputs = train.head(body(place(train.codes[rows], device)))
            loss = F.cross_entropy(outputs, labels)
            if penalty is not None:
                inputs = train.inputs[rows.to(train.inputs.device)]
                loss = loss + penalty(model, place(inputs, device), outputs)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        right = (outputs.argmax(1) == labels).sum()
        sums += torch.stack([loss.detach() * len(rows), right])
        yield Step(TRAINING, len(rows))
    mean_loss, accuracy = (sums / len(train.labels)).tolist()
    return mean_loss, accuracy


def _check(model: StagedModel, optimizer: torch.optim.Optimizer) -> None:
    """Raise `ValueError` where nothing can be trained, or the optimizer lacks what can."""
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
