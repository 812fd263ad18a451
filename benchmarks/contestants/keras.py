"""Keras 3 on PyTorch: the frozen stages as one layer that is not trainable, then `fit`.

https://keras.io/guides/transfer_learning/. Keras has no EfficientNet-Lite0, so the stages are the
same PyTorch modules as everywhere, each part wrapped as a Keras layer (`TorchModuleWrapper`).
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras.layers import TorchModuleWrapper
from torch import nn

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import frozen_prefix


def train(model: StagedModel, task: Task, epochs: int, lr: float, batch_size: int) -> None:
    """Train with `Model.fit`."""
    stages, prefix = list(model.stages), frozen_prefix(model)
    below = TorchModuleWrapper(nn.Sequential(model.preprocess, *stages[:prefix]))
    below.trainable = False
    above = TorchModuleWrapper(nn.Sequential(*stages[prefix:], model.head))
    network = keras.Sequential([below, above])
    network.compile(
        optimizer=keras.optimizers.AdamW(lr),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    data = [(split.inputs.numpy(), split.labels.numpy()) for split in (task.train, task.validation)]
    network.fit(*data[0], batch_size=batch_size, epochs=epochs, validation_data=data[1], verbose=0)
