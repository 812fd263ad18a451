"""Questions about digits: the pictures stay, the answers are what the question says."""

import numpy as np
import pytest
import torch
from skimage.measure import moments_central
from skimage.transform import AffineTransform, warp

from cs826tl.data.loading import load_task
from cs826tl.data.questions import DIGIT_QUESTIONS, ask, relabel, slant
from cs826tl.data.tasks import Split

DIGITS = load_task("digits")
SPLITS = ("train", "validation", "test")


@pytest.mark.parametrize("question", DIGIT_QUESTIONS)
def test_a_question_changes_labels_and_nothing_else(question: str) -> None:
    task = ask(DIGITS, question)
    assert task.name == question
    assert task.origin == DIGITS.origin
    for split in SPLITS:
        asked, known = task.split(split), DIGITS.split(split)
        assert torch.equal(asked.inputs, known.inputs)
        assert asked.labels.dtype == torch.int64
        assert len(asked.labels) == len(known)
        assert set(asked.labels.tolist()) == set(range(len(task.classes)))


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("digit", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("odd", [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]),
        ("high", [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
        ("loop", [1, 0, 0, 0, 0, 0, 1, 0, 1, 1]),
    ],
)
def test_answers_that_follow_from_the_digit(question: str, answers: list[int]) -> None:
    for split in SPLITS:
        asked = ask(DIGITS, question).split(split)
        assert asked.labels.tolist() == [answers[k] for k in DIGITS.split(split).labels]


@pytest.mark.parametrize("question", ["slant", "bold"])
def test_what_is_measured_halves_the_training_pictures(question: str) -> None:
    answers = ask(DIGITS, question).train.labels.double()
    assert abs(answers.mean() - 0.5) < 0.01


def test_bold_is_the_pictures_with_more_ink() -> None:
    ink = DIGITS.test.inputs.double().sum((1, 2, 3))
    bold = ask(DIGITS, "bold").test.labels.bool()
    assert ink[bold].min() > ink[~bold].max()


def test_slant_is_that_of_the_image_moments() -> None:
    images = DIGITS.test.inputs[:50]
    measured = slant(images)
    for image, found in zip(images[:, 0].numpy(), measured, strict=True):
        moments = moments_central(image.astype(float))
        assert float(found) == pytest.approx(-moments[1, 1] / moments[2, 0], abs=1e-4)


def test_a_sheared_picture_leans_by_as_much_more() -> None:
    image = np.zeros((41, 41))
    image[8:33, 18:23] = 255
    for shear in (-0.5, 0.0, 0.3):  # columns across for a row up
        around = AffineTransform(translation=(20, 20))
        lean = AffineTransform(matrix=np.array([[1, -shear, 0], [0, 1, 0], [0, 0, 1]]))
        leaning = warp(image, (around.inverse + lean + around).inverse, preserve_range=True)
        picture = torch.from_numpy(leaning.round().astype(np.uint8))[None, None]
        assert float(slant(picture)) == pytest.approx(shear, abs=0.02)


def test_an_empty_picture_leans_nowhere() -> None:
    assert slant(torch.zeros(1, 1, 8, 8, dtype=torch.uint8)).tolist() == [0.0]


def test_the_coin_knows_nothing_of_the_digit_and_falls_alike_each_time() -> None:
    coin = ask(DIGITS, "coin").train.labels
    assert torch.equal(coin, ask(DIGITS, "coin").train.labels)
    assert abs(coin.double().mean() - 0.5) < 0.05
    by_digit = [coin[DIGITS.train.labels == digit].double().mean() for digit in range(10)]
    assert max(by_digit) - min(by_digit) < 0.25


def test_a_rule_of_ones_own() -> None:
    prime = relabel(DIGITS, "prime", ("no", "yes"), lambda split: split.labels == 7)
    assert prime.test.labels.sum() == (DIGITS.test.labels == 7).sum()
    assert prime.name == "prime"


@pytest.mark.parametrize("wrong", [2, -1])
def test_a_label_without_a_class_is_refused(wrong: int) -> None:
    def rule(split: Split) -> torch.Tensor:
        return torch.full((len(split),), wrong)

    with pytest.raises(ValueError, match=rf"'prime' returns labels from {wrong} to {wrong}; .* 2"):
        relabel(DIGITS, "prime", ("no", "yes"), rule)


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="1157 inputs but 3 labels"):
        relabel(DIGITS, "three", ("no", "yes"), lambda split: split.labels[:3] > 1)


def test_an_unknown_question_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no question named 'loops'\. Did you mean 'loop'"):
        ask(DIGITS, "loops")


def test_questions_need_the_ten_digits() -> None:
    with pytest.raises(
        ValueError, match=r"'digits_0_4' has other classes: .*load_task\('digits'\)"
    ):
        ask(load_task("digits_0_4"), "odd")
