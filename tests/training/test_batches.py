"""Batches that fit: from the memory that is free, and halved where it is full all the same."""

import pytest
import torch
from torch import Tensor, nn

from cs826tl import progress
from cs826tl.data.loading import load_task
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import batches
from cs826tl.training.batches import images_at_once, measured_need, run_in_batches
from cs826tl.training.codes import clear_codes, encode
from cs826tl.training.evaluation import evaluate

FULL = [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()]


@pytest.fixture(autouse=True)
def _codes_of_its_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    progress.say_once.cache_clear()
    clear_codes()


class Card:
    """A stand-in for a device whose memory holds `holds` images at a time."""

    def __init__(self, holds: int, error: BaseException) -> None:
        self.holds, self.error, self.asked = holds, error, []

    def run(self, rows: slice) -> Tensor:
        self.asked.append(rows.stop - rows.start)
        if self.asked[-1] > self.holds:
            raise self.error
        return torch.arange(rows.start, rows.stop)


@pytest.mark.parametrize("error", FULL, ids=["card", "machine"])
def test_a_full_memory_halves_the_batch_and_says_so(error, capsys) -> None:
    card = Card(5, error)
    results = [result for _, result in run_in_batches(card.run, range(3, 20), 8)]
    assert torch.cat(results).tolist() == list(range(3, 20))
    assert card.asked == [8, 4, 4, 4, 4, 1]  # tried once, then not again
    assert capsys.readouterr().err == "memory is full; going on with 4 images at a time\n"


def test_it_is_halved_until_it_fits_and_no_further() -> None:
    card = Card(1, FULL[0])
    assert len(list(run_in_batches(card.run, range(3), 8))) == 3
    with pytest.raises(torch.OutOfMemoryError):
        list(run_in_batches(Card(0, FULL[0]).run, range(3), 8))


def test_another_error_is_not_tried_again() -> None:
    card = Card(1, RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="shapes"):
        list(run_in_batches(card.run, range(9), 8))
    assert card.asked == [8]


@pytest.mark.parametrize(
    ("device", "free", "images"),
    [
        ("cpu", 10**12, 32), ("cuda", 10**12, 256),  # more would not be faster
        ("cpu", 4 * 5000, 5), ("cuda", 4 * 5999, 5), ("cpu", 10, 1),
    ],
)  # fmt: skip
def test_as_many_images_run_as_a_quarter_of_the_free_memory_holds(
    monkeypatch, device: str, free: int, images: int
) -> None:
    monkeypatch.setattr(batches, "free_memory", lambda _: free)
    assert images_at_once(torch.device(device), 1000) == images


def test_the_need_is_that_of_the_hungriest_layer() -> None:
    network = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 50), nn.Linear(50, 1))
    with measured_need() as need:
        network(torch.zeros(7, 3))
    network(torch.zeros(1000, 3))  # no longer watched
    assert need.bytes == 4 * 7 * (5 + 50)


@pytest.mark.parametrize("error", FULL, ids=["card", "machine"])
def test_codes_and_accuracy_are_the_same_in_half_the_batch(monkeypatch, error, capsys) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")  # on a busy machine a bar would appear
    task, model = load_task("digits"), load_backbone("small_vgg", weights="random")
    wanted = encode(model, task.test.inputs), evaluate(model, task)
    clear_codes()

    def no_more_than(holds: int) -> None:
        def refuse(_: nn.Module, inputs: tuple[Tensor]) -> None:
            seen.append(len(inputs[0]))
            if len(inputs[0]) > holds:
                raise error

        model.stages.block2.register_forward_pre_hook(refuse)

    seen: list[int] = []
    no_more_than(20)
    assert torch.allclose(encode(model, task.test.inputs), wanted[0], rtol=1e-4, atol=1e-5)
    assert evaluate(model, task) == wanted[1]
    assert sorted(set(seen), reverse=True)[:2] == [32, 16]
    assert capsys.readouterr().err == "memory is full; going on with 16 images at a time\n"


@pytest.mark.slow
def test_vgg16_runs_on_binder_in_smaller_batches(monkeypatch) -> None:
    model: StagedModel = load_backbone("vgg16", weights="random")
    seen: list[int] = []
    model.stages[0].register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    monkeypatch.setattr(batches, "free_memory", lambda _: 0.7e9)  # of 2 GB, with the network there
    encode(model, torch.zeros(9, 3, 224, 224, dtype=torch.uint8), until="block1")
    assert 2 <= max(seen) <= 8
