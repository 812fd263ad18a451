"""Lecture 03: epochs, the other tasks' weight, and the second stage's rates, on validation digits.

Usage: `python -m tools.tuning.lecture_03`. Seeds 100–104.
"""

from __future__ import annotations

import pandas as pd

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


if __name__ == "__main__":
    main()
