"""The same on MiniLM, which reads opinions on products, changed cheaply and dearly [N01 to N03]."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache

import torch
from torch import nn

from cs826tl.data.loading import few_shot
from cs826tl.data.reviews import load_reviews
from cs826tl.data.tasks import Split, Task
from cs826tl.methods.text import load_sentence_network, text_task, word_pieces
from cs826tl.networks.staging import StagedModel
from cs826tl.training.adapters import add_lora
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze, unfreeze

SHOTS, LENGTH, BATCH, EPOCHS = 50, 32, 16, 10  # of each class; word pieces; texts of a step
DOMAINS = ("films", "amazon", "editorials", "tweets")
FILED = 200  # texts of each domain to learn from, and as many to test
HEAD_EPOCHS, HEAD_RATE = 30, 1e-3
# Of each way the rate that is best on validation texts, with other labels: tools.tuning.
RATES = {"biases": 3e-4, "LoRA": 3e-4, "everything": 3e-5, "everything, a third of the rate": 1e-5}


def products(domain: str = "amazon") -> Task:
    """Return what people think of products, or of another domain, as numbers of word pieces."""
    return text_task(load_reviews(domain), length=LENGTH, tokenizer=word_pieces)


def labelled(seed: int = 0) -> Task:
    """Return the opinions on products, of which 50 of each class are labelled."""
    task = few_shot(products(), SHOTS, seed)
    return replace(task, validation=task.validation[:10])  # nothing is chosen while it trains


@lru_cache(maxsize=1)
def archive() -> tuple[Task, nn.Module]:
    """Return an older task, where a text comes from, and the head that reads it off the codes."""
    splits = []
    for name in ("train", "validation", "test"):
        parts = [getattr(products(domain), name) for domain in DOMAINS]
        mixed = torch.Generator().manual_seed(0)
        rows = [torch.randperm(len(part), generator=mixed)[:FILED] for part in parts]
        inputs = torch.cat([part.inputs[some] for part, some in zip(parts, rows, strict=True)])
        labels = [torch.full((len(some),), label) for label, some in enumerate(rows)]
        splits.append(Split(inputs, torch.cat(labels)))
    train, validation, test = splits
    task = Task("archive", DOMAINS, train, validation, test, origin="opinions of four domains")
    model = load_sentence_network(DOMAINS)
    fit(freeze(model), replace(task, validation=task.validation[:10]), epochs=30, lr=3e-3)
    return task, model.head


def only_a_head(seed: int = 0) -> StagedModel:
    """Return MiniLM with a head that has learnt the opinions from its frozen codes."""
    task = labelled(seed)
    model = freeze(load_sentence_network(task.classes, seed=seed))
    fit(model, task, epochs=HEAD_EPOCHS, lr=HEAD_RATE, batch_size=BATCH, seed=seed)
    return model


def only_biases(model: StagedModel) -> StagedModel:
    """Freeze all but the head and the biases."""
    for name, parameter in unfreeze(model).stages.named_parameters():
        parameter.requires_grad = name.endswith("bias")
    return model


WAYS: dict[str, Callable[[StagedModel], StagedModel]] = {
    "biases": only_biases,
    "LoRA": lambda model: add_lora(model, rank=4),
    "everything": unfreeze,
    "everything, a third of the rate": unfreeze,
}


def changed(start: StagedModel, way: str, seed: int = 0, *, lr: float | None = None) -> StagedModel:
    """Return a copy of the network that has learnt the opinions in this way."""
    model = WAYS[way](deepcopy(start))
    lr = RATES[way] if lr is None else lr
    fit(model, labelled(seed), epochs=EPOCHS, lr=lr, batch_size=BATCH, seed=seed)
    return model


def seen(model: StagedModel, split: str = "test") -> dict[str, float]:
    """Return the shares right of other opinions, and of the archive."""
    task, head = archive()
    right = evaluate(model, products(), split), evaluate(model, task, split, head=head)
    return dict(zip(("opinions", "archive"), right, strict=True))


def cheap_and_dear(seed: int) -> dict[str, dict[str, float]]:
    """Return what each way reads and keeps, with the head alone as the first."""
    start = only_a_head(seed)
    return {"head": seen(start)} | {way: seen(changed(start, way, seed)) for way in RATES}
