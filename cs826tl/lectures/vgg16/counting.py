"""What a student counted in VGG16, and where a wrong count comes from."""

from __future__ import annotations

_TRUE = {"convolution": 3 * 3 * 64 * 64 + 64, "fc6": 512 * 7 * 7 * 4096 + 4096}
_WHY = {
    "convolution": {
        3 * 3 * 64 * 64: "the 64 biases are missing: one for each channel that comes out",
        3 * 3 * 64 + 64: "each of the 64 channels that come out looks at all 64 that go in",
        3 * 64 * 64 + 64: "a kernel has 3 × 3 weights, not 3",
        3 * 3 * 3 * 64 + 64: "that is the first convolution, which sees 3 colours; the second "
        "sees 64 channels",
        (3 * 3 * 64 * 64 + 64) * 224 * 224: "that is its work: the same weights serve at every "
        "place of the picture, so the places do not count",
    },
    "fc6": {
        512 * 7 * 7 * 4096: "the 4,096 biases are missing: one for each neuron",
        512 * 4096 + 4096: "512 maps of 7 × 7 go in: each of their places has weights of its own",
        7 * 7 * 4096 + 4096: "there are 512 maps of 7 × 7, not one",
    },
}


def check_counts(**counts: int) -> str:
    """Say of each layer's count whether it is right, and if not, what it leaves out [C16].

    `convolution` is the second one of `block1`, `fc6` the first fully-connected layer; both with
    their biases. Raises `ValueError` for another layer.

    >>> print(check_counts(convolution=3 * 3 * 64 * 64))
    ✗ convolution: the 64 biases are missing: one for each channel that comes out
    """
    lines = []
    for layer, count in counts.items():
        if layer not in _TRUE:
            raise ValueError(f"{layer!r} is not asked for: count {' and '.join(_TRUE)}")
        wrong = "weights, and one bias for each output: multiply first, then add"
        why = "not counted yet" if not count else _WHY[layer].get(count, wrong)
        right = count == _TRUE[layer]
        lines.append(f"✓ {layer}: {count:,}" if right else f"✗ {layer}: {why}")
    return "\n".join(lines)
