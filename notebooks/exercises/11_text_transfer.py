"""The rubric of exercise 11: what a language model knows, and what of it is kept."""

import numpy as np
import torch

import cs826tl as tl
from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.trained import ask_what_was_trained

BAR, WORDS, LINES, TEST = 0.85, 30, 300, 600  # words of each language, labelled lines, hidden ones
LENGTH = 40  # characters of a line, which the language model was trained on


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


def reader():
    """Return the language model of question 4 with a new head for two languages."""
    tl.fetch("char_lstm")
    return tl.methods.text.with_text_head(
        tl.methods.text.load_language_model(), ["first", "second"]
    )


def some_languages(rng, variant):
    """Draw two made-up languages, and lines of both: one case, for it takes a second."""
    languages = [_made_up_words(rng) for _ in range(2)]
    yield Case(_written(rng, languages, LINES), truth=_written(rng, languages, TEST))


def _made_up_words(rng):
    consonants, vowels = list("bdfgklmnprstvz"), list("aeiou")
    syllables = rng.integers(1, 4, WORDS)
    return [
        "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(n)) for n in syllables
    ]


def _written(rng, languages, count):
    labels = rng.permutation(np.arange(count) % 2)
    return [" ".join(rng.choice(languages[k], 20))[:LENGTH] for k in labels], labels


def reads_unmoved(variant, case, got):
    """Return what is wrong with the classifier's state, if anything."""
    if wrong := _unfit(got):
        return wrong
    return "" if _right(case, got) >= BAR else "below the bar of 85 %"


def what_it_took(variant, case, got):
    """Return what to ask about the accuracy and the parameters, and the answer."""
    if wrong := _unfit(got):
        raise ValueError(wrong)
    reached = f"reached {100 * _right(case, got):.0f} % on {TEST} new lines"
    return ask_what_was_trained("train_a_head", _given(), got, reached)


def _given():
    return {name: value.numpy() for name, value in reader().state_dict().items()}


def _unfit(got):
    given = _given()
    if not isinstance(got, dict) or {n: np.shape(got[n]) for n in got} != {
        n: value.shape for n, value in given.items()
    }:
        return "not the state of this classifier: the same names and shapes"
    state = {name: np.asarray(value) for name, value in got.items()}
    if any(n.startswith("stages.") and not np.array_equal(state[n], given[n]) for n in given):
        return "a state whose stages are not those of the language model"
    return ""


def _right(case, got):
    model, state = reader(), {name: np.asarray(value) for name, value in got.items()}
    model.load_state_dict({name: torch.as_tensor(value) for name, value in state.items()})
    texts, labels = case.truth
    lines = tl.methods.text.load_tokenizer()(texts, LENGTH)
    return tl.evaluate(model, (lines, labels), device="cpu")


def head_on_codes(variant, texts, labels):
    """Return the state after training the head alone."""
    model, lines = tl.freeze(reader()), tl.methods.text.load_tokenizer()(texts, LENGTH)
    tl.fit(model, (lines, labels), epochs=30, lr=1e-2, device="cpu", progress=False)
    return model.state_dict()


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
        "train_a_head",
        points=3,
        hint="Freeze the stages before you train. The head is small: it takes dozens of epochs at "
        "a high rate, such as 0.01, which cost little once the codes are known.",
        solution=head_on_codes,
        cases=some_languages,
        check=reads_unmoved,
        talk=what_it_took,
        examples=[(["bado kili", "mu fese", "kili bado", "fese mu mu"] * 5, np.arange(20) % 2)],
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
