"""Plausible mistakes in exercise 05; each fails its own question."""

CONVOLUTION = """
def count_convolution(inputs, outputs, kernel, height, width):
    weights = inputs * outputs * kernel * kernel
    return {}
"""
FIELD = """
def receptive_field(layers):
    width, step = 1, 1
    for kernel, stride in layers:
        {}
    return width
"""
WAYS = """
def which_preprocessing(pictures):
    {}
"""

WRONG = {
    "first_weights": {
        "one number a channel": "first_weights = 512 * 4096",
        "with the biases": 'first_weights = (variant["size"] // 32) ** 2 * 512 * 4096 + 4096',
        "four halvings": 'first_weights = (variant["size"] // 16) ** 2 * 512 * 4096',
    },
    "count_convolution": {
        "no bias": CONVOLUTION.format("[weights, weights * height * width]"),
        "a bias for every input channel": CONVOLUTION.format(
            "[weights + inputs, weights * height * width]"
        ),
        "biases as multiply-adds": CONVOLUTION.format(
            "[weights + outputs, (weights + outputs) * height * width]"
        ),
        "square pictures only": CONVOLUTION.format("[weights + outputs, weights * height**2]"),
    },
    "receptive_field": {
        "strides forgotten": FIELD.format("width += kernel - 1"),
        "its own stride first": FIELD.format("step *= stride; width += (kernel - 1) * step"),
        "kernels added whole": FIELD.format("width += kernel * step; step *= stride"),
        "from the top down": FIELD.format("width += (kernel - 1) * step; step *= stride").replace(
            "in layers", "in reversed(layers)"
        ),
    },
    "which_preprocessing": {
        "looks at the largest value": WAYS.format(
            "return 'raw' if pictures.max() > 3 else 'unit' if pictures.min() >= 0 else 'lite0'"
        ),
        "looks at the mean": WAYS.format(
            "m = pictures.mean(); return 'raw' if m > 2 else 'unit' if m > 0.2 else 'imagenet'"
        ),
        "always ImageNet's": WAYS.format("return 'imagenet'"),
    },
}
