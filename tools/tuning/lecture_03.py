"""Trial C04: epochs, the other tasks' weight, the second stage's rates, on validation pictures.

Usage: `python -m tools.tuning.lecture_03`. Seeds 100–104.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn

import cs826tl as tl

SEEDS = range(100, 105)
RELATED = ("odd", "high", "loop")
BESIDE = {"loop": ("loop",), "three related": RELATED, "pen": ("bold",), "coin": ("coin",)}


def together(names: tuple[str, ...], weight: float, epochs: int) -> float:
    """Return the digits' mean validation accuracy beside other questions on 300 new pictures."""
    digits, found = tl.load_task("digits"), []
    for seed in SEEDS:
        tasks = {"digit": tl.few_shot(digits, 3, seed)}
        tasks |= {name: tl.few_shot(tl.data.ask(digits, name), 150, seed) for name in names}
        fresh = tl.load_backbone("small_vgg", weights="random", seed=seed)
        models = tl.methods.multitask.with_heads(fresh, tasks, seed=seed)
        weights = {"digit": 1.0} | dict.fromkeys(names, weight)
        tl.methods.multitask.fit_together(models, tasks, weights=weights, epochs=epochs, seed=seed)
        found.append(tl.evaluate(models["digit"], digits, "validation"))
    return sum(found) / len(found)


def second_stage(lr: float, frozen: bool) -> float:
    """Return the mean validation accuracy after two stages; the first learns related questions."""
    digits, found = tl.load_task("digits"), []
    for seed in SEEDS:
        tasks = {name: tl.few_shot(tl.data.ask(digits, name), 150, seed) for name in RELATED}
        fresh = tl.load_backbone("small_vgg", weights="random", seed=seed)
        first = tl.methods.multitask.with_heads(fresh, tasks, seed=seed)
        tl.methods.multitask.fit_together(first, tasks, epochs=6, seed=seed)
        model = tl.with_head(first["loop"], digits.classes, seed=seed)
        if frozen:
            tl.freeze(model)
        tl.fit(model, tl.few_shot(digits, 3, seed), epochs=60, lr=lr, seed=seed)
        found.append(tl.evaluate(model, digits, "validation"))
    return sum(found) / len(found)


def photographs(ways: list[tuple[float, int, float]]) -> pd.DataFrame:
    """Return how many of 1,000 validation photographs are named rightly, a column for each way.

    A way is a rate, a number of steps, and the other questions' weight; three labels of each kind.
    """
    task, lite = tl.load_task("cifar10", shots=200), tl.load_backbone("efficientnet_lite0", size=96)
    held_out = tl.load_task("cifar10").validation[torch.arange(0, 5000, 5)]
    x, x_held = (tl.encode(lite, s.inputs).cpu() for s in (task.train, held_out))
    y = {name: tl.data.ask(task, name).train.labels for name in ("animal", "habitat")}
    y["kind"] = task.train.labels

    def named(names: tuple[str, ...], way: tuple[float, int, float], seed: int) -> float:
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
        few = torch.cat([order[y["kind"][order] == k][:3] for k in range(10)])
        torch.manual_seed(seed)
        trunk = nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU())
        heads = nn.ModuleDict({name: nn.Linear(64, int(y[name].max()) + 1) for name in names})
        optimizer = torch.optim.Adam([*trunk.parameters(), *heads.parameters()], lr=way[0])
        for _ in range(way[1]):
            optimizer.zero_grad()
            for name in names:
                rows, weight = (few, 1.0) if name == "kind" else (order[:500], way[2])
                scores = heads[name](trunk(x[rows]))
                (weight * nn.functional.cross_entropy(scores, y[name][rows])).backward()
            optimizer.step()
        return float((heads["kind"](trunk(x_held)).argmax(1) == held_out.labels).double().mean())

    both = ("kind", "animal", "habitat")
    return pd.DataFrame({
        str(way): {
            label: sum(named(names, way, seed) for seed in SEEDS) / len(SEEDS)
            for label, names in {"alone": both[:1], "together": both}.items()
        }
        for way in ways
    })  # fmt: skip


def main() -> None:
    """Print the tables."""
    print("alone, by epochs:", {e: round(together((), 1, e), 3) for e in (60, 120)})
    ways = [(weight, epochs) for weight in (1, 0.1) for epochs in (6, 12)]
    beside = {way: [together(names, *way) for names in BESIDE.values()] for way in ways}
    print("beside other questions, by their weight and the epochs")
    print(pd.DataFrame(beside, index=list(BESIDE)).round(3), flush=True)
    for frozen in (True, False):
        table = {lr: round(second_stage(lr, frozen), 3) for lr in (1e-3, 3e-3, 1e-2)}
        print("second stage,", "frozen" if frozen else "fine-tuned", "by rate:", table, flush=True)
    print("photographs, by the rate, the steps, the other questions' weight")
    settings = [(1e-3, 50, 3.0), (1e-3, 100, 0.3), (1e-3, 100, 1.0), (1e-3, 100, 3.0)]
    settings += [(1e-3, 100, 10.0), (1e-3, 200, 3.0), (3e-3, 100, 3.0)]
    print(photographs(settings).T.round(3))


if __name__ == "__main__":
    main()
