"""What comes back from training is taken as weights, or refused; and nothing frozen may move."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cs826tl.methods.transferability import score_network
from cs826tl.training import add_lora, evaluate, task_state
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.trained import (
    NO_ADAPTERS,
    NO_WEIGHTS,
    PARTS,
    accuracy,
    adapted,
    ask_on_accuracy,
    judge_adapters,
    judge_retrained,
    moved,
    network,
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


DOWN, UP = "stages.fc.2.down.weight", "stages.fc.2.up.weight"
NO_FIT: dict[str, Change] = {
    "a tensor is missing": lambda t: {n: v for n, v in t.items() if n != UP},
    "one too many": lambda t: t | {"scale": torch.ones(1)},
    "an unknown stage": lambda t: t | {"stages.fc2.1.down.weight": t[DOWN]},
    "two ranks": lambda t: t | {DOWN: t[DOWN].repeat(2, 1)},
    "rank 0": lambda t: t | {DOWN: t[DOWN][:0], UP: t[UP][:, :0]},
    "a number": lambda t: t | {DOWN: torch.tensor(1.0)},
    "whole numbers": lambda t: t | {UP: t[UP].long()},
    "not a number": lambda t: t | {UP: torch.full_like(t[UP], torch.nan)},
    "a million ranks without a byte": lambda t: t | {DOWN: np.zeros((10**6, 0))},
    "more ranks than bytes can be counted": lambda t: t | {DOWN: np.zeros((10**18, 0))},
    "ranks for every stage": lambda t: {n: np.zeros((10**6, 0)) for n in t},
    "a head alone": lambda t: {n: v for n, v in t.items() if n.startswith("head")},
    "nothing": lambda t: {},
}


@pytest.mark.parametrize("what", NO_FIT)
def test_adapters_that_do_not_fit_are_refused(what: str) -> None:
    resource = pytest.importorskip("resource")
    tensors = task_state(add_lora(network(BEFORE), "fc", rank=1))
    assert adapted(BEFORE, tensors) is not None
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert adapted(BEFORE, NO_FIT[what](tensors)) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_adapters_are_judged_by_bytes_and_both_scripts() -> None:
    pictures = np.random.default_rng(0).integers(256, size=(64, 1, 8, 8), dtype=np.uint8)
    model = add_lora(network(BEFORE), rank=1)
    before = task_state(model)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.nn.init.normal_(model.stages.get_parameter("fc.2.up.weight"), std=9)
    after = task_state(model)
    labels = {}
    for name, tensors in (("before", before), ("after", after)):
        with torch.no_grad():
            answers = adapted(BEFORE, tensors)(torch.from_numpy(pictures))
        labels[name] = answers.argmax(1).numpy()
    assert (labels["before"] != labels["after"]).mean() > 0.1
    reads = {name: (pictures, right) for name, right in labels.items()}
    how = {"budget": 14_740, "bar": 1.0, "may_lose": 0.1}
    assert judge_adapters(BEFORE, before, reads["before"], reads["before"], **how) == ""
    assert judge_adapters(BEFORE, after, reads["after"], reads["after"], **how) == ""
    lost = judge_adapters(BEFORE, after, reads["after"], reads["before"], **how)
    assert lost == "more than 10 points lost on the old script"
    below = judge_adapters(BEFORE, after, reads["before"], reads["before"], **how)
    assert below == "below the bar of 100 % on the new script"
    dear = judge_adapters(BEFORE, after, *reads.values(), **how | {"budget": 14_739})
    assert dear == "more than 14,739 bytes"
    assert judge_adapters(BEFORE, {}, *reads.values(), **how) == NO_ADAPTERS
    assert judge_adapters(BEFORE, None, *reads.values(), **how) == "not a dictionary of tensors"


@pytest.mark.slow
def test_the_right_network_is_another_one_for_each_new_script() -> None:
    """Two of the four read a script; the right one sees new digits as other ones of its own."""
    exercises = Path(__file__).parents[2] / "notebooks" / "exercises"
    question = Exercise(exercises / "14_which_network.ipynb").rubric["take_and_tune"]
    cases = list(question.cases(np.random.default_rng(0), {}))
    right = []
    for case in cases:
        offered, *few = case
        *new, own = case.truth
        reading = {n: evaluate(network(state), own[n]) for n, state in offered.items()}
        assert [share > 0.5 for share in sorted(reading.values())] == [False, False, True, True]
        scores = {n: score_network("LEEP", network(state), *few) for n, state in offered.items()}
        right.append(max(scores, key=scores.get))
        assert reading[right[-1]] > 0.8
        assert evaluate(network(offered[right[-1]]), tuple(new)) < 0.1
    assert right[0] != right[1]
    assert list(cases[0][0]) == list(cases[1][0]) == ["A", "B", "C", "D"]
