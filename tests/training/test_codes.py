"""Codes: the plain forward pass, run once, never stale, within budget, in memory or in a file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cs826tl.assets.cache import cache_dir
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import batches, fingerprints, storage
from cs826tl.training.batches import FIRST
from cs826tl.training.codes import (
    clear_codes,
    encode,
    frozen_prefix,
    pooled,
    run_stages,
    stages_to_run_once,
)
from cs826tl.training.freezing import freeze, unfreeze
from cs826tl.training.history import Step, finish

STAGES = ("block1", "block2", "block3", "fc")
BLOCK3 = 64 * 3 * 3 * 4  # bytes of the codes of one image after block3


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Iterator[Path]:
    """Keep codes in a folder of the test's own, and begin and end with none."""
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()
    yield tmp_path / "codes"
    clear_codes()


@pytest.fixture
def model() -> StagedModel:
    """Return a network whose batch normalisation has seen something."""
    model = load_backbone("small_vgg", weights="random").train()
    with torch.no_grad():
        model(images(16))
    return model


def images(number: int = 70, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (number, 1, 28, 28), generator=generator, dtype=torch.uint8)


@torch.no_grad()
def plain(model: StagedModel, inputs: Tensor, until: str) -> Tensor:
    """Run the stages one after the other, in evaluation mode, in one batch."""
    modes = [module.training for module in model.modules()]
    model.eval()
    x = model.preprocess(inputs)
    for name in STAGES[: STAGES.index(until) + 1]:
        x = model.parts[name](x)
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return x


class Runs:
    """Count the images that went through a network's first stage, and the passes."""

    def __init__(self, model: StagedModel) -> None:
        self.images = self.passes = 0
        model.stages.block1.register_forward_hook(self.count)

    def count(self, module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        self.images += len(output)
        self.passes += 1


@pytest.fixture
def unfolded(monkeypatch) -> None:
    """Leave batch normalisation where it is: comparing with it runs two images once more."""
    monkeypatch.setattr(batches, "quicker", lambda network, *_: network)


# --- what codes are ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 32, 70])
@pytest.mark.parametrize("until", STAGES)
def test_codes_are_the_plain_forward_pass(model: StagedModel, until: str, number: int) -> None:
    given = encode(model, images(number), until=until)
    torch.testing.assert_close(given, plain(model, images(number), until), rtol=1e-5, atol=1e-6)


def test_without_a_stage_the_last_one_is_meant(model: StagedModel) -> None:
    assert torch.equal(encode(model, images()), encode(model, images(), until="fc"))


def test_every_module_keeps_its_mode(model: StagedModel) -> None:
    model.stages.block2.eval()
    model.stages.block3[1].eval()
    modes = [module.training for module in model.modules()]
    encode(model, images())
    assert [module.training for module in model.modules()] == modes
    with pytest.raises(TypeError, match="uint8"):
        encode(model, images().float())
    assert [module.training for module in model.modules()] == modes


def test_nothing_of_the_model_moves(model: StagedModel) -> None:
    before = {name: t.clone() for name, t in model.state_dict().items()}
    encode(model, images())
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())


def test_a_head_can_be_trained_on_codes(model: StagedModel) -> None:
    given = encode(model, images())
    assert not given.requires_grad
    model.head(given).sum().backward()
    assert model.head.weight.grad is not None


def test_an_unknown_stage_lists_the_stages_and_no_inputs_are_refused(model: StagedModel) -> None:
    for stage in ("block4", "head"):
        with pytest.raises(ValueError, match=f"'{stage}'.* {', '.join(STAGES)}"):
            encode(model, images(), until=stage)
    with pytest.raises(ValueError, match="no inputs"):
        encode(model, images(0))


def test_before_the_first_stage_the_inputs_are_the_codes(model: StagedModel) -> None:
    inputs = images()
    steps: list[Step] = []
    assert finish(run_stages(model, inputs, 0, torch.float32), steps.append) is inputs
    assert steps == []


def test_progress_counts_every_image_once_and_nothing_where_codes_are_there(model) -> None:
    first: list[Step] = []
    again: list[Step] = []
    given = finish(run_stages(model, images(), 2, torch.float32), first.append)
    assert sum(step.images for step in first) == 70
    assert finish(run_stages(model, images(), 2, torch.float32), again.append) is given
    assert again == []


def test_pooling_averages_over_the_picture() -> None:
    maps = torch.arange(24.0).reshape(2, 3, 2, 2)
    assert torch.equal(pooled(maps), maps.mean((2, 3)))
    vectors = torch.ones(2, 5, dtype=torch.bfloat16)
    assert torch.equal(pooled(vectors), vectors.float())


# --- run once, and never stale ----------------------------------------------------------------


