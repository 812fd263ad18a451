"""The lecture's two pairs of domains, each with a blind target [C18]."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs826tl._errors import unknown
from cs826tl.methods.adaptation.pairs import BlindPair, Sealed

SIDE = 8  # pixels of a digit: UCI's own size, to which MNIST's are averaged
BORDER = slice(4, 24)  # MNIST's digits without the empty border that UCI's do not have
PAIRS = ("digits", "opinions")


def blind_pair(name: str, *, shots: int | None = None, seed: int = 0) -> BlindPair:
    """Load a pair with a blind target: `digits` (MNIST → UCI) or `opinions` (films → Amazon) [C18].

    These are the names to give as `name`. Digits are 64 grey values from 0 to 1, opinions are
    texts. `seed` draws `shots` source items of each class, 100 digits or 1000 opinions unless said
    otherwise; the target is the same each time. Its training split is given without labels.
    Validation and test are both sealed for the test: without labels nobody can choose by them.

    Raises `ValueError` for another pair or too many shots, `AssetMissing` for data not fetched yet.

    >>> blind_pair("digits")
    BlindPair 'digits': 1,000 source rows with labels, 1,157 target rows without; 640 sealed ...
    """
    if name not in PAIRS:
        raise unknown("pair", name, PAIRS)
    load, usual = (_digits, 100) if name == "digits" else (_opinions, 1000)
    return load(usual if shots is None else shots, seed)


def _digits(shots: int, seed: int) -> BlindPair:
    from torch import cat
    from torch.nn.functional import adaptive_avg_pool2d

    from cs826tl.data.loading import few_shot, load_task

    def grey(images: Any) -> NDArray[np.float64]:
        values = adaptive_avg_pool2d(images.float(), SIDE).flatten(1) / 255
        return np.asarray(values, dtype=float)

    mnist, uci = few_shot(load_task("mnist"), shots, seed).train, load_task("digits")
    kept = (uci.validation, uci.test)
    sealed = Sealed(
        uci.train.labels.numpy(),
        grey(cat([split.inputs for split in kept])),
        cat([split.labels for split in kept]).numpy(),
    )
    source = grey(mnist.inputs[..., BORDER, BORDER])
    return BlindPair(
        "digits", uci.classes, source, mnist.labels.numpy(), grey(uci.train.inputs), sealed
    )


def _opinions(shots: int, seed: int) -> BlindPair:
    from cs826tl.data.reviews import load_reviews

    films, amazon = load_reviews("films"), load_reviews("amazon")
    least = int(np.bincount(films.train.labels).min())
    if not 1 <= shots <= least:
        raise ValueError(f"shots={shots}: there are 1 to {least} sentences per class on films")
    order = np.random.default_rng(seed).permutation(len(films.train))
    labels = films.train.labels[order]
    drawn = films.train[np.concatenate([order[labels == k][:shots] for k in (0, 1)])]
    kept = (amazon.validation, amazon.test)
    sealed = Sealed(
        amazon.train.labels,
        sum((split.texts for split in kept), ()),
        np.concatenate([split.labels for split in kept]),
    )
    return BlindPair(
        "opinions", films.classes, drawn.texts, drawn.labels, amazon.train.texts, sealed
    )
