"""Lightning: a LightningModule, a Trainer, and the callback BaseFinetuning for what is frozen.

https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.BaseFinetuning.html. As
its documents have it, batch normalisation trains on in frozen stages (`train_bn=True`).
"""

import logging
import warnings

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import BaseFinetuning
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import frozen_prefix


class Classifier(L.LightningModule):
    """The model with its loss and its optimizer."""

    def __init__(self, model: StagedModel, lr: float) -> None:
        super().__init__()
        self.model, self.lr = model, lr

    def training_step(self, batch: list[Tensor], batch_index: int) -> Tensor:
        """Return the loss on a batch."""
        inputs, labels = batch
        return F.cross_entropy(self.model(inputs), labels)

    def validation_step(self, batch: list[Tensor], batch_index: int) -> None:
        """Add a batch to the accuracy on validation."""
        inputs, labels = batch
        right = self.model(inputs).argmax(1) == labels
        self.log("accuracy", right.float().mean(), batch_size=len(labels))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW over what trains."""
        return torch.optim.AdamW(filter(lambda p: p.requires_grad, self.parameters()), lr=self.lr)


class Freeze(BaseFinetuning):
    """Keep the stages at the bottom frozen."""

    def __init__(self, frozen: list[nn.Module]) -> None:
        super().__init__()
        self.frozen = frozen

    def freeze_before_training(self, pl_module: L.LightningModule) -> None:
        """Freeze them."""
        self.freeze(self.frozen)

    def finetune_function(
        self, pl_module: L.LightningModule, epoch: int, optimizer: torch.optim.Optimizer
    ) -> None:
        """Unfreeze nothing later."""


def train(model: StagedModel, task: Task, epochs: int, lr: float, batch_size: int) -> None:
    """Train with `Trainer.fit`, without its logger, checkpoints and bars."""
    warnings.filterwarnings("ignore", module="lightning")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    frozen = list(model.stages)[: frozen_prefix(model)]
    trainer = L.Trainer(
        max_epochs=epochs, callbacks=[Freeze(frozen)] if frozen else [], logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(
        Classifier(model, lr),
        DataLoader(TensorDataset(task.train.inputs, task.train.labels), batch_size, shuffle=True),
        DataLoader(TensorDataset(task.validation.inputs, task.validation.labels), batch_size),
    )
