"""Cut any network into stages and a head that together answer as it does."""

from __future__ import annotations

from contextlib import suppress
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from cs826tl.devices import all_cards, lay_out
from cs826tl.networks.modes import evaluation_mode
from cs826tl.networks.reading import read_and_cut

Network = TypeVar("Network", bound=nn.Module)

ONE_STAGE = "in one stage, since its forward cannot be cut"
WHOLE = "kept whole and trained without codes, since its forward cannot be cut"


@dataclass(frozen=True)
class Cut:
    """Stages and a head that answer as the network does, and how coarse the cut had to be."""

    stages: dict[str, nn.Module]
    head: nn.Module
    outputs: int
    remark: str = ""


def cut(network: nn.Module, inputs: Tensor) -> Cut:
    """Return the finest row of stages and head that answers the inputs as the network does.

    If `forward` cannot be cut into a row of stages, everything below the last linear layer becomes
    one stage; if that answers differently too, the whole network becomes the head. `inputs` are two
    inputs as `forward` takes them, already preprocessed.

    Raises `ValueError` if `forward` does not return one row of scores per input, in training
    mode too, or cannot take images in channels-last order; and whatever `forward` itself raises.
    """
    with evaluation_mode(network):
        wanted = _answers(network, inputs)
    for attempt, remark in ((read_and_cut, ""), (_below_last_linear, ONE_STAGE)):
        with suppress(Exception):  # code of others, run in ways it was not written for
            stages, head = attempt(network)
            row = nn.ModuleList([*stages.values(), head])
            if _agree(_as_in_training(row), inputs, wanted):
                return Cut(stages, head, wanted.shape[1], remark)
        _check_training(network, inputs)
    return Cut({}, network, wanted.shape[1], WHOLE)


def _check_training(network: nn.Module, inputs: Tensor) -> None:
    """Raise `ValueError` if a network that stays whole could not be trained."""
    try:
        with torch.random.fork_rng(devices=all_cards()):
            _answers(_as_in_training(network).train(), inputs)
    except RuntimeError as error:
        raise ValueError(
            f"forward fails in training, where images are in channels-last order: if it flattens "
            f"them with view(…), use flatten(1) instead ({error})"
        ) from error


def replaced(network: nn.Module, path: str, module: nn.Module) -> nn.Module:
    """Return the network with another module at the path; it shares all the others.

    >>> network = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 4)))
    >>> replaced(network, "1.1", nn.Identity())[1]
    Sequential(
      (0): ReLU()
      (1): Identity()
    )
    >>> network[1][1]
    Linear(in_features=3, out_features=4, bias=True)
    """
    if not path:
        return module
    first, _, rest = path.partition(".")
    outer = copy(network)
    inner = replaced(network.get_submodule(first), rest, module)
    outer._modules = {**network._modules, first: inner}
    return outer


def last_linear(network: nn.Module) -> str | None:
    """Return the path of the linear layer made last, which is the classifier in most networks.

    >>> last_linear(nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 4), nn.Softmax(1))))
    '1.0'
    """
    paths = [path for path, module in network.named_modules() if isinstance(module, nn.Linear)]
    return paths[-1] if paths else None


def _below_last_linear(network: nn.Module) -> tuple[dict[str, nn.Module], nn.Module]:
    path = last_linear(network)
    if not path:
        raise ValueError("the network has no linear layer, or is one")
    return {"body": replaced(network, path, nn.Identity())}, network.get_submodule(path)


def _answers(network: nn.Module, inputs: Tensor) -> Tensor:
    with torch.no_grad():
        answers: object = network(inputs)
    if not isinstance(answers, Tensor) or answers.dim() != 2 or len(answers) != len(inputs):
        given = tuple(answers.shape) if isinstance(answers, Tensor) else type(answers).__name__
        mode = "training" if network.training else "evaluation"
        raise ValueError(
            f"forward must return one row of scores per input, shape ({len(inputs)}, classes), but "
            f"in {mode} mode it returns {given}: wrap the network in a module that returns them"
        )
    return answers


def _as_in_training(network: Network) -> Network:
    """Copy the network with its weights in channels-last order, as `fit` lays them out."""
    return lay_out(deepcopy(network), torch.channels_last)


def _agree(row: nn.ModuleList, inputs: Tensor, wanted: Tensor) -> bool:
    """Say whether the row answers as wanted, one tensor going on from part to part."""
    x = inputs
    with evaluation_mode(row), torch.no_grad():
        for part in row:
            x = part(x)
            if not isinstance(x, Tensor) or len(x) != len(inputs):
                return False
    return torch.allclose(x, wanted, rtol=1e-4, atol=1e-5 * float(wanted.abs().max()))
