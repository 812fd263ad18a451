"""The ImageNet explorer: WordNet's tree over the 1000 classes, and the network's best five."""

from __future__ import annotations

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.widgets.imagenet.controller import ImagenetController
from cs826tl.widgets.kit.explorer import Explorer


def imagenet_explorer(
    backbone: StagedModel, task: Task, *, word: str = "vehicle", photo: int = 0
) -> Explorer:
    """Return an explorer of ImageNet's classes and of the network's guesses at photographs [C10].

    The photographs are the task's test images; their classes are the backbone's. It opens at the
    first noun that `word` finds, and on the photograph of that number, counted from 0.

    Raises `ValueError` for a model without ImageNet's 1000 classes, or a word that is not there.

    >>> from cs826tl import load_backbone, load_task
    >>> imagenet_explorer(load_backbone("small_vgg", weights="random"), load_task("digits"))
    Traceback (most recent call last):
    ValueError: the model has 10 classes, not ImageNet's 1000: load_backbone gives one with ...
    """
    return Explorer(ImagenetController(backbone, task, word, photo))
