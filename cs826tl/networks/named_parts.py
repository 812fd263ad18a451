"""The parts of any network, by name: what freezing, learning rates and audits speak of."""

from __future__ import annotations

from torch import nn

from cs826tl.networks.staging import StagedModel

OWN = "(own)"  # a name that no child has in Python


def parts(model: nn.Module) -> dict[str, nn.Module]:
    """Return the stages and head of a `StagedModel`, or the children of any other network, by name.

    Children come in the order in which the network's `__init__` makes them. Pitfall: that need not
    be the order in which `forward` runs them; `staged` finds the latter. Parameters and buffers
    that belong to no child, such as the position embedding of a vision transformer, are the part
    `(own)`, which comes first.

    Raises `TypeError` if the model is no network, and `ValueError` if it holds nothing.

    >>> list(parts(nn.Sequential(nn.Linear(2, 2), nn.ReLU())))
    ['0', '1']
    >>> list(parts(nn.Linear(2, 2)))
    ['(own)']
    """
    if isinstance(model, StagedModel):
        return model.parts
    if not isinstance(model, nn.Module):
        raise TypeError(f"the model must be a torch.nn.Module, got {type(model).__name__}")
    found = dict(model.named_children())
    if any(True for _ in [*model.parameters(False), *model.buffers(False)]):
        found = {OWN: _Own(model), **found}
    if not found:
        raise ValueError(f"{type(model).__name__} has no parts and no parameters")
    return found


class _Own(nn.Module):
    """The parameters and buffers that a network holds itself, and nothing of its children."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._parameters, self._buffers = network._parameters, network._buffers
