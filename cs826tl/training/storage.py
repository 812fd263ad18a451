"""Where codes are kept: in memory, and in files that the next notebook finds.

Files are looked for in the shared folder first, and written into the user's own cache only. Nothing
here can fail a notebook. If a file cannot be written or read, the codes stay in memory or are
computed again, and one line says so.
"""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
import torch
from filelock import FileLock
from torch import Tensor

from cs826tl._files import PART, write_atomically
from cs826tl.assets.cache import cache_dir, places
from cs826tl.devices import place
from cs826tl.memory import free_memory
from cs826tl.progress import say_once

MEMORY_BUDGET = 2**28  # bytes of codes kept in memory; a larger set is only in a file
DISK_BUDGET = 2**33  # bytes of files in the cache; the oldest make room
WORTH_A_FILE = 1.0  # seconds of computing from which on codes in memory go to a file too
ABANDONED = 24 * 3600.0  # seconds without a change after which another machine's part is given up

_kept: OrderedDict[str, Tensor] = OrderedDict()
_written: set[Path] = set()  # by this process
_forgotten: dict[Path, int] = {}  # files of others that this process no longer reads, and their age


class Draft:
    """Room for codes that are being computed: fill `codes`, then `keep` them."""

    def __init__(self, key: str, batch: Tensor, number: int) -> None:
        self.key = key
        self.part = _folder() / f"{key}.{_machine()}.{os.getpid()}{PART}"
        self._in_file = number * batch[0].nbytes > MEMORY_BUDGET
        shape = (number, *batch.shape[1:])
        if self._in_file:
            self.codes = self._mapped(shape)
        else:
            self.codes = torch.empty(shape, dtype=batch.dtype, device=batch.device)
            if self.codes.dim() == 4:
                self.codes = self.codes.contiguous(memory_format=torch.channels_last)

    def keep(self, seconds: float) -> Tensor:
        """Keep the codes, which took `seconds` to compute, and return them."""
        if not self._in_file:
            _remember(self.key, self.codes)
            if seconds >= WORTH_A_FILE:
                self._save()
            return self.codes
        del self.codes  # closes the file, which Windows would not rename while it is open
        file = _file(self.key)
        os.replace(self.part, file)
        _note(file)
        return _open(file)

    def close(self) -> None:
        """Leave nothing half-written behind."""
        if self._in_file:
            with suppress(OSError):  # after `keep` it is not there
                self.part.unlink()

    def _mapped(self, shape: tuple[int, ...]) -> Tensor:
        """Return codes in a file that has its room on the disk; if it gets none, in memory."""
        wanted = 4 * int(np.prod(shape))
        try:
            _make_room(wanted)
            mapped = np.lib.format.open_memmap(self.part, "w+", np.float32, shape)
            _reserve(self.part)
            return torch.from_numpy(mapped)
        except OSError as error:
            _say_that_no_file(error)
            self.close()
            self._in_file = False
            return torch.empty(shape)

    def _save(self) -> None:
        try:
            _make_room(self.codes.numel() * 4)
            with write_atomically(_file(self.key)) as part, part.open("wb") as file:
                np.save(file, self.codes.float().cpu().numpy())
            _note(_file(self.key))
        except OSError as error:
            _say_that_no_file(error)


@contextmanager
def drafted(key: str, batch: Tensor, number: int) -> Iterator[Draft]:
    """Give room for the codes of `number` images; `batch` is the codes of the first of them."""
    draft = Draft(key, batch, number)
    try:
        yield draft
    finally:
        draft.close()


def recall(
    key: str, device: torch.device, fits: Callable[[Tensor], bool] = lambda codes: True
) -> Tensor | None:
    """Return codes kept under the key that fit; None if there are none, or they are damaged."""
    if key in _kept and fits(_kept[key]):
        _kept.move_to_end(key)
        return _kept[key]
    for file in _files(key):
        codes = _read(file, key, device)
        if codes is not None and fits(codes):
            return codes
    return None


