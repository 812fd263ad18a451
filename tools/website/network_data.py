"""The course's own EfficientNet-Lite0 as plain data: its layers in order, and all its weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from cs826tl import load_backbone
from cs826tl.networks.folding import folded
from cs826tl.networks.staging import HEAD

Floats = NDArray[np.float32]


def network_data(name: str = "efficientnet_lite0") -> tuple[dict[str, Any], Floats]:
    """Return what a page needs to run the network: its structure, as JSON, and one row of weights.

    Batch normalisation is folded into the convolutions. Weights come in the order of the layers,
    each layer's filter before its bias, laid out as TensorFlow has them: `(height, width, in, out)`
    for a convolution, `(height, width, channels, 1)` for a depthwise one, `(in, out)` for the head.

    Pitfall: it knows convolutions, ReLU6 and shortcuts around a block, with "same" padding. That
    is all that EfficientNet-Lite0 is made of, and not enough for other networks.
    """
    model = load_backbone(name).eval()
    stages, weights = [], []
    for stage, part in model.parts.items():
        if stage != HEAD:
            blocks = []
            for block in _blocks(folded(part)):
                layers = [*_layers(block)]
                weights += [array for *_, arrays in layers for array in arrays]
                shortcut = bool(getattr(block, "has_skip", False))
                blocks.append({"shortcut": shortcut, "layers": [layer for layer, _ in layers]})
            stages.append({"name": stage, "blocks": blocks})
    weights += [_floats(model.head.weight.T), _floats(model.head.bias)]
    preprocess = model.preprocess
    structure = {
        "title": f"{model.title}, {model.weights}",
        "size": preprocess.size,
        "mean": preprocess.mean.flatten().tolist(),
        "std": preprocess.std.flatten().tolist(),
        "stages": stages,
        "classes": list(model.classes),
    }
    return structure, np.concatenate([array.ravel() for array in weights])


def _blocks(stage: nn.Module) -> list[nn.Module]:
    """Return a stage's blocks; the first and the last stage are one block each."""
    children = list(stage.children())
    return [stage] if any(isinstance(child, nn.Conv2d) for child in children) else children


def _layers(block: nn.Module) -> Iterator[tuple[dict[str, Any], tuple[Floats, Floats]]]:
    """Yield every convolution of a block, whether ReLU6 follows it, and its filter and bias."""
    modules = [m for m in block.modules() if isinstance(m, nn.Conv2d | nn.ReLU6)]
    for module, after in zip(modules, [*modules[1:], None], strict=True):
        if isinstance(module, nn.Conv2d):
            depthwise = module.groups > 1
            order = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
            weight = _floats(module.weight.permute(order))
            layer = {
                "depthwise": depthwise,
                "shape": list(weight.shape),
                "stride": module.stride[0],
                "activation": "relu6" if isinstance(after, nn.ReLU6) else "linear",
            }
            assert module.bias is not None  # folding gives every convolution one
            yield layer, (weight, _floats(module.bias))


def _floats(tensor: Tensor) -> Floats:
    return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
