"""A published network's weights: out of their file, onto the network, and recognised."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn

from cs826tl.assets.cache import asset_path
from cs826tl.networks.keras_tensors import read_keras
from cs826tl.networks.onnx_tensors import read_onnx
from cs826tl.networks.shelf import BackboneSpec

UNREADABLE = (OSError, ValueError, KeyError, RuntimeError, EOFError, UnpicklingError)
LIKE = 1e-6  # printed values are rounded


def trained_network(spec: BackboneSpec, asset: str) -> nn.Module:
    """Return the network with its weights, and a few of them compared with what others printed.

    Raises `AssetMissing` where the file is not there, and `ValueError`, with the fix, where it
    cannot be read, or holds another network.
    """
    path = asset_path(asset)
    with torch.device("meta"):  # spends no time on drawing weights that are replaced anyway
        network = spec.build()
    try:
        weights = _named(_read(path), network.state_dict(), spec)
        network.load_state_dict(weights, assign=True)
        _recognise(network, spec)
    except UNREADABLE as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"{path} does not hold the weights of {spec.title} ({reason}): delete it, and run "
            f"`cs826tl fetch {asset}`"
        ) from error
    return network.requires_grad_(True)


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".onnx":
        return read_onnx(path)
    if path.suffix in (".h5", ".model"):
        return read_keras(path)
    found: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return found


def _named(
    found: dict[str, Tensor], wanted: dict[str, Tensor], spec: BackboneSpec
) -> dict[str, Tensor]:
    """Give the file's tensors the network's names: most files have others, in the same order."""
    if found.keys() == wanted.keys():
        return found
    counters = {k: torch.tensor(0) for k in wanted if k.endswith("num_batches_tracked")}
    names = [k for k in wanted if k not in counters]
    rest = {k: v for k, v in found.items() if not k.endswith("num_batches_tracked")}
    tensors = list(rest.values()) if spec.tensors is None else spec.tensors(rest)
    if len(tensors) != len(names):
        raise ValueError(f"it has {len(tensors)} tensors, not {len(names)}")
    return counters | dict(zip(names, tensors, strict=True))


def _recognise(network: nn.Module, spec: BackboneSpec) -> None:
    """Raise `ValueError` where a value is not what others have printed of these weights."""
    weights = network.state_dict()
    for name, (place, value) in spec.known.items():
        given = float(weights[name][place])
        if abs(given - value) > LIKE:
            raise ValueError(f"{name} is {given:.8f} at {place}, and was published as {value:.8f}")
