"""A small network for small colour pictures, from random weights, tuned and given time [C01]."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cs826tl.data.tasks import Split

WIDTH, SHIFT = 32, 4  # channels of the first block; pixels that a picture is moved by, at most
MEAN, SPREAD = 120.0, 65.0  # of CIFAR-10's pixels, about


def small_network(classes: int, seed: int) -> nn.Sequential:
    """Return three blocks of convolution, batch normalisation and pooling, and a linear layer."""
    torch.manual_seed(seed)
    widths = (3, WIDTH, 2 * WIDTH, 4 * WIDTH)
    blocks = [
        nn.Sequential(
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        for before, after in pairwise(widths)
    ]
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(widths[-1], classes))
    return nn.Sequential(*blocks, *head)


def train_from_scratch(
    split: Split, classes: int, *, epochs: int, lr: float = 1e-2, seed: int = 0
) -> nn.Sequential:
    """Train `small_network` on pictures `(N, 3, 32, 32)`, mirrored and moved at random.

    AdamW, batches of 32, the rate up and down in one cycle (Smith 2018, arXiv:1803.09820).
    """
    network, draw = small_network(classes, seed), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=lr, weight_decay=0.05)
    steps = epochs * -(-len(split) // 32)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(split), generator=draw).split(32):
            loss = F.cross_entropy(
                network(_changed(_scaled(split.inputs[rows]), draw)), split.labels[rows]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
    return network.eval()


@torch.inference_mode()
def accuracy_of(network: nn.Module, split: Split) -> float:
    """Return the share of a split's pictures that the network gets right."""
    scores = torch.cat([network(_scaled(part)) for part in split.inputs.split(500)])
    return float((scores.argmax(1) == split.labels).float().mean())


def _scaled(inputs: Tensor) -> Tensor:
    return (inputs.float() - MEAN) / SPREAD


def _changed(inputs: Tensor, draw: torch.Generator) -> Tensor:
    mirrored = torch.rand(len(inputs), 1, 1, 1, generator=draw) < 0.5
    down, right = torch.randint(-SHIFT, SHIFT + 1, (2,), generator=draw).tolist()
    return torch.roll(torch.where(mirrored, inputs.flip(3), inputs), (down, right), (2, 3))
