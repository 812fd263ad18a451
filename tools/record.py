"""Run a notebook's experiments over all their seeds, and record what they find.

Usage: `python -m tools.record [--check] [NOTEBOOK ...]`, such as `python -m tools.record 09 C11`. A
notebook computes its first seeds, and reads the others from these records (`tl.over_seeds`). Record
again after a change of an experiment, or of what it uses of the library; then store the notebook's
outputs. With `--check` nothing is written: every record is held against a fresh run.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

import nbformat

from cs826tl.verdicts import records as recorded
from tools.normalise import code_cells
from tools.notebooks import (
    ALL_SEEDS_TIMEOUT,
    CHECKOUT,
    ENVIRONMENT,
    by_number,
    execute,
    write,
)

NAMED = re.compile(r'"((?:\d\d|[CN]\d\d)_\w*)')  # a record's name, as far as it is written out
LECTURE = re.compile(r"\]\(\.\./(\d\d\w?)_(\w+)\.ipynb\)")  # in a trial's title: where it belongs
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def asks_for_records(path: Path) -> bool:
    """Tell whether a notebook reads records."""
    cells = code_cells(nbformat.read(path, as_version=4))
    return any("tl.over_seeds(" in cell.source for cell in cells)


def names_in(path: Path) -> set[str]:
    """Return the names of the records that a notebook reads, or how they begin."""
    cells = code_cells(nbformat.read(path, as_version=4))
    return {name for cell in cells for name in NAMED.findall(cell.source)}


def folder_of(path: Path) -> Path:
    """Return where a notebook's records lie: with its lecture, which a trial's title links to."""
    lecture = path.stem.partition("_")[2]
    if path.parent != CHECKOUT / "notebooks":
        found = LECTURE.search(nbformat.read(path, as_version=4).cells[0].source)
        if found is None:
            raise ValueError(f"{path.name}: the first cell has to link to the trial's lecture")
        lecture = found[2]
    return recorded.LECTURES / lecture / "records"


def run(path: Path, folder: Path) -> None:
    """Run one notebook from the top, over all seeds; its records are written into `folder`."""
    notebook = nbformat.read(path, as_version=4)
    into = {recorded.RECORD_INTO: str(folder)}
    settings = {**ENVIRONMENT, **ONE_THREAD, **into}
    execute(notebook, path.parent, environment=settings, cell_timeout=ALL_SEEDS_TIMEOUT)


def means_over_seeds(found: dict[str, Any]) -> list[float]:
    """Return the mean of every number, in order; an empty list if lengths differ.

    >>> means_over_seeds({"0": {"kept": 0.25}, "1": {"kept": 0.75}})
    [0.5]
    """
    rows = [list(recorded.numbers_in(each)) for each in found.values()]
    alike = len({len(row) for row in rows}) == 1
    return [mean(numbers) for numbers in zip(*rows, strict=True)] if alike else []


def complaint(fresh: Path, stored: Path) -> str:
    """Return why a stored record is not what a fresh run gives; an empty text if it is."""
    if not stored.exists():
        return "not recorded"
    if not fresh.exists():
        return "the notebook no longer asks for it"
    new, old = (json.loads(path.read_text(encoding="utf-8")) for path in (fresh, stored))
    if new["code"] != old["code"]:
        return "the experiment is another one"
    if new["found"].keys() != old["found"].keys():
        return "other seeds"
    known = old["found"].values()
    apart = [seed for seed, found in new["found"].items() if not recorded.agree(found, known)]
    if apart:
        return f"other results with seeds {', '.join(apart)}"
    means = [means_over_seeds(record["found"]) for record in (new, old)]
    return "" if recorded.agree(means[0], means[1:]) else "another mean over the seeds"


def refresh(path: Path, *, check: bool) -> bool:
    """Record one notebook, or check its records; return whether all were as they should be."""
    well, begins, folder_of_records = True, tuple(names_in(path)), folder_of(path)
    with tempfile.TemporaryDirectory() as folder:
        run(path, Path(folder))
        places = (Path(folder), folder_of_records)
        files = [file for place in places for file in place.glob("*.json")]
        names = {file.name for file in files if file.name.startswith(begins)}
        for name in sorted(names):
            fresh, stored = Path(folder, name), folder_of_records / name
            problem = complaint(fresh, stored)
            well &= not problem
            print(f"{stored.stem}: {problem or 'as recorded'}", flush=True)
            if check:
                continue
            if fresh.exists():
                write(stored, fresh.read_text(encoding="utf-8"))
            else:
                stored.unlink()
    return well


def main() -> int:
    """Record the notebooks named, or all; a check exits with 1 if one is off."""
    notebooks = {name: path for name, path in by_number().items() if asks_for_records(path)}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="such as 07 or C11")
    parser.add_argument("--check", action="store_true", help="compare; write nothing")
    options = parser.parse_args()
    if other := set(options.notebooks) - notebooks.keys():
        parser.error(f"{', '.join(sorted(other))}: choose from {', '.join(notebooks)}")
    asked = options.notebooks or list(notebooks)
    well = [refresh(notebooks[name], check=options.check) for name in asked]
    return int(options.check and not all(well))


if __name__ == "__main__":
    sys.exit(main())
