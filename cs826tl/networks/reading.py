"""Cut a network into a row of stages and a head, by reading what its `forward` does.

A stage begins at a layer with a weight matrix; normalization, activation and pooling belong to the
stage before them. The last layer with a weight matrix is the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from torch import fx, nn

from cs826tl.networks.forward_steps import Piece, smallest_pieces

HEAD = "head"
ENOUGH = 5  # parts; of a network that shows fewer, the largest is opened


def read_and_cut(network: nn.Module) -> tuple[dict[str, nn.Module], nn.Module]:
    """Return the network's stages by name, and its head. They share the network's weights.

    Modules stay whole if that gives a handful of parts; otherwise the largest one is opened.
    What was read need not be all that `forward` does: compare the answers, as `cut` does.

    Raises `ValueError` if training mode takes other steps than evaluation mode, or if most of
    the network would be its head. If `forward` cannot be read, because it branches on values for
    example, raises what `torch.fx` raises.

    >>> layers = nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2)
    >>> stages, head = read_and_cut(nn.Sequential(*layers))
    >>> list(stages), head
    (['layer0'], Linear(in_features=8, out_features=2, bias=True))
    """
    opened, tried = [network], [network]
    pieces = _pieces(network, opened)
    while (module := _to_open(network, pieces, tried)) is not None:
        tried.append(module)
        try:
            finer = _pieces(network, [*opened, module])
        except Exception:  # what cannot be read may raise anything, and stays closed
            continue
        if len(finer) > len(pieces) or _is_linear(network, finer[-1]):
            opened, pieces = [*opened, module], finer
    *stages, head = (_as_module(network, piece) for piece in pieces)
    if not isinstance(head, nn.Linear) and 2 * _size(head) > _size(network):
        raise ValueError("most of the network would be its head")
    names = _names([_weight_layers(network, piece)[0] for piece in pieces[:-1]])
    return dict(zip(names, stages, strict=True)), head


def _pieces(network: nn.Module, opened: Sequence[nn.Module]) -> list[Piece]:
    """Return the steps of each stage, and of the head."""
    pieces: list[Piece] = [[]]
    for piece in smallest_pieces(network, opened):
        if _weight_layers(network, piece) and _weight_layers(network, pieces[-1]):
            pieces.append([])
        pieces[-1] += piece
    return pieces


def _to_open(
    network: nn.Module, pieces: Sequence[Piece], tried: Sequence[nn.Module]
) -> nn.Module | None:
    """Return the module to look into next: the head, then the largest while there are few parts."""
    looked_at = pieces if len(pieces) < ENOUGH else pieces[-1:]
    layers = [[network.get_submodule(n) for n in _weight_layers(network, p)] for p in looked_at]
    closed = [[m for m in own if m not in tried and any(m.children())] for own in layers]
    candidates = closed[-1] or [module for own in closed for module in own]
    return max(candidates, key=_size, default=None)


def _as_module(network: nn.Module, piece: Piece) -> nn.Module:
    """Return a module that takes the piece's steps: a plain one if they are a chain."""
    called = [str(node.target) for node in piece if node.op == "call_module"]
    modules = {name: _own(network.get_submodule(name)) for name in called}
    inputs = [node.all_input_nodes for node in piece]
    if len(called) == len(piece) and inputs[1:] == [[node] for node in piece[:-1]]:
        chain = [modules[name] for name in called if type(modules[name]) is not nn.Identity]
        return chain[0] if len(chain) == 1 else nn.Sequential(*chain)
    written = fx.GraphModule(network, _piece_graph(piece))
    for name, module in modules.items():
        written.set_submodule(name, module)
    return written


def _piece_graph(piece: Piece) -> fx.Graph:
    """Return the piece as a graph of its own: older values are its input, or their defaults."""
    graph = fx.Graph()
    values: dict[fx.Node, fx.node.Argument] = {}
    given = graph.placeholder("x")
    for node in piece:
        for older in node.all_input_nodes:
            default = older.args if older.op == "placeholder" else ()
            values.setdefault(older, default[0] if default else given)
        values[node] = step = graph.node_copy(node, values.__getitem__)
        if step.op == "call_method" and step.target == "view":  # fails for images channels-last
            step.target = "reshape"
    graph.output(values[piece[-1]])
    return graph


def _own(module: nn.Module) -> nn.Module:
    """Copy a module without tensors: used by two stages, it may be frozen in one of them only."""
    return module if [*module.parameters(), *module.buffers()] else deepcopy(module)


def _weight_layers(network: nn.Module, piece: Piece) -> list[str]:
    """Return the names of the piece's modules that have a weight matrix, in order."""
    names = [str(node.target) for node in piece if node.op == "call_module"]
    return [n for n in names if any(p.dim() > 1 for p in network.get_submodule(n).parameters())]


def _is_linear(network: nn.Module, piece: Piece) -> bool:
    return all(
        isinstance(network.get_submodule(name), nn.Linear)
        for name in _weight_layers(network, piece)
    )


def _names(paths: Sequence[str]) -> list[str]:
    """Return short names of modules: `layer4`, `blocks3` for `blocks.3`; longer if two agree."""
    short = [_short(path) for path in paths]
    return [
        name if short.count(name) == 1 and name != HEAD else path.replace(".", "_")
        for name, path in zip(short, paths, strict=True)
    ]


def _short(path: str) -> str:
    *above, last = path.split(".")
    return f"{(above or ['layer'])[-1]}{last}" if last.isdigit() else last


def _size(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())
