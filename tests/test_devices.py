"""The device named, or the best there is; and what is done to a batch on its way there."""

import pytest
import torch
from torch import nn

from cs826tl.devices import (
    compiling_pays,
    device_of,
    forward_batch,
    keep,
    mixed_precision,
    pick_device,
    place,
)


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(1, 1, "cuda"), (1, 0, "cuda"), (0, 1, "mps"), (0, 0, "cpu")]
)
def test_auto_takes_the_best_there_is(monkeypatch, cuda: int, mps: int, best: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    assert pick_device("auto") == pick_device() == torch.device(best)
    assert pick_device("cpu") == torch.device("cpu")


def test_a_device_that_is_not_there_lists_those_that_are(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for name in ("cuda", "cuda:1", "mps", "gpu", ""):
        with pytest.raises(ValueError, match=f"no device named '{name}'.*There are: auto, cpu"):
            pick_device(name)


def test_a_numbered_card_is_kept(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("cuda:1") == torch.device("cuda", 1)


def test_a_model_is_where_its_parameters_are() -> None:
    assert device_of(nn.Linear(2, 2, device="meta")) == torch.device("meta")


def test_placing_keeps_the_values_and_lays_images_out_channels_last() -> None:
    images = torch.arange(2 * 3 * 4 * 5, dtype=torch.uint8).reshape(2, 3, 4, 5)
    placed = place(images, torch.device("cpu"))
    assert torch.equal(placed, images)
    assert placed.is_contiguous(memory_format=torch.channels_last)
    codes = torch.ones(2, 7)
    assert place(codes, torch.device("cpu")) is codes


def test_the_cpu_computes_in_full_precision() -> None:
    with mixed_precision(torch.device("cpu")):
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32


class Card:
    """A card that is not there, but has so many bytes free; it counts what is brought to it."""

    def __init__(self, monkeypatch, free: int) -> None:
        self.brought = 0
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 10**9))
        monkeypatch.setattr("cs826tl.devices.place", self.place)

    def place(self, inputs: torch.Tensor, device: torch.device) -> torch.Tensor:
        self.brought += 1
        return inputs.clone()


@pytest.mark.parametrize(("free", "brought"), [(200, 1), (199, 0)])
def test_a_split_is_brought_to_the_card_where_half_of_what_is_free_holds_it(
    monkeypatch, free: int, brought: int
) -> None:
    card, inputs = Card(monkeypatch, free), torch.zeros(100, dtype=torch.uint8)
    assert (keep(inputs, torch.device("cuda")) is inputs) == (not brought)
    assert card.brought == brought


def test_on_the_cpu_a_split_stays_as_it_is(monkeypatch) -> None:
    card, inputs = Card(monkeypatch, 10**9), torch.zeros(100)
    assert keep(inputs, torch.device("cpu")) is inputs
    assert card.brought == 0


def test_a_card_runs_more_images_at_once_than_a_cpu() -> None:
    assert forward_batch(torch.device("cuda")) > forward_batch(torch.device("cpu")) >= 1


@pytest.mark.parametrize(
    ("device", "seconds", "pays"), [("cuda", 3600, 1), ("cuda", 60, 0), ("cpu", 36000, 0)]
)
def test_only_a_long_run_on_a_card_is_worth_compiling(device: str, seconds: int, pays) -> None:
    assert compiling_pays(torch.device(device), seconds) == bool(pays)
