"""What comes back from training is taken as weights, or refused; and nothing frozen may move."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from cs826tl.grading.exercise.trained import (
    NO_WEIGHTS,
    PARTS,
    accuracy,
    ask_on_accuracy,
    judge_retrained,
    moved,
    received,
    small_vgg,
    trained,
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


def test_what_was_trained_is_counted_as_torch_counts_it() -> None:
    """By parts; and a buffer that moved is no parameter."""
    model = small_vgg()
    before, fc = weights_of(model), model.stages.get_submodule("fc")
    with torch.no_grad():
        for parameter in (*fc.parameters(), *model.head.parameters()):
            parameter += 1
        model.stages.get_buffer("block1.1.running_mean").add_(1)
    counts = {name: sum(p.numel() for p in part.parameters()) for name, part in
              (("fc", fc), ("head", model.head))}  # fmt: skip
    assert trained(before, weights_of(model)) == counts


def test_an_examiner_asks_of_the_students_own_numbers() -> None:
    head = {"head.weight": torch.zeros_like(BEFORE["head.weight"]), "head.bias": torch.arange(10.0)}
    pictures = torch.zeros(40, 3, 8, 8, dtype=torch.uint8)
    labels = torch.cat([torch.full((30,), 9), torch.zeros(10)])  # and the answer is always 9
    asked, answer = ask_on_accuracy("fit_head", (BEFORE,), BEFORE | head, (pictures, labels))
    total = sum(p.numel() for p in small_vgg().head.parameters())
    assert f"Your `fit_head` reached 75 % on 40 new pictures by training {total:,}" in asked
    assert answer.startswith(f"head {total:,}; ")
    assert f"= {total:,} in the head alone" in answer
    with pytest.raises(ValueError, match=NO_WEIGHTS):
        ask_on_accuracy("fit_head", (BEFORE,), None, (pictures, labels))
