"""A new head for other classes, on a copy of a backbone."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import nn

from cs826tl.networks.cutting import last_linear, replaced
from cs826tl.networks.staging import StagedModel, check_classes, check_staged


def with_head(backbone: StagedModel, classes: Sequence[str], *, seed: int = 0) -> StagedModel:
    """Return a copy of the backbone with a new, untrained linear head for these classes.

    The copy leaves the backbone as it was when the model is fine-tuned. It takes the backbone's
    memory once more (VGG16: 0.5 GB); `del backbone` where that is too much. `seed` draws the head.
    Of a head with several layers, the last linear one is replaced and the others are kept.

    Raises `ValueError` for fewer than two classes or a name given twice, and `TypeError` for a
    network that is not yet staged, or a head whose scores do not come from one linear layer.

    >>> from cs826tl import load_backbone
    >>> model = with_head(load_backbone("small_vgg", weights="random"), ["cat", "dog"])
    >>> model.head
    Linear(in_features=128, out_features=2, bias=True)
    """
    check_classes(classes)
    check_staged(backbone)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = _with_new_linear(backbone, len(classes))
    stages, head, preprocess = deepcopy((backbone.stages, head, backbone.preprocess))
    weights = f"{backbone.weights}, new head"
    return StagedModel(
        backbone.title, preprocess, dict(stages.named_children()), head, classes, weights
    )


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
