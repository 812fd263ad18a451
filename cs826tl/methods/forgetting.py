"""Catastrophic forgetting: four remedies, as penalties for `fit`, and how it is scored [C12].

A remedy is made before fine-tuning, from the model as it is then, and is called as
`remedy(model, inputs, outputs)`; what it returns is added to the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import Tensor

from cs826tl.data.tasks import Task
from cs826tl.devices import device_of, place
from cs826tl.networks.staging import StagedModel

__all__ = ["EWC", "L2SP", "Distillation", "Replay", "fisher_information"]


class L2SP:
    """Pull the stages towards the weights they start from.

    Li et al. 2018, arXiv:1802.01483. The penalty is `strength / 2` times the squared distance from
    the starting point, over the parameters of the stages; the head is new and is left free.

    >>> from cs826tl import load_backbone
    >>> model = load_backbone("small_vgg", weights="random")
    >>> L2SP(model, strength=1.0)(model, None, None).item()
    0.0
    """

    def __init__(self, model: StagedModel, *, strength: float) -> None:
        self.strength = strength
        self.start = _stage_parameters(model)

    def __call__(self, model: StagedModel, inputs: Tensor | None, outputs: Tensor | None) -> Tensor:
        """Return the penalty, a scalar."""
        distance = _weighted_distance(model, self.start, None)
        return self.strength / 2 * distance


class EWC:
    """Elastic weight consolidation: pull hardest where the source task is most sensitive.

    L2-SP with every weight's pull scaled by its diagonal Fisher information on `source_task`
    (Kirkpatrick et al. 2017, doi:10.1073/pnas.1611835114), estimated on `samples` training images
    with labels drawn, by `seed`, from the model's own predictions. The pitfall: Fisher values are
    tiny, so strengths are in the thousands or more; but if a step of the optimizer leaps across the
    penalty's narrow valley, a higher strength shakes the weights instead of holding them, and what
    is forgotten then depends on rounding. Stop raising it once forgetting no longer falls.

    >>> from cs826tl import load_backbone, load_task
    >>> model, source_task = load_backbone("small_vgg", weights="random"), load_task("digits")
    >>> EWC(model, source_task, strength=1e4, samples=2)(model, None, None).item()
    0.0
    """

    def __init__(
        self,
        model: StagedModel,
        source_task: Task,
        *,
        strength: float,
        samples: int = 200,
        seed: int = 0,
    ) -> None:
        self.strength = strength
        self.start = _stage_parameters(model)
        self.fisher = fisher_information(model, source_task, samples=samples, seed=seed)

    def __call__(self, model: StagedModel, inputs: Tensor | None, outputs: Tensor | None) -> Tensor:
        """Return the penalty, a scalar."""
        return self.strength / 2 * _weighted_distance(model, self.start, self.fisher)


class Distillation:
    """Learning without forgetting: keep the old model's answers on the new images.

    The penalty is `strength` times the cross-entropy between the old and the new model's softened
    answers of the old head, times the temperature squared (Li and Hoiem 2016, arXiv:1606.09282).
    The pitfall: it needs no source data, but the target's images must look a little like it.

    >>> from cs826tl import load_backbone
    >>> model = load_backbone("small_vgg", weights="random").eval()
    >>> images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    >>> Distillation(model, strength=1.0)(model, images, None).item() > 0
    True
    """

    def __init__(self, model: StagedModel, *, strength: float, temperature: float = 2.0) -> None:
        self.strength, self.temperature = strength, temperature
        self.old = deepcopy(model).requires_grad_(False).eval()

    def __call__(self, model: StagedModel, inputs: Tensor, outputs: Tensor | None) -> Tensor:
        """Return the penalty for a batch of `uint8` images, a scalar."""
        old = self.old.to(inputs.device)
        with torch.no_grad():
            wanted = F.softmax(old(inputs) / self.temperature, dim=1)
        if outputs is None or model.classes != old.classes:
            outputs = old.head(model.stages(model.preprocess(inputs)))
        said = F.log_softmax(outputs.float() / self.temperature, dim=1)
        return -self.strength * self.temperature**2 * (wanted * said).sum(1).mean()


class Replay:
    """Rehearse: add the loss on a few source images to every batch (Robins 1995).

    `images` pictures of `source_task` are drawn for each batch by `seed`; their loss counts
    `strength` times. `head` is the source task's own, if the model's head has other classes
    (doi:10.1080/09540099550039318).

    >>> from cs826tl import load_backbone, load_task
    >>> model, source_task = load_backbone("small_vgg", weights="random"), load_task("digits")
    >>> Replay(source_task, images=2)(model, None, None).item() > 0
    True
    """

    def __init__(
        self,
        source_task: Task,
        *,
        strength: float = 1.0,
        images: int = 32,
        head: torch.nn.Module | None = None,
        seed: int = 0,
    ) -> None:
        self.split, self.classes = source_task.train, source_task.classes
        self.strength, self.images, self.head = strength, images, head
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, model: StagedModel, inputs: Tensor | None, outputs: Tensor | None) -> Tensor:
        """Return the penalty, a scalar."""
        device = device_of(model)
        rows = torch.randint(len(self.split), (self.images,), generator=self.generator)
        labels = self.split.labels[rows]
        if self.head is None:
            if missing := [name for name in self.classes if name not in model.classes]:
                raise ValueError(
                    f"the model has no output for {', '.join(missing[:5])} of the source task; "
                    f"give Replay the head that has: head=source_model.head"
                )
            labels = torch.tensor([model.classes.index(self.classes[k]) for k in labels])
        head = (self.head or model.head).to(device)
        scores = head(model.stages(model.preprocess(place(self.split.inputs[rows], device))))
        return self.strength * F.cross_entropy(scores, labels.to(device))


def fisher_information(
    model: StagedModel, task: Task, *, samples: int = 200, seed: int = 0
) -> dict[str, Tensor]:
    """Return the diagonal Fisher information of every stage parameter.

    It says how much the model's answers on the task's training images depend on that parameter: it
    is the mean, over images, of the squared gradient of the log-probability of a label drawn from
    the model's own prediction, in evaluation mode. `samples` images and the labels are drawn by
    `seed`. Frozen parameters count too, as they may be unfrozen later.

    >>> from cs826tl import load_backbone, load_task
    >>> model, task = load_backbone("small_vgg", weights="random"), load_task("digits")
    >>> bool(fisher_information(model, task, samples=2)["block1.0.weight"].min() >= 0)
    True
    """
    model = deepcopy(model).requires_grad_(True).eval()
    generator = torch.Generator().manual_seed(seed)
    parameters = dict(model.stages.named_parameters())
    fisher = {name: torch.zeros_like(p) for name, p in parameters.items()}
    rows = torch.randperm(len(task.train), generator=generator)[:samples]
    with torch.enable_grad():
        for image in task.train.inputs[rows].split(1):
            scores = model(place(image, device_of(model)))
            label = torch.multinomial(scores.detach().softmax(1).cpu(), 1, generator=generator)
            log_probability = -F.cross_entropy(scores, label[0].to(scores.device))
            gradients = torch.autograd.grad(log_probability, list(parameters.values()))
            for name, gradient in zip(parameters, gradients, strict=True):
                fisher[name] += gradient.square() / len(rows)
    return fisher


def _stage_parameters(model: StagedModel) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in model.stages.named_parameters()}


def _weighted_distance(
    model: StagedModel, start: Mapping[str, Tensor], weights: Mapping[str, Tensor] | None
) -> Tensor:
    """Return the sum over stage parameters of weight times squared distance from the start."""
    total = torch.zeros((), device=device_of(model))
    for name, parameter in model.stages.named_parameters():
        if parameter.requires_grad:  # a frozen one cannot have gone anywhere
            square = (parameter - start[name].to(parameter.device)).square()
            weight = 1.0 if weights is None else weights[name].to(parameter.device)
            total = total + (weight * square).sum()
    return total
