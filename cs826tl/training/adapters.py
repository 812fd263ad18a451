"""LoRA: what a stage learns is kept in two thin matrices beside each of its frozen layers.

Hu et al. 2021, arXiv:2106.09685. `freeze`, `unfreeze` and `audit` know these adapters: in a stage
that has some, only they are trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.networks.staging import StagedModel, check_staged

Layer = nn.Linear | nn.Conv2d


class LoRA(nn.Module):
    """A frozen layer and the adapter beside it: `base(x) + alpha / rank * up(down(x))`.

    The adapter has `rank` times (inputs + outputs) parameters. `up` begins at zero, so that the
    layer begins with the answers it had. Beside a convolution, `down` has its kernel size, stride
    and padding, and `up` is pointwise. Some modules multiply by the weights themselves instead of
    calling the layer, as `nn.MultiheadAttention` does with `out_proj`: they find the adapted ones.
    """

    def __init__(self, base: Layer, rank: int, alpha: float) -> None:
        super().__init__()
        self.base, self.scale = base.requires_grad_(False), alpha / rank
        self.down, self.up = _thin(base, rank)
        nn.init.zeros_(self.up.weight)
        self.to(base.weight.device)

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's answers, with what the adapter has learnt."""
        answers: Tensor = self.base(x) + self.scale * self.up(self.down(x))
        return answers

    @property
    def weight(self) -> Tensor:
        """The layer's weights, with what the adapter has learnt."""
        change = self.up.weight.flatten(1) @ self.down.weight.flatten(1)
        adapted: Tensor = self.base.weight + self.scale * change.view_as(self.base.weight)
        return adapted

    @property
    def bias(self) -> Tensor | None:
        """The layer's bias, which the adapter leaves as it is."""
        return self.base.bias

    def merged(self) -> Layer:
        """Return the layer itself, with the adapter added to its weights."""
        with torch.no_grad():
            self.base.weight.copy_(self.weight)
        return self.base


def add_lora(
    model: StagedModel, *stages: str, rank: int = 4, alpha: float = 8.0, seed: int = 0
) -> StagedModel:
    """Put an adapter beside every linear layer and ungrouped convolution of the named stages.

    If no stage is named, every stage gets them. All that the stages had is frozen, in every stage;
    the head goes on learning, as it is new. `seed` draws the adapters; what they add is scaled by
    `alpha / rank`. Depthwise convolutions get none, since
    their kernels are thin already. Neither do the queries, keys and values of
    `nn.MultiheadAttention`, whose weights belong to no layer; its output projection does.

    The pitfall: an adapter needs a rate several times higher than training all weights does.

    Raises `ValueError` for an unknown stage, a rank below 1, stages that have adapters already, or
    stages without such a layer; `TypeError` for a network that is not yet staged.

    >>> from cs826tl import load_backbone, trainable_table
    >>> model = add_lora(load_backbone("small_vgg", weights="random"), "block3", rank=2)
    >>> trainable_table(model)["trainable parameters"].tolist()
    [0, 0, 1984, 0, 1290]
    """
    check_staged(model)
    names = [name for name, _ in model.stages.named_children()]
    for stage in stages:
        if stage not in names:
            raise unknown("stage", stage, names)
    if rank < 1:
        raise ValueError(f"rank={rank}: an adapter has rank 1 or more")
    chosen = [model.stages.get_submodule(stage) for stage in stages or names]
    if any(True for part in chosen for _ in adapters(part)):
        raise ValueError("these stages have adapters already: merge_lora(model) first")
    places = [place for part in chosen for place in _adaptable(part)]
    if not places:
        raise ValueError(f"there is no linear layer or ungrouped convolution in {list(stages)}")
    for parameter in model.stages.parameters():
        parameter.requires_grad, parameter.grad = False, None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for parent, name, layer in places:
            setattr(parent, name, LoRA(layer, rank, alpha).train(layer.training))
    return model


def merge_lora(model: StagedModel) -> StagedModel:
    """Add every adapter to the weights beside it, so that the network is as it was built.

    The answers stay the same to rounding, and cost no more than before; the stages stay frozen.

    Raises `TypeError` for a network that is not yet staged.

    >>> import torch
    >>> from cs826tl import load_backbone
    >>> model = add_lora(load_backbone("small_vgg", weights="random")).eval()
    >>> images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    >>> answers = model(images)
    >>> torch.allclose(merge_lora(model)(images), answers, atol=1e-5), list(adapters(model))
    (True, [])
    """
    check_staged(model)
    for parent in list(model.stages.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, LoRA):
                setattr(parent, name, child.merged())
    return model


def adapters(part: nn.Module) -> Iterator[LoRA]:
    """Yield the adapted layers of a part, in order.

    >>> list(adapters(nn.Linear(2, 2)))
    []
    """
    return (layer for layer in part.modules() if isinstance(layer, LoRA))


def adapter_parameters(part: nn.Module) -> list[nn.Parameter]:
    """Return the parameters of all adapters of a part, without those of the adapted layers."""
    thin = [p for layer in adapters(part) for p in (layer.down.weight, layer.up.weight)]
    return [p for p in thin if isinstance(p, nn.Parameter)]


def task_state(model: nn.Module) -> dict[str, Tensor]:
    """Return what must be stored for a task beside the backbone: what is trained, by name.

    That is everything trainable in the model, and the running statistics of batch normalization
    that is not frozen. `model.load_state_dict(state, strict=False)` puts it back. Sizes are in
    `tensor.nbytes`.

    >>> from cs826tl import load_backbone
    >>> model = add_lora(load_backbone("small_vgg", weights="random"), rank=1)
    >>> sum(tensor.nbytes for tensor in task_state(model).values())
    14740
    """
    found: dict[str, Tensor] = {}
    for name, module in model.named_modules():
        own = dict(module.named_parameters(name, recurse=False))
        learnt = {key: p for key, p in own.items() if p.requires_grad}
        found |= learnt
        if learnt:
            found |= dict(module.named_buffers(name, recurse=False))
    return {key: tensor.detach().cpu().clone() for key, tensor in found.items()}


def _thin(base: Layer, rank: int) -> tuple[Layer, Layer]:
    """Return `down`, a copy of the layer with few outputs, and `up`, from those to all outputs."""
    down = deepcopy(base)  # so that it pads as the layer does, whatever that is
    down.weight = nn.Parameter(base.weight.new_empty(rank, *base.weight.shape[1:]))
    down.bias = None
    down.reset_parameters()
    if isinstance(down, nn.Linear):
        down.out_features = rank
        return down, nn.Linear(rank, base.weight.shape[0], bias=False)
    down.out_channels = rank
    return down, nn.Conv2d(rank, base.weight.shape[0], 1, bias=False)


def _adaptable(part: nn.Module) -> list[tuple[nn.Module, str, Layer]]:
    """Return where the layers are that an adapter fits: parent, name, layer."""
    return [
        (parent, name, child)
        for parent in part.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.Linear) or (isinstance(child, nn.Conv2d) and child.groups == 1)
    ]
