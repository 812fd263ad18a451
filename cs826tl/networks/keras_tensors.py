"""The weights in a Keras file, in PyTorch's order of dimensions, read without Keras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    import h5py

CONVOLUTION = (3, 2, 0, 1)  # Keras: height, width, in, out
DEPTHWISE = (2, 3, 0, 1)  # Keras: height, width, channel, 1


def read_keras(path: Path) -> dict[str, Tensor]:
    """Return the file's weights by name, in the order of its layers.

    Raises `OSError` where the file is damaged or not HDF5, and `ValueError` where it is another
    kind of HDF5 file.
    """
    import h5py

    with h5py.File(path) as file:
        layers = file.get("model_weights", file)
        found = {name: _as_in_torch(name, data[()]) for name, data in _weights(layers)}
    if not found:
        raise ValueError("it holds no weights in Keras's form")
    return found


def _weights(layers: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """Return the weights in the order that Keras 1 and 2 note down; Keras 3 names them in order."""
    import h5py

    names: list[str] = []
    if "layer_names" in layers.attrs:
        for layer in layers.attrs["layer_names"]:
            for weight in layers[layer].attrs["weight_names"]:
                names.append(f"{_text(layer)}/{_text(weight)}")
    else:
        layers.visit(names.append)
    return ((name, layers[name]) for name in names if isinstance(layers[name], h5py.Dataset))


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _as_in_torch(name: str, array: object) -> Tensor:
    tensor = torch.as_tensor(array)
    if tensor.dim() != 4:
        return tensor
    return tensor.permute(DEPTHWISE if "depthwise_kernel" in name else CONVOLUTION).contiguous()
