"""What a network's `forward` does, as a list of steps, and where it can be cut in two.

`torch.fx` writes the steps down (Reed et al. 2021, arXiv:2112.08429).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter, getitem

from torch import Tensor, fx, nn

Piece = list[fx.Node]


def smallest_pieces(network: nn.Module, opened: Sequence[nn.Module]) -> list[Piece]:
    """Cut the steps wherever one tensor alone goes on; layers that share a weight stay together.

    `opened` are the modules whose own `forward` is read; every other one is a single step.

    Raises `ValueError` if training mode takes other steps than evaluation mode, and what
    `torch.fx` raises if `forward` cannot be read.

    >>> network = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    >>> [[str(step) for step in piece] for piece in smallest_pieces(network, [network])]
    [['_0'], ['_1']]
    """
    nodes = _read(network, opened)
    place = {node: k for k, node in enumerate(nodes)}
    last_use = {id(t): k for k, node in enumerate(nodes) for t in _tensors(network, node)}
    pieces: list[Piece] = [[]]
    needed = max(place[user] for user in nodes[0].users)  # where older values are used last
    for k, node in enumerate(nodes[1:-1], start=1):
        pieces[-1].append(node)
        needed = max([needed, *(last_use[id(t)] for t in _tensors(network, node))])
        if needed <= k and not _is_tuple(node):
            pieces.append([])
        needed = max([needed, *(place[user] for user in node.users)])
    return pieces if pieces[-1] else pieces[:-1]


class _Tracer(fx.Tracer):
    """Write down what the opened modules do; every other module is one step."""

    def __init__(self, opened: Sequence[nn.Module]) -> None:
        super().__init__()
        self.opened = opened

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Say whether the module is one step."""
        return m not in self.opened


def _read(network: nn.Module, opened: Sequence[nn.Module]) -> list[fx.Node]:
    """Return the steps of `forward`: its input, what it computes, its output."""
    modes = [module.training for module in opened]
    try:
        graphs = [_graph(network, opened, training) for training in (True, False)]
    finally:
        for module, training in zip(opened, modes, strict=True):
            module.training = training
    if str(graphs[0]) != str(graphs[1]):
        raise ValueError("forward takes other steps in training mode than in evaluation mode")
    inputs, *rest = graphs[1].nodes
    return [inputs, *(node for node in rest if node.op != "placeholder")]


def _graph(network: nn.Module, opened: Sequence[nn.Module], training: bool) -> fx.Graph:
    for module in opened:
        module.training = training
    return _Tracer(opened).trace(network)


def _is_tuple(node: fx.Node) -> bool:
    """Say whether the value is a tuple, from which its users take items by number."""
    return all(u.target is getitem and isinstance(u.args[1], int) for u in node.users)


def _tensors(network: nn.Module, node: fx.Node) -> list[Tensor]:
    """Return the parameters and buffers that the step uses."""
    if node.op == "get_attr":
        value = attrgetter(str(node.target))(network)
        return [value] if isinstance(value, Tensor) else []
    if node.op != "call_module":
        return []
    module = network.get_submodule(str(node.target))
    return [*module.parameters(), *module.buffers()]
