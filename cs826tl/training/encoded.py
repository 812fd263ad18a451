"""The splits that a training learns from and is measured on, run once through its frozen stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import Encoding
from cs826tl.training.evaluation import Measuring
from cs826tl.training.examples import Examples, body_above, examples, prefix_to_encode
from cs826tl.training.history import Doing, Step
from cs826tl.training.preconditions import VALIDATION, Watched


class EncodedSplits:
    """The training split, the validation split and those of the watched tasks, as codes.

    After `encode`, `train` is what to learn from, and `body` is what is left to run between codes
    and head. When other parts are frozen than before, `encode` again.

    The constructor raises `ValueError` for a split that is empty or that the model cannot read.
    """

    train: Examples
    body: nn.Sequential

    def __init__(
        self, model: StagedModel, task: Task, watch: Mapping[str, Watched], precision: str
    ) -> None:
        self._model, self._precision = model, precision
        self._to_train = examples(model, task, "train")
        self._to_measure = {VALIDATION: examples(model, task, VALIDATION)}
        for name, given in watch.items():
            watched, head = given if isinstance(given, tuple) else (given, None)
            self._to_measure[name] = examples(model, watched, VALIDATION, head)

    def encode(self) -> Iterator[Step]:
        """Run the frozen stages over all splits."""
        stages = prefix_to_encode(self._model, self._to_train.inputs)
        encoded: dict[str | None, Examples] = {}
        for name, split in ((None, self._to_train), *self._to_measure.items()):
            encoding = Encoding(self._model, split.inputs, stages, self._precision)
            for images in encoding:
                yield Step(Doing.ENCODING, images)
            encoded[name] = split.with_codes(encoding.codes)
        self.train = encoded.pop(None)
        self._measured = encoded
        self.body = body_above(self._model, stages)

    def measure(self, row: dict[str, float], number_type: torch.dtype) -> Iterator[Step]:
        """Add to the row: the accuracy on every split but the training one, the loss on one."""
        self._model.eval()  # and so it stays while you look at it between epochs
        for name, split in self._measured.items():
            measuring = Measuring(self.body, split, number_type)
            for _ in measuring:
                yield Step(Doing.MEASURING)
            row[f"{name}_accuracy"] = measuring.accuracy
            if name == VALIDATION:
                row["validation_loss"] = measuring.loss