def test_the_same_is_run_once_until_it_is_cleared(model: StagedModel, unfolded) -> None:
    runs = Runs(model)
    first = encode(model, images())
    assert runs.images == 70
    assert torch.equal(encode(model, images()), first)
    assert runs.images == 70 + FIRST  # the first rows once more, to see that they are still right
    copy = load_backbone("small_vgg", weights="random", seed=3)
    copy.load_state_dict(model.state_dict())
    assert torch.equal(encode(copy, images()), first)  # another model of the same weights
    model.head.weight.data += 1  # the head has no part in codes
    encode(model, images())
    assert runs.images == 70 + 2 * FIRST
    clear_codes()
    encode(model, images())
    assert runs.images == 140 + 2 * FIRST


def change_a_weight_quietly(model: StagedModel) -> None:
    model.stages.block1[0].weight.data[0, 0, 0, 0] += 1e-3  # no version counter sees this


def change_a_weight(model: StagedModel) -> None:
    with torch.no_grad():
        model.stages.fc[2].bias[7] += 0.5


def change_a_buffer(model: StagedModel) -> None:
    model.stages.block2[1].running_var.mul_(1.01)


def change_the_scaling(model: StagedModel) -> None:
    model.preprocess.std += 1


def change_the_size(model: StagedModel) -> None:
    model.preprocess.size = 20


@pytest.mark.parametrize(
    "change",
    [
        change_a_weight_quietly,
        change_a_weight,
        change_a_buffer,
        change_the_scaling,
        change_the_size,
    ],
)
def test_a_changed_model_has_other_codes(model: StagedModel, change) -> None:
    old = encode(model, images())
    change(model)
    new = encode(model, images())
    assert not torch.equal(new, old)
    torch.testing.assert_close(new, plain(model, images(), "fc"), rtol=1e-5, atol=1e-6)


def test_changed_images_have_other_codes(model: StagedModel) -> None:
    inputs = images()
    encode(model, inputs)
    inputs.data[5, 0, 10, 10] += 100
    torch.testing.assert_close(encode(model, inputs), plain(model, inputs, "fc"))
    fewer = encode(model, inputs[:40])
    torch.testing.assert_close(fewer, plain(model, inputs[:40], "fc"))
    torch.testing.assert_close(encode(model, inputs.flip(0)), plain(model, inputs.flip(0), "fc"))


@pytest.mark.parametrize("budget", [2**20, 0], ids=["memory", "file"])
def test_changing_the_codes_one_was_given_spoils_nothing(model, monkeypatch, budget: int) -> None:
    monkeypatch.setattr(storage, "MEMORY_BUDGET", budget)
    wanted = encode(model, images()).clone()
    for _ in range(2):  # fresh codes, then kept ones
        given = encode(model, images())
        given -= given.mean(0)
        assert torch.equal(encode(model, images()), wanted)
    clear_codes()
    encode(model, images()).zero_()
    assert torch.equal(encode(model, images()), wanted)


# --- memory and files -------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(file.suffix for file in folder.glob("*") if file.suffix != ".lock")


def test_codes_beyond_the_memory_budget_go_to_a_file_and_are_the_same(
    model, monkeypatch, folder: Path, unfolded
) -> None:
    in_memory = encode(model, images(), until="block3").clone()
    assert names(folder) == []
    clear_codes()
    monkeypatch.setattr(storage, "MEMORY_BUDGET", 70 * BLOCK3 - 1)
    runs = Runs(model)
    for recalled in range(2):
        assert torch.equal(encode(model, images(), until="block3"), in_memory)
        assert names(folder) == [".npy"]
        assert runs.images == 70 + recalled * FIRST
    clear_codes()
    assert names(folder) == []


@pytest.mark.parametrize("until", ["block3", "fc"])
def test_codes_that_took_long_are_there_for_the_next_notebook(
    model, monkeypatch, folder: Path, unfolded, until: str
) -> None:
    monkeypatch.setattr(storage, "WORTH_A_FILE", 0.0)
    first = encode(model, images(), until=until)
    assert names(folder) == [".npy"]
    storage._kept.clear()  # as a new kernel finds it
    runs = Runs(model)
    for _ in range(2):
        assert torch.equal(encode(model, images(), until=until), first)
    assert runs.images == 2 * FIRST
    assert len(storage._kept) == 1
    clear_codes()
    assert names(folder) == []


def test_without_room_for_a_file_codes_are_kept_in_memory(model, monkeypatch, folder) -> None:
    def full(file: object, array: np.ndarray) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "WORTH_A_FILE", 0.0)
    monkeypatch.setattr(storage.np, "save", full)
    torch.testing.assert_close(encode(model, images()), plain(model, images(), "fc"))
    assert names(folder) == []


