"""What a shared folder saves a class: seconds, memory and disk of a lecture, with it and without.

Usage: `python -m benchmarks.hub [--json] [--students N] [NOTEBOOK]`. So many students run the
lecture at once, each in a kernel and a cache of their own. *Without*, a cache holds its own
copy of weights and data, and no codes. *With*, it is empty, and all read the folder that the first
student has filled, as `cs826tl prepare` does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from cs826tl.assets.cache import ASSETS, asset_folder
from tools.notebooks import CHECKOUT

LECTURE = CHECKOUT / "notebooks" / "07_freezing_vs_finetuning.ipynb"
RUN = (
    "import sys, nbformat; from pathlib import Path; from tools.notebooks import execute;"
    "path = Path(sys.argv[1]); execute(nbformat.read(path, as_version=4), path.parent)"
)
ONE_CORE = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}  # as deploy/ sets it


def measure(lecture: Path, homes: list[Path], shared: Path | None) -> list[dict[str, float]]:
    """Let one student for each home run the lecture, all at once; return what each took."""
    began = time.perf_counter()
    running = {_start(lecture, home, shared): home for home in homes}
    took: dict[psutil.Popen, dict[str, float]] = {p: {"memory_gb": 0.0} for p in running}
    while any("seconds" not in found for found in took.values()):
        time.sleep(0.2)
        for process, found in took.items():
            found["memory_gb"] = max(found["memory_gb"], _memory(process))
            if "seconds" not in found and process.poll() is not None:
                if process.returncode:
                    raise RuntimeError(f"{lecture.stem} failed in {running[process]}")
                found["seconds"] = time.perf_counter() - began
                found["disk_mb"] = _disk(running[process])
    return list(took.values())


def _start(lecture: Path, home: Path, shared: Path | None) -> psutil.Popen:
    environment = os.environ | ONE_CORE | {"CS826TL_HOME": str(home)}
    environment.pop("CS826TL_SHARED", None)
    if shared:
        environment["CS826TL_SHARED"] = str(shared)
    return psutil.Popen([sys.executable, "-c", RUN, lecture], env=environment, cwd=CHECKOUT)


def _memory(process: psutil.Popen) -> float:
    """Return the GB that the kernel holds, what it shares with others counted in parts."""
    try:
        kernels = process.children(recursive=True)
        return float(sum(kernel.memory_full_info().pss for kernel in kernels)) / 1e9
    except (psutil.Error, OSError):  # it has just ended
        return 0.0


def _disk(home: Path) -> float:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6


def _fill(home: Path) -> Path:
    """Give a cache its own copy of what this machine has fetched."""
    for name in ASSETS:
        if folder := asset_folder(name):
            subprocess.run(["cp", "-r", folder, _made(home) / name], check=True)
    return home


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def show(result: dict[str, Any]) -> str:
    """Lay the result out as a table in Markdown."""
    lines = ["| shared folder | student | seconds | memory | disk |", "|---|---:|---:|---:|---:|"]
    for way in ("without", "with"):
        for number, found in enumerate(result[way], start=1):
            lines.append(
                f"| {way} | {number} | {found['seconds']:.0f} | {found['memory_gb']:.2f} GB |"
                f" {found['disk_mb']:.0f} MB |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure both ways, one after the other."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--students", type=int, default=2)
    options.add_argument("notebook", nargs="?", type=Path, default=LECTURE)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    given = options.parse_args()
    lecture = given.notebook.resolve()
    with tempfile.TemporaryDirectory() as folder:
        own = [_fill(Path(folder, f"own-{k}")) for k in range(given.students)]
        result: dict[str, Any] = {"without": measure(lecture, own, None)}
        empty = [_made(Path(folder, f"empty-{k}")) for k in range(given.students)]
        result["with"] = measure(lecture, empty, own[0])
    print(json.dumps(result) if given.json else show(result))


if __name__ == "__main__":
    main()
