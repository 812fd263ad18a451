"""What comes back from training is taken as weights, or refused; and nothing frozen may move."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from cs826tl.grading.exercise.trained import (
    NO_WEIGHTS,
    PARTS,
    accuracy,
    judge_retrained,
    moved,
    received,
    small_vgg,
    weights_of,
)

Change = Callable[[dict[str, Any]], Any]
BEFORE = weights_of(small_vgg())
REFUSED: dict[str, Change] = {
    "a tensor is missing": lambda w: {n: t for n, t in w.items() if n != "head.bias"},
    "one too many": lambda w: w | {"scale": torch.ones(1)},
    "another shape": lambda w: w | {"head.bias": torch.ones(11)},
    "another type": lambda w: w | {"head.bias": torch.ones(10, dtype=torch.float64)},
    "not a number": lambda w: w | {"head.bias": torch.full((10,), torch.nan)},
    "no tensor": lambda w: w | {"head.bias": [0.0] * 10},
    "a list": lambda w: list(w.values()),
    "nothing": lambda w: None,
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_are_no_weights_is_refused(what: str) -> None:
    got = REFUSED[what](dict(BEFORE))
    assert received(got) is None
    held_out = torch.zeros(1, 3, 8, 8, dtype=torch.uint8), torch.zeros(1)
    assert judge_retrained(BEFORE, got, ["head"], held_out, 0.0) == NO_WEIGHTS


def test_arrays_count_as_tensors() -> None:
    got = received({name: tensor.numpy() for name, tensor in BEFORE.items()})
    assert got is not None
    assert not moved(BEFORE, got, free=[])


def test_every_tensor_belongs_to_one_part_and_its_smallest_change_shows() -> None:
    for name, tensor in BEFORE.items():
        after = BEFORE | {name: tensor.clone()}
        value = after[name].view(-1)
        value[0] = value[0].nextafter(torch.tensor(9.0)) if value.is_floating_point() else 9
        assert moved(BEFORE, after, free=[])
        assert sum(not moved(BEFORE, after, free=[part]) for part in PARTS) == 1


def test_the_bar_is_the_share_of_right_answers() -> None:
    pictures = torch.randint(0, 256, (64, 3, 8, 8), dtype=torch.uint8)
    model = small_vgg().eval()
    with torch.no_grad():
        labels = model(pictures).argmax(dim=1)
    weights = weights_of(model)
    assert accuracy(weights, pictures, labels) == 1
    labels[:32] = (labels[:32] + 1) % 10
    assert accuracy(weights, pictures, labels) == 0.5
    assert judge_retrained(weights, weights, [], (pictures, labels), 0.5) == ""
    assert "below the bar of 51 %" in judge_retrained(
        weights, weights, [], (pictures, labels), 0.51
    )
