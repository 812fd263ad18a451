"""fastai: a Learner frozen up to the stages that train; batch normalisation trains on, as ever.

https://docs.fast.ai/learner.html, https://docs.fast.ai/tutorial.vision.html.
"""

from fastai.basics import CrossEntropyLossFlat, DataLoader, DataLoaders, Learner, accuracy, params
from torch import nn
from torch.utils.data import TensorDataset

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import frozen_prefix


def train(model: StagedModel, task: Task, epochs: int, lr: float, batch_size: int) -> None:
    """Train with `Learner.fit` after `Learner.freeze_to`."""
    loaders = DataLoaders(
        *(
            DataLoader(
                list(TensorDataset(split.inputs, split.labels)),
                bs=batch_size, shuffle=shuffle, num_workers=0,
            )
            for split, shuffle in ((task.train, True), (task.validation, False))
        )
    )  # fmt: skip
    prefix = frozen_prefix(model)

    def splitter(model: nn.Module) -> list[list[nn.Parameter]]:
        stages = list(model.stages)
        groups = [stages[:prefix], [*stages[prefix:], model.head]]
        return [params(nn.Sequential(*group)) for group in groups if group]

    learner = Learner(
        loaders, model, loss_func=CrossEntropyLossFlat(), splitter=splitter, metrics=accuracy
    )
    if prefix:
        learner.freeze_to(-1)
    else:
        learner.unfreeze()
    with learner.no_logging():
        learner.fit(epochs, lr)
