"""How much memory is free, on a card and in a container, and what is brought to the card."""

from types import SimpleNamespace

import pytest
import torch

from cs826tl.memory import free_memory, is_out_of_memory, keep


class Card:
    """A card that is not there, but has `free` bytes free; it counts what is moved to it."""

    def __init__(self, monkeypatch, free: int) -> None:
        self.brought = 0
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 10**9))
        monkeypatch.setattr("cs826tl.memory.place", self.place)

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


def test_a_split_stays_where_it_is_if_another_process_was_faster(monkeypatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    Card(monkeypatch, 10**9)
    monkeypatch.setattr("cs826tl.memory.place", full)
    inputs = torch.zeros(100)
    assert keep(inputs, torch.device("cuda")) is inputs


def test_free_on_a_card_is_what_the_driver_and_pytorch_have_left(monkeypatch) -> None:
    Card(monkeypatch, 5000)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 900)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 400)
    assert free_memory(torch.device("cuda")) == 5500


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"memory.max": "2000", "memory.current": "1500",
          "memory.stat": "anon 900\ninactive_file 300\n"}, 800),
        ({"memory.max": "1000", "memory.current": "1500", "memory.stat": "inactive_file 0"}, 0),
        ({"memory/memory.limit_in_bytes": "2000", "memory/memory.usage_in_bytes": "600",
          "memory/memory.stat": "total_inactive_file 100"}, 1500),
        ({"memory.max": "max", "memory.current": "1500", "memory.stat": "inactive_file 300"},
         10**6),
        ({}, 10**6),
    ],
    ids=["version 2", "all of it used", "version 1", "no limit", "no container"],
)  # fmt: skip
def test_a_container_with_a_limit_has_less_memory_than_its_machine(
    monkeypatch, tmp_path, files: dict[str, str], free: int
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr("cs826tl.memory.CGROUP", tmp_path)
    machine = SimpleNamespace(available=10**6)
    monkeypatch.setattr("cs826tl.memory.psutil.virtual_memory", lambda: machine)
    assert free_memory(torch.device("cpu")) == free


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("DefaultCPUAllocator"), False),
    ],
)
def test_only_a_full_memory_counts_as_one(error: Exception, full: bool) -> None:
    assert is_out_of_memory(error) == full
