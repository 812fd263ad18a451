"""Small networks that have learnt a made-up script, and the weights that a student makes of them.

The grader trains the network that a student starts from, on pictures drawn under the generator of a
case, so neither can be looked up. Weights go out and come back as plain tensors: the grader builds
the network itself, looks at what moved, and tries it on pictures that the student never had.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cs826tl.networks import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import add_lora, evaluate, fit
from cs826tl_grader.exercise.rubric import Case
from cs826tl_grader.exercise.signs import INK, SIDE, Array, Script

PARTS = ("block1", "block2", "block3", "fc", "head")
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
OLD, NEW, TEST = 3000, 800, 1000  # grey pictures of a script that is known, and of a new one
ALPHA, MOST_RANKS = 8.0, 1000  # of all adapters
NO_WEIGHTS = "not the state dictionary of the network"
NO_ADAPTERS = "not the tensors of adapters and of the head: the names and shapes of task_state"
Weights = dict[str, Tensor]


def small_vgg() -> StagedModel:
    """Return the small VGG for the pictures of a script, with random weights."""
    return load_backbone("small_vgg", weights="random", size=SIDE)


def images(written: Array) -> Tensor:
    """Return rows of a script as pictures, unsigned bytes of shape `(N, 3, 8, 8)`."""
    return torch.from_numpy(as_bytes(written)).expand(-1, 3, -1, -1).contiguous()


def as_bytes(written: Array) -> Array:
    """Return rows of a script as grey pictures, unsigned bytes of shape `(N, 1, 8, 8)`."""
    return np.uint8(written * (255 // INK)).reshape(-1, 1, SIDE, SIDE)


def labelled(script: Script, count: int) -> tuple[Tensor, Tensor]:
    """Return pictures of a script, all ten digits as often as can be, and their labels.

    >>> pictures, labels = labelled(Script(np.random.default_rng(0)), 20)
    >>> pictures.shape, labels.bincount().tolist()
    (torch.Size([20, 3, 8, 8]), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    digits = script.digits(count)
    return images(script.write(digits)), torch.from_numpy(digits)


def learnt(pictures: Tensor, labels: Tensor, epochs: int = 4, seed: int = 0) -> StagedModel:
    """Return a small VGG that was trained on the pictures, which takes about a second."""
    model = small_vgg()
    fit(model, (pictures, labels), epochs=epochs, lr=3e-3, seed=seed, device="cpu", progress=False)
    return model


def network(state: Mapping[str, Any] | None = None, seed: int = 0) -> StagedModel:
    """Return the small VGG in evaluation mode, with random weights or with these."""
    model = load_backbone("small_vgg", weights="random", size=SIDE, seed=seed)
    if state is not None:
        model.load_state_dict({name: torch.as_tensor(np.asarray(v)) for name, v in state.items()})
    return model.eval()


def grey(script: Script, count: int) -> tuple[Array, Array]:
    """Return pictures of a script as unsigned bytes of shape `(N, 1, 8, 8)`, and their labels."""
    digits = script.digits(count)
    return as_bytes(script.write(digits)), digits


def reader(
    rng: np.random.Generator, script: Script, count: int, shuffled: bool = False
) -> StagedModel:
    """Return a network that has learnt a script from `count` pictures, or from shuffled labels."""
    drawn, order = (int(seed) for seed in rng.integers(2**31, size=2))
    model = network(seed=drawn)
    pictures, labels = grey(script, count)
    task = pictures, rng.permutation(labels) if shuffled else labels
    how: dict[str, Any] = {"batch_size": 64, "device": "cpu", "progress": False}
    fit(model, task, epochs=3, lr=3e-3, seed=order, **how)
    return model


def known_and_new_script(rng: np.random.Generator) -> Case:
    """Draw a network that has learnt to read a script, and labelled pictures of another one.

    The truth is what the network is tried on: pictures and labels of the new script, then of the
    old one. It takes seconds, and 2000 pictures for testing leave little to luck.
    """
    old, new = Script(rng, spread=0.7), Script(rng, spread=0.7)
    state = reader(rng, old, OLD).state_dict()
    truth = (*grey(new, TEST), *grey(old, TEST))
    return Case((state, *grey(new, NEW)), truth)


def weights_of(model: StagedModel) -> Weights:
    """Return a copy of all parameters and buffers, by name."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def blank_weights() -> Weights:
    """Return weights that know nothing and take no space: for a public example."""
    one = ("running_var", "1.weight", "4.weight")  # of batch normalization
    return {
        name: torch.full_like(tensor, float(name.endswith(one)))
        for name, tensor in small_vgg().state_dict().items()
    }


def received(got: Any) -> Weights | None:
    """Return what came back as weights of the small VGG, or None if it is anything else."""
    wanted = small_vgg().state_dict()
    if not isinstance(got, Mapping) or set(got) != set(wanted):
        return None
    weights = {n: torch.from_numpy(t) if isinstance(t, np.ndarray) else t for n, t in got.items()}
    for name, tensor in wanted.items():
        value = weights[name]
        if not isinstance(value, Tensor) or value.shape != tensor.shape:
            return None
        if value.dtype != tensor.dtype or not value.isfinite().all():
            return None
    return weights


def moved(before: Weights, after: Mapping[str, Tensor], free: Collection[str]) -> bool:
    """Say whether any tensor changed that belongs to none of the free parts.

    >>> before = weights_of(small_vgg())
    >>> after = before | {"stages.block1.1.running_mean": torch.ones(16)}
    >>> moved(before, after, free=["head"]), moved(before, after, free=["head", "block1"])
    (True, False)
    """
    return any(
        not torch.equal(tensor, after[name])
        for name, tensor in before.items()
        if name.removeprefix("stages.").partition(".")[0] not in free
    )


def accuracy(weights: Mapping[str, Tensor], pictures: Tensor, labels: Tensor) -> float:
    """Return the share of the pictures that a network with these weights gets right."""
    model = small_vgg()
    model.load_state_dict(weights)
    model.eval()
    with torch.no_grad():
        return float((model(pictures).argmax(dim=1) == labels).float().mean())


def judge_retrained(
    before: Weights, got: Any, free: Collection[str], held_out: tuple[Tensor, Tensor], bar: float
) -> str:
    """Return "" if only the free parts moved and the network reaches the bar, or what is wrong."""
    weights = received(got)
    if weights is None:
        return NO_WEIGHTS
    if moved(before, weights, free):
        return "a network in which a tensor or buffer moved that should be frozen"
    right = accuracy(weights, *held_out) >= bar
    return "" if right else f"below the bar of {100 * bar:.0f} % on new pictures"


def trained(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, int]:
    """Return how many parameters lie in the tensors that moved, for each part; buffers are none.

    >>> before = weights_of(small_vgg())
    >>> trained(before, before | {"head.bias": torch.ones(10)})
    {'head': 10}
    """
    counts: dict[str, int] = {}
    for name, value in before.items():
        one, other = np.asarray(value), np.asarray(after[name])
        if not name.endswith(BUFFERS) and not np.array_equal(one, other):
            part = name.removeprefix("stages.").partition(".")[0]
            counts[part] = counts.get(part, 0) + one.size
    return counts


def adapted(state: Mapping[str, Any], got: Mapping[str, Any]) -> StagedModel | None:
    """Return the network with these adapters and this head, or None where they do not fit.

    >>> from cs826tl.training import task_state
    >>> model = add_lora(network(), "block1", rank=2)
    >>> adapted(network().state_dict(), task_state(model)) is None
    False
    >>> adapted(network().state_dict(), {"head.bias": torch.zeros(10)}) is None
    True
    """
    thin = [name for name in got if name.endswith((".down.weight", ".up.weight"))]
    ranks = {len(np.atleast_1d(got[name])) for name in thin if name.endswith(".down.weight")}
    stages = {name.split(".")[1] for name in thin if name.startswith("stages.")}
    fits = len(ranks) == 1 and 1 <= min(ranks) <= MOST_RANKS and stages <= {*PARTS} - {"head"}
    if not fits:
        return None
    how: dict[str, Any] = {"rank": ranks.pop(), "alpha": ALPHA}
    with torch.device("meta"):  # names and shapes alone: nothing is built before they are right
        learnt = add_lora(network(), *sorted(stages), **how).named_parameters()
    wanted = {name: parameter.shape for name, parameter in learnt if parameter.requires_grad}
    if {name: np.shape(value) for name, value in got.items()} != wanted:
        return None
    values = {name: torch.as_tensor(np.asarray(value)) for name, value in got.items()}
    if not all(value.is_floating_point() and value.isfinite().all() for value in values.values()):
        return None
    model = add_lora(network(state), *sorted(stages), **how)
    model.load_state_dict(values, strict=False)
    return model.eval()


def judge_adapters(
    state: Mapping[str, Any],
    got: Any,
    new: tuple[Array, Array],
    old: tuple[Array, Array],
    *,
    budget: int,
    bar: float,
    may_lose: float,
) -> str:
    """Return "" if these tensors are few, read enough of the new script and keep the old one.

    Otherwise return what is wrong. The old script is read with the old head. `budget` is in bytes,
    `bar` and `may_lose` are shares of the pictures.
    """
    if not isinstance(got, dict) or not all(hasattr(value, "nbytes") for value in got.values()):
        return "not a dictionary of tensors"
    if sum(value.nbytes for value in got.values()) > budget:
        return f"more than {budget:,} bytes"
    model, before = adapted(state, got), network(state)
    if model is None:
        return NO_ADAPTERS
    if evaluate(model, new, device="cpu") < bar:
        return f"below the bar of {100 * bar:.0f} % on the new script"
    knew, knows = (evaluate(m, old, head=before.head, device="cpu") for m in (before, model))
    lost = f"more than {100 * may_lose:.0f} points lost on the old script"
    return "" if knew - knows <= may_lose else lost


def ask_what_was_trained(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any], reached: str
) -> tuple[str, str]:
    """Return a question on the parameters behind what an answer reached, and its answer."""
    counts = trained(before, after)
    classes, features = np.shape(before["head.weight"])
    alone = f"{features} × {classes} + {classes} = {features * classes + classes:,} in the head"
    ask = (
        f"Your `{name}` {reached} by training {sum(counts.values()):,} parameters. In which parts "
        "do they lie? And how many would a head alone have, from the sizes of its layer?"
    )
    parts = ", ".join(f"{part} {count:,}" for part, count in counts.items())
    return ask, f"{parts or 'none'}; {alone} alone"


def ask_on_accuracy(
    name: str, case: tuple[Any, ...], got: Any, held_out: tuple[Tensor, Tensor]
) -> tuple[str, str]:
    """Return what to ask about weights of the small VGG; `ValueError` where they are none."""
    weights = received(got)
    if weights is None:
        raise ValueError(NO_WEIGHTS)
    share = 100 * accuracy(weights, *held_out)
    reached = f"reached {share:.0f} % on {len(held_out[1])} new pictures"
    return ask_what_was_trained(name, case[0], weights, reached)


__all__ = [
    "ALPHA", "NO_ADAPTERS", "NO_WEIGHTS", "OLD", "PARTS", "TEST", "accuracy", "adapted", "as_bytes",
    "ask_on_accuracy", "ask_what_was_trained", "blank_weights", "grey", "judge_adapters",
    "judge_retrained", "known_and_new_script", "labelled", "learnt", "moved", "network", "reader",
    "received", "small_vgg", "trained", "weights_of",
]  # fmt: skip
