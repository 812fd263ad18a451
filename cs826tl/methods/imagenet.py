"""Networks trained on ImageNet: their best guesses, and what is published about them [C10]."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from cs826tl.assets.catalogue import ASSETS
from cs826tl.assets.releases import TorchvisionWeights
from cs826tl.networks.published import load_backbone
from cs826tl.networks.shelf import BACKBONES
from cs826tl.networks.staging import StagedModel, check_head
from cs826tl.networks.structure import anatomy
from cs826tl.networks.wordnet import Synset, classes_under, search
from cs826tl.training.codes import encode

__all__ = ["probability_below", "published_networks", "top_k"]

# Top-1 on ImageNet's validation images in %, where torchvision does not publish the network:
# github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
_OTHER_TOP_1 = {"efficientnet_lite0": 75.1}


def top_k(model: StagedModel, images: Tensor, k: int = 5) -> tuple[Tensor, Tensor]:
    """Return the probabilities and labels of the k likeliest classes, each `(N, k)`, best first.

    The model has run on `images`, `uint8`, shape `(N, 3, height, width)`. A prediction counts as
    right in *top-k* if the true label is among the k (Russakovsky et al. 2015, arXiv:1409.0575)
    [C10].

    Raises `ValueError` for a k that is not from 1 to the number of classes, or a model without a
    head.

    >>> from cs826tl import load_task
    >>> probabilities, labels = top_k(
    ...     load_backbone("small_vgg", weights="random"), load_task("digits").test.inputs, k=3
    ... )
    >>> labels.shape
    torch.Size([382, 3])
    """
    check_head(model)
    if not 1 <= k <= len(model.classes):
        raise ValueError(
            f"k={k}: the model has {len(model.classes)} classes; give a number from 1 to that"
        )
    with torch.inference_mode():
        scores = model.head(encode(model, images).float())
        probabilities, labels = scores.softmax(1).topk(k)
    return probabilities.cpu(), labels.cpu()


def probability_below(
    nouns: Sequence[Synset | str], probabilities: Tensor, labels: Tensor
) -> Tensor:
    """Return the probability of each noun: the sum over all classes that are a kind of it [C10].

    So a network sorts pictures into kinds that it was never trained on. A word stands for the noun
    that `wordnet.search` finds first; it must be one of that noun's own words. `probabilities` and
    `labels` come from `top_k`. The pitfall: only its k classes are summed, so let k be all of them.
    The shape is `(N, nouns)`.

    Raises `ValueError` for a word that ImageNet does not have, with similar ones.

    >>> labels = torch.tensor([[281, 282, 251]])  # tabby, tiger cat, dalmatian
    >>> probabilities = torch.tensor([[0.5, 0.25, 0.125]])
    >>> probability_below(["cat", "dog"], probabilities, labels)
    tensor([[0.7500, 0.1250]])
    """
    found = [_noun(word) if isinstance(word, str) else word for word in nouns]
    below = [torch.isin(labels, torch.tensor(classes_under(noun))) for noun in found]
    return torch.stack([(probabilities * kind).sum(1) for kind in below], 1)


def _noun(word: str) -> Synset:
    found = search(word)[0]
    if word.lower() not in (own.lower() for own in found.words):
        raise ValueError(
            f"ImageNet has no kind {word!r}, and the closest is {found.name!r}: give that, or a "
            f"more general word"
        )
    return found


def published_networks() -> pd.DataFrame:
    """Return the course's ImageNet networks: published top-1 in %, counted size and work.

    Accuracy is what torchvision states for the first edition of its weights, and for
    EfficientNet-Lite0 what its makers state. Parameters and multiply-adds per image are counted on
    the meta device, without weights. The pitfall: Inception v3 is counted without the auxiliary
    classifier, which serves in training only; torchvision counts it in [C10, C15].

    >>> int(published_networks().loc["VGG16", "parameters"])
    138357544
    """
    from torchvision.models import get_weight

    rows = {}
    for name, spec in BACKBONES.items():
        source = ASSETS[spec.asset].source if spec.asset else None
        if isinstance(source, TorchvisionWeights):
            top_1 = get_weight(source.weights).meta["_metrics"]["ImageNet-1K"]["acc@1"]
        elif name in _OTHER_TOP_1:
            top_1 = _OTHER_TOP_1[name]
        else:
            continue
        with torch.device("meta"):
            counted = anatomy(load_backbone(name, weights="random"), spec.size or 224)
        totals = counted[["parameters", "multiply-adds"]].sum()
        rows[spec.title] = {"top-1": top_1, **totals}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("network")
    return table.astype({"parameters": "int64", "multiply-adds": "int64"}).sort_values("top-1")
