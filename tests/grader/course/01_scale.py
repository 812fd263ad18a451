"""The rubric of a small exercise for tests: one function, one value, one text."""

from cs826tl_grader import Function, Text, Value


def draw_variant(rng):
    return {"factor": int(rng.integers(2, 10))}


def scale(variant, x, factor):
    return x * factor + 1


def some_numbers(rng, variant):
    yield 1.0, 2.0
    for _ in range(5):
        yield float(rng.uniform(50, 99)), float(rng.uniform(50, 99))


QUESTIONS = (
    Function("scale", 3, "Multiply, then add one.", scale, some_numbers, examples=[(1.0, 3.0)]),
    Value("smallest", 1, "One less than the factor.", lambda variant: variant["factor"] - 1),
    Text("why", 2, ["says why"]),
)
