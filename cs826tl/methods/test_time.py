"""Adapting at test time: to inputs without labels, batch by batch, while they are answered.

Batch normalization takes its statistics from the test batch (Schneider et al. 2020,
arXiv:2006.16971); TENT also learns its scales and shifts, so that answers become surer (Wang et
al. 2020, arXiv:2006.10726). Both answer each batch as they adapt to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import Tensor, nn

from cs826tl.devices import device_of, place
from cs826tl.networks.staging import StagedModel

__all__ = ["accuracy", "batch_statistics", "tent"]

Norm = nn.modules.batchnorm._BatchNorm


def batch_statistics(
    model: StagedModel, inputs: Tensor, *, batch_size: int = 64, prior: float = 0.0
) -> Tensor:
    """Return the scores of the inputs, each batch normalized by its own mean and variance.

    `prior` is for how many images the statistics of training count beside a batch: 0 forgets them,
    and a large number adapts nothing. The inputs are taken `batch_size` at a time, in the order
    given. The model stays as it is.

    The pitfall: a batch of few images, or of one class, has statistics of its own that belong to no
    domain.

    Raises `ValueError` for a model without batch normalization, a batch size below 1, a prior below
    0, or no inputs.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> batch_statistics(model, load_task("digits").test.inputs).shape
    torch.Size([382, 10])
    """
    if prior < 0:
        raise ValueError(f"prior={prior}: give a number of images, 0 or more")
    adapted, norms = _copy(model)
    for layer in norms:
        layer.register_forward_pre_hook(_Mixing(layer, prior))
    with torch.no_grad():
        return torch.cat([adapted(batch) for batch in _batches(model, inputs, batch_size)])


def tent(
    model: StagedModel, inputs: Tensor, *, lr: float = 1e-3, batch_size: int = 64, steps: int = 1
) -> Tensor:
    """Return the scores of the inputs, while TENT adapts to them.

    Each batch of `batch_size` is normalized by its own statistics. Then `steps` of Adam, at the
    rate `lr`, change the scales and shifts of batch normalization so that the mean entropy of the
    answers falls. As the authors do, a batch is answered before its last step, so it helps the
    batches that follow. The model stays as it is.

    The pitfall: the surest answer is always the same class, whatever the picture shows. At a high
    rate or in a long row of one class, that is what TENT learns.

    Raises `ValueError` as `batch_statistics` does, and for a negative rate or no step.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> tent(model, load_task("digits").test.inputs).shape
    torch.Size([382, 10])
    """
    if steps < 1:
        raise ValueError(f"steps={steps}: TENT takes at least one step per batch")
    adapted, norms = _copy(model)
    for layer in norms:  # without running statistics, a layer takes those of the batch
        layer.track_running_stats, layer.running_mean, layer.running_var = False, None, None
    learnt = [p.requires_grad_() for layer in norms for p in layer.parameters(recurse=False)]
    optimizer = torch.optim.Adam(learnt, lr=lr)
    scores = []
    for batch in _batches(model, inputs, batch_size):
        for _ in range(steps):
            with torch.enable_grad():
                answers = adapted(batch)
                entropy(answers).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        scores.append(answers.detach())
    return torch.cat(scores)


def entropy(scores: Tensor) -> Tensor:
    """Return how unsure each answer is, in nats: the entropy of its softmax, shape `(N,)`.

    >>> bool(entropy(torch.zeros(1, 10)).isclose(torch.tensor(10.0).log()))
    True
    """
    return -(scores.softmax(1) * scores.log_softmax(1)).sum(1)


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """Return the share of rows whose highest score is at the label.

    `scores` have shape `(N, classes)`, `labels` shape `(N,)`.

    >>> accuracy(torch.eye(2), torch.tensor([0, 0]))
    0.5
    """
    return (scores.argmax(1).cpu() == labels.cpu()).double().mean().item()


def _copy(model: StagedModel) -> tuple[StagedModel, list[Norm]]:
    """Return a copy in evaluation mode, nothing of it trainable, and its batch normalizations."""
    copied = deepcopy(model).requires_grad_(False).eval()
    norms = [layer for layer in copied.modules() if isinstance(layer, Norm)]
    if not norms:
        raise ValueError(f"{model.title} has no batch normalization to adapt: take another network")
    return copied, norms


def _batches(model: StagedModel, inputs: Tensor, batch_size: int) -> Iterator[Tensor]:
    if batch_size < 1 or len(inputs) == 0:
        raise ValueError(f"{len(inputs)} inputs in batches of {batch_size}: give 1 or more of both")
    return (place(batch, device_of(model)) for batch in inputs.split(batch_size))


class _Mixing:
    """Before a layer normalizes a batch, mix its statistics into those of training."""

    def __init__(self, layer: Norm, prior: float) -> None:
        assert layer.running_mean is not None
        assert layer.running_var is not None
        self.mean, self.variance, self.prior = layer.running_mean, layer.running_var, prior

    def __call__(self, layer: Norm, given: tuple[Tensor]) -> None:
        (x,) = given
        share = len(x) / (len(x) + self.prior)
        variance, mean = torch.var_mean(x.transpose(0, 1).flatten(1), dim=1, correction=0)
        layer.running_mean = self.mean.lerp(mean, share)
        layer.running_var = self.variance.lerp(variance, share)