def forget() -> None:
    """Forget all codes: those in memory, and every file that there is now.

    Only this process's own files are deleted. A cache may be shared, and another notebook may be
    reading the others.
    """
    _kept.clear()
    for folder in _folders():
        with suppress(OSError):
            for file in folder.glob("*.npy"):
                _forget_file(file)
    with suppress(OSError):
        _remove_abandoned_parts()


def room() -> float:
    """Return how many bytes of codes can be kept at all, in a file or else in memory."""
    try:
        folder = _made_folder()
        disk = shutil.disk_usage(folder).free + sum(_size(file) for file in folder.glob("*.npy"))
        disk *= os.access(folder, os.W_OK)
    except OSError:
        disk = 0
    return min(DISK_BUDGET, max(disk, free_memory(torch.device("cpu")) / 2))


def _read(file: Path, key: str, device: torch.device) -> Tensor | None:
    try:
        status = file.stat()
        if _forgotten.get(file) == status.st_mtime_ns:
            return None
        if status.st_size > MEMORY_BUDGET:
            return _open(file)
        codes = place(torch.from_numpy(np.load(file)), device)
    except (OSError, ValueError, EOFError):  # not there, not readable, or cut off
        return None
    _remember(key, codes)
    return codes


def _forget_file(file: Path) -> None:
    with suppress(OSError):
        _forgotten[file] = file.stat().st_mtime_ns
        if file in _written:
            file.unlink()


def _open(file: Path) -> Tensor:
    # "c": changes stay in memory, so nobody can spoil the file
    return torch.from_numpy(np.load(file, mmap_mode="c"))


def _remember(key: str, codes: Tensor) -> None:
    _kept[key] = codes
    while sum(c.numel() * c.element_size() for c in _kept.values()) > MEMORY_BUDGET:
        _kept.popitem(last=False)


def _note(file: Path) -> None:
    _written.add(file)
    _forgotten.pop(file, None)


def _reserve(file: Path) -> None:
    """Have the disk set the whole file's room aside: a full one would kill the process later."""
    if hasattr(os, "posix_fallocate"):
        with file.open("r+b") as opened:
            os.posix_fallocate(opened.fileno(), 0, file.stat().st_size)


def _make_room(wanted: int) -> None:
    """Delete the oldest files until `wanted` bytes fit the budget; `OSError` if they never do."""
    if wanted > DISK_BUDGET:
        raise OSError(f"{wanted / 1e9:.1f} GB are more than its budget")
    folder = _made_folder()
    with FileLock(folder / "codes.lock", timeout=10):
        _remove_abandoned_parts()
        files = sorted(folder.glob("*.npy"), key=_modified)
        used = sum(_size(file) for file in [*files, *folder.glob(f"*{PART}")])
        for file in files:
            if used + wanted > DISK_BUDGET:
                used -= _size(file)
                file.unlink(missing_ok=True)


def _remove_abandoned_parts() -> None:
    for part in _folder().glob(f"*{PART}"):
        if _is_abandoned(part):
            with suppress(OSError):
                part.unlink()


def _is_abandoned(part: Path) -> bool:
    """Say whether nobody writes the file any more: its process has been killed."""
    _, machine, process = part.stem.rsplit(".", 2) if part.stem.count(".") > 1 else ("", "", "")
    if machine == _machine() and process.isdecimal():
        return not psutil.pid_exists(int(process))
    return time.time() - _modified(part) > ABANDONED


def _machine() -> str:
    return platform.node().replace(".", "-")


def _modified(file: Path) -> float:
    with suppress(OSError):  # another process may have deleted it
        return file.stat().st_mtime
    return float("inf")


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0


def _say_that_no_file(error: OSError) -> None:
    reason = error.strerror or error
    say_once(f"codes stay in memory, because {_folder()} takes no file: {reason}")


def _file(key: str) -> Path:
    return _folder() / f"{key}.npy"


def _files(key: str) -> list[Path]:
    return [folder / f"{key}.npy" for folder in _folders()]


def _made_folder() -> Path:
    _folder().mkdir(parents=True, exist_ok=True)
    return _folder()


def _folder() -> Path:
    return cache_dir() / "codes"


def _folders() -> list[Path]:
    """Return where codes are looked for: the shared folder, if there is one, then `_folder()`."""
    return [place / "codes" for place in places()]
