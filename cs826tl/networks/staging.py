"""A network as an ordered row of named stages, a head, and its own preprocessing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from cs826tl.networks.cutting import cut
from cs826tl.networks.headless import NoHead

HEAD = "head"
AS_GIVEN = "weights as given"


class StagedModel(nn.Module):
    """A network as preprocessing, an ordered row of named stages, and a head.

    `classes` names the head's outputs; `weights` says in words where the weights come from. The
    last of its `parts` is the head, under the name `head`. Where the authors' head is not to be
    had, the head is a `NoHead`, and there are no classes.
    """

    def __init__(
        self,
        title: str,
        preprocess: nn.Module,
        stages: dict[str, nn.Module],
        head: nn.Module,
        classes: Sequence[str],
        weights: str,
    ) -> None:
        super().__init__()
        self.title, self.weights, self.classes = title, weights, tuple(classes)
        self.preprocess = preprocess
        self.stages = nn.Sequential()
        for name, stage in stages.items():
            self.stages.add_module(name, stage)
        self.head = head

    def forward(self, inputs: Tensor) -> Tensor:
        """Return one score per class, shape `(N, classes)`."""
        scores: Tensor = self.head(self.stages(self.preprocess(inputs)))
        return scores

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The stages in order, then the head, by name."""
        return {**dict(self.stages.named_children()), HEAD: self.head}

    def __repr__(self) -> str:
        million = sum(p.numel() for p in self.parameters()) / 1e6
        headless = isinstance(self.head, NoHead)
        names = [name for name in self.parts if not (headless and name == HEAD)]
        return (
            f"{self.title}, {self.weights}: {', '.join(names)}; {million:.2f} M parameters, "
            f"{'no head' if headless else f'{len(self.classes):,} classes'}"
        )


def staged(
    network: nn.Module,
    *,
    classes: Sequence[str],
    preprocess: nn.Module | None,
    example: Tensor | None = None,
) -> StagedModel:
    """Return any network as a row of named stages and a head, sharing its weights.

    Two inputs are run to check that the row answers as the network does. If no row of stages
    does, everything below the last linear layer becomes one stage, or else the whole network
    becomes the head and is trained without codes; `model.weights` says so. `preprocess` turns a
    batch of a task's inputs into the network's, such as `Preprocess`; None leaves them as they are.
    `example` holds two inputs of the task; by default it is noise of the size of `preprocess`.

    Raises `ValueError` if the network cannot run the example or does not return one score per
    class, and `TypeError` if it is staged already or `preprocess` is no `nn.Module`.

    >>> from cs826tl.networks import Preprocess
    >>> network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 2))
    >>> staged(network, classes=["cat", "dog"], preprocess=Preprocess([127.5], [127.5], size=8))
    Sequential, weights as given: layer0, head; 0.00 M parameters, 2 classes
    """
    check_classes(classes)
    _check_modules(network, preprocess)
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    preprocess = deepcopy(preprocess or nn.Identity()).to(device)
    inputs = noise_for(preprocess) if example is None else example[:2]
    try:
        row = cut(network, preprocess(inputs.to(device)))
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(
            f"the network cannot run an example of shape {tuple(inputs.shape)} ({error}): set the "
            f"size in Preprocess(mean, std, size), or give example=task.train.inputs[:2]"
        ) from error
    if row.outputs != len(classes):
        raise ValueError(f"the network has {row.outputs} outputs, but classes names {len(classes)}")
    weights = f"{AS_GIVEN}, {row.remark}" if row.remark else AS_GIVEN
    return StagedModel(type(network).__name__, preprocess, row.stages, row.head, classes, weights)


def check_staged(model: object) -> None:
    """Raise `TypeError`, with the fix, for a network that is not yet cut into stages."""
    if not isinstance(model, StagedModel):
        raise TypeError(
            f"the model must be a StagedModel, got {type(model).__name__}: cut it into stages with "
            f"staged(network, classes=…, preprocess=…)"
        )


def check_head(model: StagedModel) -> None:
    """Raise `ValueError`, with the fix, for a network without a head."""
    if isinstance(model.head, NoHead):
        model.head(torch.empty(0))


def check_classes(classes: Sequence[str]) -> None:
    """Raise `ValueError` for fewer than two classes, a name given twice, or a mere number."""
    named = isinstance(classes, Collection) and not isinstance(classes, str)
    if not named or len(set(classes)) < max(2, len(classes)):
        raise ValueError(f"classes={classes!r}: name at least two classes, each of them once")


def _check_modules(network: nn.Module, preprocess: nn.Module | None) -> None:
    if isinstance(network, StagedModel) or not isinstance(network, nn.Module):
        kind = type(network).__name__
        raise TypeError(f"the network must be a torch.nn.Module that is not yet staged, got {kind}")
    if not isinstance(preprocess, nn.Module | None):
        kind = type(preprocess).__name__
        raise TypeError(
            f"preprocess must be a torch.nn.Module that takes a batch of inputs, such as "
            f"Preprocess(mean, std, size), or None; got {kind}"
        )


def noise_for(preprocess: nn.Module) -> Tensor:
    """Return two images of noise, of the size and channels that the preprocessing takes."""
    side = getattr(preprocess, "size", None) or 32
    channels = getattr(preprocess, "channels", 3)
    generator = torch.Generator().manual_seed(0)
    shape = (2, channels, side, side)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
