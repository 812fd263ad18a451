"""Where codes are kept: a full disk, a read-only cache, damaged files, other kernels."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from cs826tl import progress
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import storage
from cs826tl.training.codes import clear_codes, encode, stages_to_run_once
from cs826tl.training.freezing import freeze

CPU = torch.device("cpu")
CODES = torch.arange(12.0).reshape(4, 3)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Iterator[Path]:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    progress.say_once.cache_clear()
    clear_codes()
    yield tmp_path / "codes"
    clear_codes()


@pytest.fixture
def in_files(monkeypatch) -> None:
    """Have all codes go to files."""
    monkeypatch.setattr(storage, "MEMORY_BUDGET", 0)


def keep(key: str, codes: Tensor = CODES, seconds: float = 0.0) -> Tensor:
    with storage.drafted(key, codes[:1], len(codes)) as draft:
        draft.codes.copy_(codes)
        return draft.keep(seconds)


def as_another_kernel() -> None:
    """Forget what this process knows of the files, but leave them there."""
    storage._kept.clear()
    storage._written.clear()
    storage._forgotten.clear()


def files(folder: Path, suffix: str = ".npy") -> list[str]:
    return sorted(file.name for file in folder.glob(f"*{suffix}"))


def recall(key: str) -> Tensor:
    codes = storage.recall(key, CPU)
    assert codes is not None
    return codes


@pytest.mark.parametrize(("seconds", "kept"), [(0.99, []), (1.0, ["a.npy"])])
def test_codes_go_to_a_file_from_one_second_of_computing_on(
    folder: Path, seconds: float, kept: list[str]
) -> None:
    assert torch.equal(keep("a", seconds=seconds), CODES)
    assert files(folder) == kept


# --- a disk that is full, or that nobody may write to -----------------------------------------


def small_model() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


def images(number: int = 40) -> Tensor:
    return torch.randint(0, 256, (number, 1, 16, 16), dtype=torch.uint8)


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EDQUOT])
def test_room_is_set_aside_before_a_byte_is_mapped(
    in_files, monkeypatch, folder: Path, capsys, problem: int
) -> None:
    def full(descriptor: int, start: int, size: int) -> None:
        assert size > CODES.nbytes  # the whole file
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    assert torch.equal(keep("a"), CODES)  # no SIGBUS: they are in memory
    assert files(folder) == files(folder, ".part") == []
    keep("b")
    said = capsys.readouterr().err
    assert said == f"codes stay in memory, because {folder} takes no file: {os.strerror(problem)}\n"


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system cannot reserve room")
def test_a_file_gets_all_its_blocks(in_files, folder: Path) -> None:
    with storage.drafted("a", torch.zeros(1, 2**18), 8) as draft:
        (part,) = folder.glob("*.part")
        assert part.stat().st_blocks * 512 >= 8 * 2**20  # though nothing has been written yet
        draft.codes.zero_()


@pytest.mark.parametrize("seconds", [0.0, 60.0])
@pytest.mark.parametrize("budget", [0, 2**20], ids=["file", "memory"])
def test_a_cache_that_cannot_be_made_breaks_nothing(
    monkeypatch, tmp_path, capsys, budget: int, seconds: float
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "file"))  # even root cannot write there
    monkeypatch.setattr(storage, "MEMORY_BUDGET", budget)
    monkeypatch.setattr(storage, "WORTH_A_FILE", seconds)
    model, inputs = small_model(), images()
    wanted = encode(model, inputs)
    assert torch.equal(encode(model, inputs), wanted)
    clear_codes()
    assert stages_to_run_once(freeze(model), inputs) > 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == (budget == 0 or seconds == 0.0)  # said once, and only if a file was wanted
    assert all(line.startswith("codes stay in memory, because ") for line in lines)


def test_codes_larger_than_the_whole_budget_evict_nothing(in_files, monkeypatch, folder) -> None:
    keep("a")
    monkeypatch.setattr(storage, "DISK_BUDGET", CODES.nbytes - 1)
    assert torch.equal(keep("b"), CODES)
    assert files(folder) == ["a.npy"]


def test_without_a_disk_codes_may_fill_half_of_the_memory(monkeypatch, tmp_path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(storage, "free_memory", lambda _: 1000.0)
    assert storage.room() == 500
    monkeypatch.setattr(storage, "DISK_BUDGET", 300)
    assert storage.room() == 300


# --- damaged files ----------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [0, 2**20], ids=["mapped", "read"])
@pytest.mark.parametrize("kept", [0, 20, 140])
def test_a_cut_off_file_counts_as_absent(monkeypatch, folder: Path, kept: int, budget: int) -> None:
    monkeypatch.setattr(storage, "WORTH_A_FILE", 0.0)
    model, inputs = small_model(), images()
    wanted = encode(model, inputs)
    (file,) = folder.glob("*.npy")
    as_another_kernel()
    file.write_bytes(file.read_bytes()[:kept])
    monkeypatch.setattr(storage, "MEMORY_BUDGET", budget)
    assert torch.equal(encode(model, inputs), wanted)
    as_another_kernel()
    assert torch.equal(encode(model, inputs), wanted)
    assert np.load(next(folder.glob("*.npy"))).shape == (40, 128)  # it has been written again


def test_codes_of_another_shape_are_not_taken(monkeypatch, folder: Path) -> None:
    monkeypatch.setattr(storage, "WORTH_A_FILE", 0.0)
    model, inputs = small_model(), images()
    wanted = encode(model, inputs)
    (file,) = folder.glob("*.npy")
    np.save(file, wanted.numpy()[:-1])
    as_another_kernel()
    assert torch.equal(encode(model, inputs), wanted)


# --- other kernels ----------------------------------------------------------------------------


def test_clearing_leaves_the_files_of_others_and_no_longer_reads_them(folder: Path) -> None:
    keep("theirs", seconds=60)
    as_another_kernel()
    keep("mine", CODES + 1, seconds=60)
    assert torch.equal(recall("theirs"), CODES)
    clear_codes()
    assert files(folder) == ["theirs.npy"]
    assert storage.recall("theirs", CPU) is None
    assert storage.recall("mine", CPU) is None
    os.utime(folder / "theirs.npy", ns=(1, 1))  # written again since
    assert torch.equal(recall("theirs"), CODES)


def test_clearing_does_not_break_a_kernel_that_is_writing(in_files, folder: Path) -> None:
    with storage.drafted("a", CODES[:1], len(CODES)) as draft:
        draft.codes.copy_(CODES)
        clear_codes()  # in this process or in another: the part is in use
        assert torch.equal(draft.keep(0.0), CODES)
    assert files(folder) == ["a.npy"]


def part_of(machine: str, process: int) -> str:
    return f"0123.{machine}.{process}.part"


@pytest.mark.parametrize(
    ("name", "age", "stays"),
    [
        (part_of(storage._machine(), os.getppid()), 10**6, True),  # a kernel that is at work
        (part_of(storage._machine(), 2**22 + 1), 0, False),  # no such process
        (part_of("elsewhere", os.getppid()), 0, True),
        (part_of("elsewhere", os.getppid()), 10**6, False),
        (".0123.npy.7.abcd.part", 0, True),
        (".0123.npy.7.abcd.part", 10**6, False),
    ],
)
def test_parts_of_killed_kernels_make_room(
    in_files, folder: Path, name: str, age: float, stays: bool
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / name
    part.write_bytes(b"half")
    os.utime(part, (os.stat(part).st_mtime - age,) * 2)
    keep("a")
    assert part.exists() == stays


def test_a_file_that_another_kernel_deletes_meanwhile_is_no_fault(
    in_files, monkeypatch, folder: Path
) -> None:
    keep("a")
    monkeypatch.setattr(storage, "DISK_BUDGET", 2 * CODES.nbytes)
    size = storage._size

    def deleted_meanwhile(file: Path) -> int:
        found = size(file)
        file.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(storage, "_size", deleted_meanwhile)
    assert torch.equal(keep("b"), CODES)
    assert files(folder) == ["b.npy"]  # not kept in memory instead


def test_making_room_waits_for_its_turn(in_files, monkeypatch, folder: Path) -> None:
    turns = []

    class Lock:
        def __init__(self, path: Path, timeout: float) -> None:
            turns.append((path.parent, timeout > 0))

        def __enter__(self) -> None:
            turns.append("in")

        def __exit__(self, *_: object) -> None:
            turns.append("out")

    monkeypatch.setattr(storage, "FileLock", Lock)
    keep("a")
    assert turns == [(folder, True), "in", "out"]


# --- a folder that is shared ------------------------------------------------------------------


@pytest.fixture
def shared(monkeypatch, folder: Path, tmp_path) -> Path:
    """A shared folder with the codes `a` of an administrator, beside an empty cache."""
    keep("a", seconds=60)
    as_another_kernel()
    (tmp_path / "shared").mkdir()
    shared = folder.rename(tmp_path / "shared" / "codes")
    monkeypatch.setenv("CS826TL_SHARED", str(shared.parent))
    return shared


@pytest.mark.parametrize("budget", [0, 2**20], ids=["mapped", "read"])
def test_codes_that_are_shared_are_read_there(
    monkeypatch, shared: Path, folder: Path, budget: int
) -> None:
    monkeypatch.setattr(storage, "MEMORY_BUDGET", budget)
    codes = recall("a")
    assert torch.equal(codes, CODES)
    codes.zero_()  # a student's copy
    as_another_kernel()
    assert torch.equal(recall("a"), CODES)
    assert not folder.exists()


def test_codes_that_are_not_shared_go_to_your_own_cache(shared: Path, folder: Path) -> None:
    keep("b", CODES + 1, seconds=60)
    assert (files(folder), files(shared)) == (["b.npy"], ["a.npy"])
    as_another_kernel()
    assert torch.equal(recall("b"), CODES + 1)


def test_clearing_leaves_shared_codes_and_no_longer_reads_them(shared: Path) -> None:
    recall("a")
    clear_codes()
    assert storage.recall("a", CPU) is None
    assert files(shared) == ["a.npy"]


def test_shared_codes_that_no_longer_fit_hide_none_of_your_own(
    monkeypatch, shared: Path, folder: Path
) -> None:
    monkeypatch.setattr(storage, "WORTH_A_FILE", 0.0)
    model, inputs = small_model(), images()
    wanted = encode(model, inputs)
    (mine,) = folder.glob("*.npy")
    np.save(shared / mine.name, wanted.numpy() + 1)  # by other code than this
    for _ in range(2):
        as_another_kernel()
        assert torch.equal(encode(model, inputs), wanted)
        written = mine.stat().st_mtime_ns
        as_another_kernel()
        assert torch.equal(encode(model, inputs), wanted)
        assert mine.stat().st_mtime_ns == written  # it is found, not computed again


def test_a_cache_that_cannot_be_written_reads_what_is_shared_and_says_once_what_it_cannot_keep(
    monkeypatch, shared: Path, tmp_path, capsys
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "file"))  # even root cannot write there
    assert torch.equal(recall("a"), CODES)
    assert capsys.readouterr().err == ""
    for key in ("b", "c"):
        keep(key, CODES + 1, seconds=60)
        assert torch.equal(recall(key), CODES + 1)
    assert capsys.readouterr().err.count("codes stay in memory, because ") == 1
