"""A new head for other classes, on a copy of a backbone."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import nn

from cs826tl._errors import unknown
from cs826tl.networks.cutting import last_linear, replaced
from cs826tl.networks.headless import NoHead
from cs826tl.networks.modes import evaluation_mode
from cs826tl.networks.staging import StagedModel, check_classes, check_staged, noise_for


def with_head(
    backbone: StagedModel, classes: Sequence[str], *, through: str | None = None, seed: int = 0
) -> StagedModel:
    """Return a copy of the backbone with a new, untrained linear head for these classes.

    The copy leaves the backbone as it was when the model is fine-tuned. It takes the backbone's
    memory once more (VGG16: 0.5 GB); `del backbone` if that is too much. `seed` draws the head.
    If the head has several layers, the last linear one is replaced and the others are kept.

    `through` makes a shallower network: it ends with that stage, whose codes are averaged over the
    picture, as `pooled` does, and given to a head of one linear layer. A backbone without a head,
    or with one of convolutions, gets such a head after its last stage.

    Raises `ValueError` for fewer than two classes, a name given twice or an unknown stage, and
    `TypeError` for a network that is not yet staged, or a head whose scores do not come from one
    linear layer.

    >>> from cs826tl import load_backbone
    >>> model = with_head(load_backbone("small_vgg", weights="random"), ["cat", "dog"])
    >>> model.head
    Linear(in_features=128, out_features=2, bias=True)
    >>> list(with_head(model, ["cat", "dog"], through="block2").parts)
    ['block1', 'block2', 'head']
    """
    check_classes(classes)
    check_staged(backbone)
    kept = dict(backbone.stages.named_children())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if through is None and not _needs_pooling(backbone.head):
            head = _with_new_linear(backbone, len(classes))
        else:
            kept = _up_to(kept, through or list(kept)[-1])
            head = _pooled_linear(backbone, kept, len(classes))
    stages, head, preprocess = deepcopy((kept, head, backbone.preprocess))
    weights = f"{backbone.weights}, new head"
    return StagedModel(backbone.title, preprocess, stages, head, classes, weights)


def _needs_pooling(head: nn.Module) -> bool:
    """Say whether the head gets maps: there is none, or it has convolutions and no linear layer."""
    convolutions = any(isinstance(module, nn.Conv2d) for module in head.modules())
    return isinstance(head, NoHead) or (convolutions and last_linear(head) is None)


def _up_to(stages: dict[str, nn.Module], through: str) -> dict[str, nn.Module]:
    if through not in stages:
        raise unknown("stage", through, stages)
    names = list(stages)
    return {name: stages[name] for name in names[: names.index(through) + 1]}


def _pooled_linear(backbone: StagedModel, stages: dict[str, nn.Module], outputs: int) -> nn.Module:
    """Return a linear head for the stages' codes, averaged over the picture if they are maps."""
    row = nn.Sequential(backbone.preprocess, *stages.values())
    device = next((p.device for p in row.parameters()), torch.device("cpu"))
    with evaluation_mode(row), torch.no_grad():
        codes = row(noise_for(backbone.preprocess).to(device))
    linear = nn.Linear(codes.shape[1], outputs, device=device)
    if codes.dim() == 2:
        return linear
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear)


def _with_new_linear(backbone: StagedModel, outputs: int) -> nn.Module:
    """Return the head with a new last linear layer; it shares its other layers."""
    path = last_linear(backbone.head)
    scores = [
        module
        for module in backbone.head.modules()
        if isinstance(module, nn.Linear) and module.out_features == len(backbone.classes)
    ]
    if path is None or scores != [backbone.head.get_submodule(path)]:
        raise TypeError(
            f"with_head replaces the one linear layer that gives {backbone.title}'s "
            f"{len(backbone.classes)} scores, but its head has {len(scores)} of them: replace "
            f"model.head yourself, and set model.classes"
        )
    return replaced(backbone.head, path, nn.Linear(scores[0].in_features, outputs))