def test_images_in_a_mapped_file_are_read_piece_by_piece(model, monkeypatch, tmp_path) -> None:
    np.save(tmp_path / "images.npy", images().numpy())
    mapped = torch.from_numpy(np.load(tmp_path / "images.npy", mmap_mode="c"))
    monkeypatch.setattr(fingerprints, "PIECE", 10 * 28 * 28)
    largest = []
    hashed = fingerprints._sha256
    monkeypatch.setattr(
        fingerprints,
        "_sha256",
        lambda t: largest.append(max(len(x) for x in t if x.dim() == 4)) or hashed(t),
    )
    given = encode(model, mapped)
    assert torch.equal(given, encode(model, images()))
    assert sorted(largest)[:7] == [10] * 7


def test_memory_keeps_what_was_used_last(model: StagedModel, monkeypatch) -> None:
    monkeypatch.setattr(storage, "MEMORY_BUDGET", 2 * 10 * 128 * 4)  # two sets of ten images
    runs = Runs(model)
    for seed, run in ((1, 10), (2, 10), (1, FIRST), (3, 10), (1, FIRST), (2, 10)):
        runs.images = 0
        encode(model, images(10, seed))
        assert runs.images == run


@pytest.mark.parametrize("budget", [2**20, 0], ids=["memory", "file"])
def test_an_interrupted_run_leaves_nothing_behind(model, monkeypatch, folder, budget: int) -> None:
    monkeypatch.setattr(storage, "MEMORY_BUDGET", budget)
    runs = Runs(model)

    def interrupt(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        if runs.images > 64:
            raise KeyboardInterrupt

    hook = model.stages.block2.register_forward_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        encode(model, images())
    assert names(folder) == []
    hook.remove()
    torch.testing.assert_close(encode(model, images()), plain(model, images(), "fc"))


def test_steps_that_are_given_up_leave_nothing_behind(model, monkeypatch, folder: Path) -> None:
    monkeypatch.setattr(storage, "MEMORY_BUDGET", 0)
    steps = run_stages(model, images(), 4, torch.float32)
    next(steps)
    assert names(folder) == [".part"]
    steps.close()
    assert names(folder) == []


def test_the_oldest_file_makes_room(model, monkeypatch, folder: Path) -> None:
    monkeypatch.setattr(storage, "MEMORY_BUDGET", 0)
    for age, seed in ((300, 1), (200, 2), (100, 3)):
        before = set(folder.glob("*.npy"))
        encode(model, images(10, seed), until="block3")
        (new,) = set(folder.glob("*.npy")) - before
        os.utime(new, (1e9 - age, 1e9 - age))
    size = new.stat().st_size
    monkeypatch.setattr(storage, "DISK_BUDGET", 3 * size)
    runs = Runs(model)
    encode(model, images(10, 4), until="block3")
    assert len(names(folder)) == 3
    for seed, is_run in ((2, FIRST), (3, FIRST), (4, FIRST), (1, 10)):
        runs.images = 0
        encode(model, images(10, seed), until="block3")
        assert runs.images == is_run


def test_whether_codes_fit_is_asked_of_the_budget_for_files(model, monkeypatch) -> None:
    freeze(model, through="block3")
    monkeypatch.setattr(storage, "DISK_BUDGET", 70 * BLOCK3)
    assert stages_to_run_once(model, images(70)) == frozen_prefix(model) > 0
    assert stages_to_run_once(model, images(71)) == 0
    assert stages_to_run_once(unfreeze(model), images(70)) == 0  # nothing frozen


@pytest.mark.parametrize(
    ("frozen", "prefix"),
    [((), 0), (("block2", "fc"), 0), (("block1", "block3"), 1), (STAGES, 4), (("block1",), 1)],
)
def test_the_frozen_prefix_ends_at_the_first_gap(model, frozen: tuple[str, ...], prefix) -> None:
    assert frozen_prefix(freeze(model, *frozen) if frozen else model) == prefix


def abandoned_part() -> Path:
    """Write half a file, as a process that has been killed since leaves it."""
    code = "import os; print(os.getpid())"
    dead = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    part = cache_dir() / "codes" / f"0123.{storage._machine()}.{int(dead)}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half" * 1000)
    return part


def test_what_a_killed_process_left_is_cleared(model: StagedModel) -> None:
    part = abandoned_part()
    clear_codes()
    assert not part.exists()


def test_small_codes_need_no_writable_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.unlink", read_only)
    model = load_backbone("small_vgg", weights="random", seed=99)
    images = torch.zeros(2, 3, 32, 32, dtype=torch.uint8)
    assert len(encode(model, images)) == 2
