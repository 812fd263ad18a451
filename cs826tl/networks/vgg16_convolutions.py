"""VGG16's thirteen convolutions, as three published networks have them [C16, C17].

Their authors' own; the same ones, frozen, below the head of a classifier of brain tumours; and
fine-tuned to find edges, as HED. What is read from their files is brought into the order of the
network built here, layer by layer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor, nn

from cs826tl.networks.headless import NoHead

BLOCKS = {"block1": (3, 64, 2), "block2": (64, 128, 2), "block3": (128, 256, 3),
          "block4": (256, 512, 3), "block5": (512, 512, 3)}  # fmt: skip
DENSE = ("dense_1", "dense_1_2", "dense_2_1", "dense_3_1")  # the tumour head's, in order
NORMS = ("batch_normalization_1", "batch_normalization_1_2")
SIDE = 7  # of the maps below the tumour head

Tensors = Mapping[str, Tensor]


def build_convolutions() -> nn.Sequential:
    """Build the five blocks, each ending in a pooling (Simonyan and Zisserman 2014)."""
    return nn.Sequential(OrderedDict((name, _block(*what)) for name, what in BLOCKS.items()))


def cut_convolutions(network: nn.Sequential) -> tuple[dict[str, nn.Module], NoHead]:
    """Cut into the blocks; there is no head."""
    return dict(network.named_children()), NoHead(
        "load VGG16 with its fully-connected layers: `cs826tl fetch vgg16`, 553 MB, then "
        "load_backbone('vgg16_torchvision')"
    )


def build_tumour() -> nn.Sequential:
    """Build the convolutions below the tumour classifier's head.

    Each batch normalisation is published as a scale and a shift, so it divides by 1.
    """
    return nn.Sequential(OrderedDict(
        **dict(build_convolutions().named_children()),
        fc1=nn.Sequential(
            nn.Flatten(), nn.Linear(512 * SIDE**2, 64), nn.ReLU(), nn.BatchNorm1d(64, eps=0)
        ),
        fc2=nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.BatchNorm1d(128, eps=0)),
        fc3=nn.Sequential(nn.Linear(128, 256), nn.ReLU()),
        head=nn.Linear(256, 4),
    ))  # fmt: skip


def cut_tumour(network: nn.Sequential) -> tuple[dict[str, nn.Module], nn.Module]:
    """Cut into the blocks and three fully-connected layers."""
    stages = dict(network.named_children())
    head = stages.pop("head")
    return stages, head


def authors_tensors(found: Tensors) -> list[Tensor]:
    """Return the convolutions' kernels and biases out of the tumour classifier's ONNX file."""
    layers = [f"{b}_conv{k}" for b, (_, _, convs) in BLOCKS.items() for k in range(1, convs + 1)]
    endings = ("convolution/ReadVariableOp:0", "Squeeze:0")
    return [found[f"functional_1/{layer}_1/{end}"] for layer in layers for end in endings]


def tumour_tensors(found: Tensors) -> list[Tensor]:
    """Return all of the tumour classifier, whose first dense layer reads maps channels-last."""
    dense = [found[f"functional_1/{name}/Cast/ReadVariableOp:0"].T for name in DENSE]
    dense[0] = dense[0].unflatten(1, (SIDE, SIDE, 512)).permute(0, 3, 1, 2).flatten(1)
    biases = [found[f"functional_1/{name}/BiasAdd/ReadVariableOp:0"] for name in DENSE]
    tensors = authors_tensors(found)
    for k, (weight, bias) in enumerate(zip(dense, biases, strict=True)):
        tensors += [weight.contiguous(), bias]
        if k < len(NORMS):
            scale, shift = (
                found[f"functional_1/{NORMS[k]}/batchnorm/{what}:0"] for what in ("mul", "sub")
            )
            tensors += [scale, shift, scale.new_zeros(len(scale)), scale.new_ones(len(scale))]
    return tensors


def hed_tensors(found: Tensors) -> list[Tensor]:
    """Return HED's convolutions out of its Keras file, without what fuses them."""
    return [tensor for name, tensor in found.items() if name.startswith("block")]


def _block(channels_in: int, channels: int, convolutions: int) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for k in range(1, convolutions + 1):
        layers[f"conv{k}"] = nn.Conv2d(channels_in, channels, 3, padding=1)
        layers[f"relu{k}"] = nn.ReLU()
        channels_in = channels
    layers["pool"] = nn.MaxPool2d(2)
    return nn.Sequential(layers)
