"""The networks that can be loaded by name: how each is built, cut and fed, and its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from cs826tl.networks import architectures as arch, small_networks as small, vgg16_convolutions
from cs826tl.networks.preprocessing import Preprocess

Values = Mapping[str, tuple[tuple[int, ...], float]]  # of tensors, by name: a place in it, a value
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class BackboneSpec:
    """One row in the table of networks that can be loaded. Sizes are sides in pixels."""

    title: str
    build: Callable[[], nn.Module]
    cut: Callable[[Any], tuple[dict[str, nn.Module], nn.Module]]
    size: int | None
    mean: Triple  # in the order of the network's channels
    std: Triple
    asset: str | None  # the pre-trained weights; None where nobody has published any
    weights: str = "ImageNet weights"
    classes: tuple[str, ...] | None = None  # None: ImageNet's, or none without a head
    bgr: bool = False
    interpolation: str = "bilinear"
    tensors: Callable[[Mapping[str, Tensor]], list[Tensor]] | None = None  # what of the file
    known: Values = field(default_factory=dict)  # printed in public by others

    def preprocess(self, size: int | None) -> Preprocess:
        """Return its own preprocessing, at its own size or another one."""
        return Preprocess(
            self.mean,
            self.std,
            self.size if size is None else size,
            interpolation=self.interpolation,
            bgr=self.bgr,
        )


# ImageNet's mean and standard deviation, in 0 to 255 [C10].
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
_HALF = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
_LITE = ((127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
_ONE = (1.0, 1.0, 1.0)
_OXFORD = ((103.939, 116.779, 123.68), _ONE)  # blue, green, red
_CAFFE = ((104.006, 116.669, 122.679), _ONE)

# Printed where others load the same weights, such as Keras's users and Qualcomm's AIMET.
_VGG16_KNOWN = {
    "block1.conv1.weight": ((0, 0, 0, 0), 0.42947057),
    "block1.conv1.bias": ((25,), 0.7446502),
    "block1.conv2.weight": ((63, 63, 2, 2), 0.016082443),
    "block2.conv1.bias": ((1,), 0.06440781),
    "block5.conv1.weight": ((269, 63, 1, 0), -0.011236359),
    "block5.conv2.bias": ((510,), 0.23517226),
    "block5.conv3.weight": ((400, 0, 0, 2), -0.008714244),
}
_MOBILENET_KNOWN = {"conv_stem.weight": ((31, 2, 2, 2), 0.0202078857)}

BACKBONES = {
    "efficientnet_lite0": BackboneSpec(
        "EfficientNet-Lite0", small.build_lite0, small.cut_lite, 224, *_LITE, "efficientnet_lite0"
    ),
    "efficientnet_lite1": BackboneSpec(
        "EfficientNet-Lite1", small.build_lite1, small.cut_lite, 240, *_LITE, "efficientnet_lite1"
    ),
    "efficientnet_lite2": BackboneSpec(
        "EfficientNet-Lite2", small.build_lite2, small.cut_lite, 260, *_LITE, "efficientnet_lite2"
    ),
    "mobilenet_v2": BackboneSpec(
        "MobileNet v2", small.build_mobilenet_v2, small.cut_mobilenet_v2, 224, *_HALF,
        "mobilenet_v2", weights="ImageNet weights without the last layer", classes=(),
        tensors=small.mobilenet_v2_tensors, known=_MOBILENET_KNOWN,
    ),
    "squeezenet1_1": BackboneSpec(
        "SqueezeNet 1.1", small.build_squeezenet1_1, small.cut_squeezenet1_1, 227, *_CAFFE,
        "squeezenet1_1", bgr=True, interpolation="bicubic",
    ),
    "vgg16": BackboneSpec(
        "VGG16's convolutions", vgg16_convolutions.build_convolutions,
        vgg16_convolutions.cut_convolutions, 224, *_OXFORD, "vgg16_conv",
        weights="its authors' ImageNet weights; fully-connected layers not fetched", classes=(),
        bgr=True, tensors=vgg16_convolutions.authors_tensors, known=_VGG16_KNOWN,
    ),
    "tumour_vgg16": BackboneSpec(
        "Tumour classifier on VGG16", vgg16_convolutions.build_tumour,
        vgg16_convolutions.cut_tumour, 240, (0.0, 0.0, 0.0), (255.0, 255.0, 255.0), "vgg16_conv",
        weights="VGG16's ImageNet weights, frozen, below layers trained on scans of brains",
        classes=("glioma", "meningioma", "notumor", "pituitary"), interpolation="bicubic",
        tensors=vgg16_convolutions.tumour_tensors, known=_VGG16_KNOWN,
    ),
    "hed_vgg16": BackboneSpec(
        "HED's convolutions", vgg16_convolutions.build_convolutions,
        vgg16_convolutions.cut_convolutions, 224, *_CAFFE, "hed_vgg16",
        weights="VGG16's, fine-tuned on the edges of BSDS500", classes=(),
        bgr=True, tensors=vgg16_convolutions.hed_tensors,
    ),
    "vgg16_torchvision": BackboneSpec(
        "VGG16", arch.build_vgg16, arch.cut_vgg16, 224, *_IMAGENET, "vgg16",
        weights="torchvision's ImageNet weights",
    ),
    "resnet50": BackboneSpec(
        "ResNet50", arch.build_resnet50, arch.cut_resnet50, 224, *_IMAGENET, "resnet50"
    ),
    "inception_v3": BackboneSpec(
        "Inception v3", arch.build_inception_v3, arch.cut_inception_v3, 299, *_HALF, "inception_v3"
    ),
    "alexnet": BackboneSpec(
        "AlexNet", arch.build_alexnet, arch.cut_alexnet, 224, *_IMAGENET, "alexnet"
    ),
    "efficientnet_b0": BackboneSpec(
        "EfficientNet-B0", arch.build_efficientnet_b0, arch.cut_efficientnet_b0,
        224, *_IMAGENET, "efficientnet_b0",
    ),
    "small_vgg": BackboneSpec(
        "Small VGG", arch.build_small_vgg, arch.cut_small_vgg, None, *_HALF, None,
        classes=tuple("0123456789"),
    ),
}  # fmt: skip
