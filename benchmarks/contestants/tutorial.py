"""The loop of PyTorch's transfer-learning tutorial: two phases an epoch, over data loaders.

https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html. Its data loaders have
worker processes, which decode picture files; here all images lie decoded in memory, so there are
none. AdamW takes the place of its SGD, as in every contestant.
"""

import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel


def train(
    model: StagedModel, task: Task, epochs: int, lr: float, batch_size: int
) -> list[tuple[float, float]]:
    """Train; return the seconds so far and the accuracy on validation after every epoch."""
    start = time.perf_counter()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lr)
    loaders = {
        name: DataLoader(TensorDataset(split.inputs, split.labels), batch_size, shuffle=True)
        for name, split in (("train", task.train), ("val", task.validation))
    }
    rows = []
    for _ in range(epochs):
        for phase in ("train", "val"):
            model.train(phase == "train")
            running_loss, running_corrects = 0.0, torch.tensor(0)
            for inputs, labels in loaders[phase]:
                inputs = inputs.to(device)
                labels = labels.to(device)
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    _, predictions = torch.max(outputs, 1)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                running_corrects = running_corrects + torch.sum(predictions == labels.data)
        accuracy = running_corrects.item() / len(task.validation)
        rows.append((time.perf_counter() - start, accuracy))
    return rows
