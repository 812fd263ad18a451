"""Averages of weights: the line between two networks, and soups of several.

WiSE-FT (Wortsman et al. 2021, arXiv:2109.01903) walks from the network before fine-tuning to the
one after; a soup (Wortsman et al. 2022, arXiv:2203.05482) averages several fine-tuned ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor

from cs826tl.networks.staging import StagedModel

__all__ = ["interpolate", "soup"]


def interpolate(first: StagedModel, second: StagedModel, weight: float) -> StagedModel:
    """Return a network with the weights `(1 - weight) * first + weight * second`; both stay.

    Parameters and running statistics are averaged; whole numbers, such as a count of batches, are
    the first one's. The pitfall: this helps only if both were fine-tuned from one start.
    Networks from different starts are a bad network in the middle.

    Raises `ValueError` if the two differ in architecture or in their classes.

    >>> from cs826tl import load_backbone
    >>> ends = [load_backbone("small_vgg", weights="random", seed=seed) for seed in (0, 1)]
    >>> middle = interpolate(*ends, weight=0.5)
    >>> bool((2 * middle.head.bias).isclose(ends[0].head.bias + ends[1].head.bias).all())
    True
    """
    return _weighted([first, second], [1 - weight, weight])


def soup(models: Sequence[StagedModel]) -> StagedModel:
    """Return a network with the mean weights of these; it costs no more to run than one of them.

    The pitfall and the errors are those of `interpolate`; `ValueError` too if `models` is empty.

    >>> from cs826tl import load_backbone
    >>> one = load_backbone("small_vgg", weights="random")
    >>> bool((soup([one, one]).head.bias == one.head.bias).all())
    True
    """
    if not models:
        raise ValueError("a soup needs at least one network")
    return _weighted(models, [1 / len(models)] * len(models))


def _weighted(models: Sequence[StagedModel], weights: Sequence[float]) -> StagedModel:
    states = [model.state_dict() for model in models]
    shapes = [{name: tensor.shape for name, tensor in state.items()} for state in states]
    if any(other != shapes[0] for other in shapes) or len({m.classes for m in models}) > 1:
        raise ValueError(
            "networks can be averaged where their parts and classes are the same: fine-tune all "
            "from one with_head(backbone, task.classes), and merge_lora first"
        )
    mixed = deepcopy(models[0])
    mixed.load_state_dict(
        {name: _mean([state[name] for state in states], weights) for name in states[0]}
    )
    return mixed.eval()


def _mean(tensors: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    first = tensors[0]
    if not first.is_floating_point():
        return first
    there = [tensor.to(first.device) for tensor in tensors]
    return torch.stack([w * tensor for w, tensor in zip(weights, there, strict=True)]).sum(0)
