"""Domain-adversarial training: codes from which nobody can tell the domain (Ganin et al. 2016)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.methods.adaptation.base import Labels, Transductive


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, codes: Tensor, strength: float) -> Tensor:
        context.strength = strength
        return codes.view_as(codes)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -context.strength * gradients[0], None


def reverse_gradient(codes: Tensor, strength: float = 1.0) -> Tensor:
    """Return the codes as they are; the gradient on its way back changes its sign [C06].

    The layers after it learn as usual. Those before it learn the opposite, `strength` times.

    Ganin et al. 2016 (arXiv:1505.07818), section 4.2.

    >>> codes = torch.tensor([2.0], requires_grad=True)
    >>> (3 * reverse_gradient(codes, 0.5)).backward()
    >>> codes.grad
    tensor([-1.5000])
    """
    apply: Any = _Reversal.apply  # which has types in some versions of PyTorch only
    reversed_: Tensor = apply(codes, strength)
    return reversed_


class DANN(Transductive):
    """A small network whose codes serve the labels and hide the domain [C06].

    One layer of `hidden` numbers makes the codes. A head learns the source's labels from them; a
    critic learns to tell source from target, and its gradient is reversed on the way into the
    codes. The reversal grows from 0 to `strength` over the training, as in the paper. With
    `strength=0`, or without a target, it is the same network on the source alone. Inputs are scaled
    to mean 0 and variance 1 over all training rows. After `fit`, `critic_accuracy_` holds for each
    epoch how often the critic was right; 0.5 is chance. `lr` is Adam's rate over `epochs` in
    batches of `batch_size`; `random_state` draws the weights and the batches.

    The pitfall: it hides the domain, but nothing makes it match each class with the same class.

    Ganin et al. 2016 (arXiv:1505.07818).

    >>> rows = np.random.default_rng(0).normal(size=(60, 2)) + 3 * np.eye(2).repeat(30, axis=0)
    >>> DANN(epochs=20).fit(rows, [0] * 30 + [1] * 30, rows + 0.5).predict([[3.5, 0.5]])
    array([0])
    """

    _sparse = False

    def __init__(
        self,
        hidden: int = 64,
        *,
        strength: float = 1.0,
        epochs: int = 30,
        batch_size: int = 128,
        lr: float = 2e-3,
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.strength = strength
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.random_state = random_state

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        if len(self.classes_) < 2:
            raise ValueError("the source has one class; a classifier needs two or more")
        both = source if target is None else np.concatenate([source, target])
        self.mean_, self.scale_ = both.mean(0), both.std(0) + 1e-6
        self._build(source.shape[1])
        x, y = self._scaled(source), torch.from_numpy(labels)
        z = None if target is None else self._scaled(target)
        self._train(x, y, z)

    def _build(self, features: int) -> None:
        """Make the encoder, the head and the critic; the critic last, so it moves no draw."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.random_state)
            self.encoder_ = nn.Sequential(nn.Linear(features, self.hidden), nn.ReLU())
            self.head_ = nn.Linear(self.hidden, len(self.classes_))
            layers = nn.Linear(self.hidden, self.hidden), nn.ReLU(), nn.Linear(self.hidden, 1)
            self.critic_ = nn.Sequential(*layers)

    def _train(self, x: Tensor, y: Tensor, z: Tensor | None) -> None:
        parts = nn.ModuleList([self.encoder_, self.head_, self.critic_])
        optimizer = torch.optim.Adam(parts.parameters(), lr=self.lr, weight_decay=1e-4)
        drawn = _batches(len(x), self.batch_size, self.random_state)
        heap = None if z is None else _batches(len(z), self.batch_size, self.random_state + 1)
        steps = math.ceil(len(x) / self.batch_size)
        self.critic_accuracy_: list[float] = []
        for step in range(self.epochs * steps):
            if step % steps == 0 and z is not None:
                self.critic_accuracy_.append(0.0)
            rows = next(drawn)
            codes = self.encoder_(x[rows])
            loss = F.cross_entropy(self.head_(codes), y[rows])
            if z is not None and heap is not None:
                progress = step / (self.epochs * steps)
                strength = self.strength * (2 / (1 + math.exp(-10 * progress)) - 1)
                blame, right = self._criticise(codes, self.encoder_(z[next(heap)]), strength)
                loss = loss + blame
                self.critic_accuracy_[-1] += right / steps
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def _criticise(self, source: Tensor, target: Tensor, strength: float) -> tuple[Tensor, float]:
        """Return the critic's loss, each domain counting one half, and its accuracy."""
        losses, right = [], 0.0
        for codes, truth in ((source, 0.0), (target, 1.0)):
            told = self.critic_(reverse_gradient(codes, strength))
            losses.append(F.binary_cross_entropy_with_logits(told, torch.full_like(told, truth)))
            right += float(((told > 0) == bool(truth)).float().mean()) / 2
        return (losses[0] + losses[1]) / 2, right

    def _scaled(self, rows: Any) -> Tensor:
        return torch.from_numpy(((rows - self.mean_) / self.scale_).astype(np.float32))

    @torch.no_grad()
    def _decide(self, rows: Any) -> Labels:
        found: Labels = self.head_(self.encoder_(self._scaled(rows))).argmax(1).numpy()
        return found


def _batches(number: int, size: int, seed: int) -> Iterator[Tensor]:
    """Yield rows in batches, shuffled again in each round, without end."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield from torch.randperm(number, generator=generator).split(size)
