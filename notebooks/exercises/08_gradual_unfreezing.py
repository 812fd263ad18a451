"""Rubric of exercise 08."""

import math

from cs826tl.grading import Function, Text, Value


def draw_variant(rng):
    return {"factor": round(float(rng.uniform(2, 3)), 2), "steps": int(rng.integers(50, 200))}


def slanted_rate(variant, step, steps, cut=0.1, ratio=32):
    turn = math.floor(steps * cut)
    p = step / turn if step < turn else 1 - (step - turn) / (turn * (1 / cut - 1))
    return (1 + p * (ratio - 1)) / ratio


def some_steps(rng, variant):
    for _ in range(20):
        steps = int(rng.integers(20, 500))
        yield int(rng.integers(0, steps)), steps


QUESTIONS = (
    Function(
        "slanted_rate",
        3,
        "Up to the cut it rises.",
        slanted_rate,
        some_steps,
        examples=[(0, 100), (10, 100)],
    ),
    Value("lowest_share", 1, "Each stage down divides once.", lambda v: v["factor"] ** -2),
    Text("why_last_first", 2, ["names generality"]),
)
