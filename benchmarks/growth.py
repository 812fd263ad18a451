"""How seconds, memory and disk grow with the data: one epoch of head training on ever more images.

Usage: `python -m benchmarks.growth [--json] [--images N ...]`. The images are crops of photographs
(64 pixels), repeated, in one file that is mapped into memory, never loaded. Every size runs in a
process of its own, from cold codes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch

from benchmarks.cold import cold_cache
from cs826tl.assets.cache import cache_dir
from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze
from tools.notebooks import CHECKOUT


class OwnMemory(threading.Thread):
    """Watch the highest memory that is this process's own.

    Pages of mapped files are left out: the system takes them back whenever it needs them.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.highest = 0
        self._done = threading.Event()

    def run(self) -> None:
        """Look ten times a second."""
        process = psutil.Process()
        while not self._done.wait(0.1):
            memory = process.memory_info()
            self.highest = max(self.highest, memory.rss - getattr(memory, "shared", 0))

    def stop(self) -> int:
        """Return the most that was seen, in bytes."""
        self._done.set()
        self.join()
        return self.highest


def write_images(file: Path, number: int) -> None:
    """Write so many crops of photographs into one file, again and again the same 2100."""
    crops = load_task("photos").train.inputs.numpy()
    mapped = np.lib.format.open_memmap(file, "w+", np.uint8, (number, *crops.shape[1:]))
    for start in range(0, number, len(crops)):
        room = mapped[start : start + len(crops)]
        room[:] = crops[: len(room)]
    mapped.flush()


def measure(file: Path, number: int, size: int) -> dict[str, float]:
    """Train a head on the first `number` images of the file, in this process."""
    photos = load_task("photos")
    inputs = torch.from_numpy(np.load(file, mmap_mode="c"))[:number]
    labels = photos.train.labels.repeat(number // len(photos.train) + 1)[:number]
    task = Task("growth", photos.classes, Split(inputs, labels), photos.validation, photos.test, "")
    model = freeze(with_head(load_backbone("efficientnet_lite0", size=size), task.classes))
    memory = OwnMemory()
    memory.start()
    history = fit(model, task, epochs=1, progress=False, device="cpu")
    codes, whole = history["seconds"]
    on_disk = sum(codes_file.stat().st_size for codes_file in (cache_dir() / "codes").glob("*.npy"))
    return {
        "images": number, "codes_seconds": codes, "epoch_seconds": whole - codes,
        "own_gigabytes": memory.stop() / 1e9, "disk_gigabytes": on_disk / 1e9,
    }  # fmt: skip


def grow(numbers: list[int], size: int) -> list[dict[str, Any]]:
    """Measure every number of images in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "images.npy"
        write_images(file, max(numbers))
        for number in numbers:
            call = [sys.executable, "-m", "benchmarks.growth", "--measure", str(file)]
            call += ["--images", str(number), "--size", str(size)]
            with cold_cache():
                done = subprocess.run(call, cwd=CHECKOUT, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            rows.append(json.loads(done.stdout.splitlines()[-1]))
    return rows


def show(rows: list[dict[str, Any]]) -> str:
    """Lay the rows out as a table in Markdown."""
    lines = [
        "| images | codes | an image | one epoch | an image | own memory | codes on disk |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        codes, epoch = row["codes_seconds"], row["epoch_seconds"]
        each = [f"{1000 * seconds / row['images']:.2f} ms" for seconds in (codes, epoch)]
        lines.append(
            f"| {row['images']} | {codes:.1f} s | {each[0]} | {epoch:.1f} s | {each[1]} "
            f"| {row['own_gigabytes']:.2f} GB | {row['disk_gigabytes']:.2f} GB |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure the numbers of images named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--size", type=int, default=32, help="side of what the network sees")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--measure", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.images[0], given.size)))
        return
    rows = grow(given.images, given.size)
    print(json.dumps({"size": given.size, "rows": rows}) if given.json else show(rows))


if __name__ == "__main__":
    main()
