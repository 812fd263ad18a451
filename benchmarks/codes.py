"""CNN codes: `encode` beside PyTorch's own fastest eager forward pass, as a ratio of times.

The rival runs the same stages on the same pictures, already scaled to the network's size and lying
in memory as channels-last numbers, in inference mode, with the best of several batch sizes. What
`encode` does beside that, preprocessing, digests and keeping the codes, is its overhead. Both run
by turns, so that a busy machine slows both down, and the median of the ratios counts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn

from cs826tl import encode, load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import clear_codes

BATCHES = (8, 16, 32, 64)


def seconds(run: Callable[..., None], *given: object) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    run(*given)
    return time.perf_counter() - start


def plain_forward(stages: nn.Module, inputs: Tensor, batch: int) -> None:
    """Run PyTorch's forward pass over inputs that are ready for the stages."""
    with torch.inference_mode():
        for part in inputs.split(batch):
            stages(part)


def ours(model: StagedModel, images: Tensor) -> None:
    """Compute the codes anew, as the first call in a notebook does."""
    clear_codes()
    encode(model, images, device="cpu")


def ratio(name: str, size: int, number: int, rounds: int) -> dict[str, object]:
    """Return the median of `encode`'s time as a multiple of PyTorch's, and both times."""
    model = load_backbone(name, size=size).eval()
    images = torch.randint(0, 256, (number, 3, size, size), dtype=torch.uint8)
    with torch.inference_mode():
        inputs = model.preprocess(images).contiguous(memory_format=torch.channels_last)
    stages = nn.Sequential(*model.stages).eval().to(memory_format=torch.channels_last)
    trial = inputs[: max(BATCHES)]
    batch = min(BATCHES, key=lambda b: min(seconds(plain_forward, stages, trial, b) for _ in "ab"))
    times = []
    for _ in range(rounds):
        images = images.roll(1, 0)  # so that no digest is met again
        times.append((seconds(ours, model, images), seconds(plain_forward, stages, inputs, batch)))
    return {
        "network": model.title,
        "size": size,
        "ratio": round(median(a / b for a, b in times), 3),
        "ms an image": round(1000 * median(a for a, _ in times) / number, 2),
        "PyTorch's": round(1000 * median(b for _, b in times) / number, 2),
        "batch": batch,
    }


def main() -> None:
    """Print the ratios as one JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=64)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--sizes", type=int, nargs="*", default=[64, 128, 224])
    options.add_argument("--networks", nargs="*", default=["efficientnet_lite0", "vgg16"])
    options.add_argument("--json", action="store_true", help="on one line")
    given = options.parse_args()
    found = {
        f"{name} {size}": ratio(name, size, given.images, given.rounds)
        for name in given.networks
        for size in given.sizes
    }
    print(json.dumps(found, indent=None if given.json else 2))


if __name__ == "__main__":
    main()
