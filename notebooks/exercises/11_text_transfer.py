"""The rubric of exercise 11: what a language model knows, and what of it is kept."""

import numpy as np

from cs826tl.grading import Function, Text, Value


def draw_variant(rng):
    """Return the probabilities of four characters: powers of two, no two alike."""
    powers = rng.permutation(6)[:4] + 1
    return {"probabilities": (0.5**powers).tolist()}


def bits(variant):
    """Return the mean of the negative logarithms to base 2."""
    return float(-np.log2(variant["probabilities"]).mean())


def make_windows(variant, numbers, length):
    """Return what stands before each number but the first, padded in front, and the number."""
    rows = np.zeros((len(numbers) - 1, length), dtype=int)
    for k in range(1, len(numbers)):
        before = numbers[max(0, k - length) : k]
        rows[k - 1, length - len(before) :] = before
    return {"inputs": rows, "labels": np.array(numbers[1:])}


def some_texts(rng, variant):
    """Draw texts shorter than a window, as long, longer, and one of a single character."""
    for count, length in ((2, 5), (5, 5), (6, 5), (12, 4), (3, 1)):
        yield (rng.integers(1, 90, count).tolist(), length)
    for _ in range(6):
        yield (rng.integers(1, 90, int(rng.integers(2, 30))).tolist(), int(rng.integers(2, 12)))


def covering_pairs(variant, whole, without_one, without_two):
    """Return the pairs that do together at least 0.2 more than each does alone, added up."""
    lost = whole - without_one
    count = len(lost)
    return [
        [i, j]
        for i in range(count)
        for j in range(i + 1, count)
        if whole - without_two[i, j] >= lost[i] + lost[j] + 0.2
    ]


def some_sentences(rng, variant):
    """Draw what a model answers without one word and without two; some pairs cover."""
    for count, pairs in ((4, []), (5, [(0, 4)]), (5, [(0, 1), (2, 3)]), (6, [(1, 3), (1, 5)])):
        yield _answers(rng, count, pairs)
    for _ in range(4):
        i, j = sorted(rng.permutation(6)[:2].tolist())
        yield _answers(rng, 6, [(i, j)])


def _answers(rng, count, pairs):
    whole, lost = 0.875, rng.integers(0, 4, count) / 32
    for k in set(range(count)) - {k for pair in pairs for k in pair}:
        lost[k] = 0.25 if k < 2 else lost[k]  # strong on their own: they do not cover
    two = whole - lost[:, None] - lost[None, :]
    for i, j in pairs:
        two[i, j] = two[j, i] = two[i, j] - 0.25
    np.fill_diagonal(two, whole - lost)
    return whole, whole - lost, two


def choose_rate(variant, rates, target, others, before, allowed):
    """Return the rate with the lowest mean target bits among those that forget little enough."""
    target, forgotten = np.mean(target, axis=1), np.mean(others, axis=1) - before
    fit = [k for k in range(len(rates)) if forgotten[k] <= allowed]
    return min(((target[k], rates[k]) for k in fit), default=(None, None))[1]


def some_runs(rng, variant):
    """Draw runs: the best forgets too much, none is allowed, one seed lies, on the limit, a tie.

    All numbers are sixty-fourths, so that a mean on the limit is on it exactly.
    """
    for target, others, widths in (
        ([1.75, 2.0, 1.9375], [3.5, 2.5, 3.0], (0, 0, 0)),
        ([1.75, 2.0, 1.9375], [3.5, 3.25, 3.0], (0, 0, 0)),
        ([2.0, 1.9375, 1.75], [2.5, 2.5, 2.5], (0.5, 0.5, 0)),
        ([1.75, 2.0, 1.9375], [3.0, 2.5, 2.5], (0.5, 0.5, 0.5)),
        ([1.75, 2.0, 1.9375], [2.75, 2.5, 3.0], (0, 0, 0)),
        ([1.9375, 1.9375, 2.0], [2.5, 2.5, 2.5], (0, 0, 0)),
    ):
        order = rng.permutation(3)
        rates = (10.0 ** -rng.permutation(5)[:3] * rng.choice([1, 3])).tolist()
        wobble = np.outer(widths, rng.permutation([-1, 0, 1]))  # one seed lies, the mean does not
        easier, before = rng.integers(0, 64, 2) / 64
        found = np.array(target)[:, None] - easier + wobble
        kept = np.array(others)[:, None] + before - wobble
        yield rates, found[order], kept[order], 2.5 + float(before), 0.25


QUESTIONS = (
    Value(
        "bits",
        points=1,
        hint="How many times do you halve 1 to get the probability? That many bits.",
        solution=bits,
    ),
    Function(
        "make_windows",
        points=2,
        hint="The first window holds the first number alone, at its right end.",
        solution=make_windows,
        cases=some_texts,
        examples=[([7, 8, 9], 2), ([5, 6], 4)],
    ),
    Function(
        "covering_pairs",
        points=3,
        hint="What does each word lose alone? What should two lose if they did not cover?",
        solution=covering_pairs,
        cases=some_sentences,
        as_set=True,
        examples=[
            (
                0.875,
                np.array([0.875, 0.8125, 0.625]),
                np.array([[0.875, 0.5, 0.625], [0.5, 0.8125, 0.5625], [0.625, 0.5625, 0.625]]),
            )
        ],
    ),
    Function(
        "choose_rate",
        points=3,
        hint="Means over the seeds first; then throw out what forgets too much; then choose.",
        solution=choose_rate,
        cases=some_runs,
        examples=[
            (
                [0.01, 0.001],
                np.array([[1.75, 1.75], [2.0, 2.0]]),
                np.array([[3.0, 3.0], [2.5, 2.75]]),
                2.5,
                0.25,
            )
        ],
    ),
    Text(
        "fewer_bits",
        points=2,
        criteria=(
            "1 point: fewer bits mean better guesses of the next character, which is another task; "
            "what helps there (spelling, frequent words) need not tell an opinion",
            "1 point: a check that could settle it, with a reason: the same classifier over codes "
            "before and after tuning on several seeds, against counts of words and a bound; "
            "or another pre-trained model whose source task is nearer",
        ),
    ),
)
