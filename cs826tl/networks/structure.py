"""The structure of a network: output shape, parameters, multiply-adds, receptive field per stage.

Everything is counted without computing anything: the network runs on PyTorch's meta device, where
tensors have shapes but no values.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn
from torch.func import functional_call
from torch.utils.flop_counter import FlopCounterMode

from cs826tl.networks.headless import NoHead
from cs826tl.networks.staging import StagedModel, check_staged


def anatomy(model: StagedModel, size: int = 224) -> pd.DataFrame:
    """Return a table of the model's parts for images of `size` pixels [C15, C16].

    Columns: the output's shape for one image, parameters, multiply-adds for one image, and the
    receptive field: the side, in input pixels, of the square that one output value depends on. It
    is missing if the layers are not a plain chain, as in ResNet, or if a value depends on the
    whole image.

    Pitfall: a multiply-add is one multiplication and one addition. Papers often call it a FLOP;
    PyTorch's counter counts both operations, so its numbers are twice as high.

    Raises `TypeError` for a network that is not yet staged.

    >>> from cs826tl import load_backbone
    >>> table = anatomy(load_backbone("small_vgg", weights="random"), size=28)
    >>> table["receptive field"].tolist()
    [6, 16, 36, <NA>, <NA>]
    """
    check_staged(model)
    images = 2  # batch normalisation in training mode refuses one
    channels = getattr(model.preprocess, "channels", 3)
    x = torch.empty(images, channels, size, size, device="meta")
    rows, field = {}, ReceptiveField()
    for name, part in model.parts.items():
        if isinstance(part, NoHead):
            break
        weights = {n: t.to("meta") for n, t in [*part.named_parameters(), *part.named_buffers()]}
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            x = functional_call(part, weights, (x,))
        rows[name] = {
            "output": " × ".join(map(str, x.shape[1:])),
            "parameters": sum(p.numel() for p in part.parameters()),
            "multiply-adds": counter.get_total_flops() // 2 // images,
            "receptive field": field.after(part),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")
    return table.astype({"receptive field": "Int64"})


class ReceptiveField:
    """Follow the receptive field along a chain of layers.

    A layer with kernel k widens the field by (k - 1) steps of the input; its stride lengthens the
    step for the layers after it (Araujo et al. 2019, doi:10.23915/distill.00021).

    >>> field = ReceptiveField()
    >>> field.after(nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3)))
    8
    """

    _POINTWISE = (nn.ReLU, nn.ReLU6, nn.SiLU, nn.BatchNorm2d, nn.Dropout, nn.Identity)

    def __init__(self) -> None:
        self.side: int | None = 1
        self.step = 1

    def after(self, part: nn.Module) -> int | None:
        """Return the field after one more part; None once a layer has ended the chain."""
        layers = part.children() if isinstance(part, nn.Sequential) else [part]
        for layer in layers:
            if isinstance(layer, nn.Sequential):
                self.after(layer)
            elif isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) and self.side:
                self.side += (_length(layer.kernel_size) - 1) * self.step
                self.step *= _length(layer.stride)
            elif not isinstance(layer, self._POINTWISE):
                self.side = None
        return self.side


def _length(size: int | tuple[int, ...]) -> int:
    return size if isinstance(size, int) else size[0]
