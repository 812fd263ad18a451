"""Run a lecture's experiments over all their seeds, and record what they find.

Usage: `python -m tools.record [--check] [LECTURE ...]`, such as `python -m tools.record 07 09`. A
lecture computes its first seeds, and reads the others from these records (`tl.over_seeds`). Record
again after a change of an experiment, or of what it uses of the library; then store the notebook's
outputs. With `--check` nothing is written: every record is held against a fresh run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import nbformat

from cs826tl.verdicts import records as recorded
from tools.normalise import code_cells
from tools.notebooks import (
    ALL_SEEDS_TIMEOUT,
    ENVIRONMENT,
    course_notebooks,
    execute,
    write,
)

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def asks_for_records(path: Path) -> bool:
    """Tell whether a lecture reads records."""
    cells = code_cells(nbformat.read(path, as_version=4))
    return any("tl.over_seeds(" in cell.source for cell in cells)


def run(path: Path, folder: Path) -> None:
    """Run one lecture from the top, over all seeds; its records are written into `folder`."""
    notebook = nbformat.read(path, as_version=4)
    into = {recorded.RECORD_INTO: str(folder)}
    settings = {**ENVIRONMENT, **ONE_THREAD, **into}
    execute(notebook, path.parent, environment=settings, cell_timeout=ALL_SEEDS_TIMEOUT)


def complaint(fresh: Path, stored: Path) -> str:
    """Return why a stored record is not what a fresh run gives; an empty text if it is."""
    if not stored.exists():
        return "not recorded"
    if not fresh.exists():
        return "no lecture asks for it"
    new, old = (json.loads(path.read_text(encoding="utf-8")) for path in (fresh, stored))
    if new["code"] != old["code"]:
        return "the experiment is another one"
    if new["found"].keys() != old["found"].keys():
        return "other seeds"
    known = old["found"].values()
    apart = [seed for seed, found in new["found"].items() if not recorded.agree(found, known)]
    if apart:
        return f"other results with seeds {', '.join(apart)}"
    means = [recorded.means(record["found"].values()) for record in (new, old)]
    return "" if recorded.agree(means[0], means[1:]) else "another mean over the seeds"


def refresh(path: Path, *, check: bool) -> bool:
    """Record one lecture, or check its records; return whether all were as they should be."""
    lecture, well = path.stem[:2], True
    folder_of_records = recorded.LECTURES / path.stem[3:] / "records"
    with tempfile.TemporaryDirectory() as folder:
        run(path, Path(folder))
        places = (Path(folder), folder_of_records)
        names = {p.name for place in places for p in place.glob(f"{lecture}_*")}
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
    """Record the lectures named on the command line, or all; a check exits with 1 if one is off."""
    lectures = {path.stem[:2]: path for path in course_notebooks() if asks_for_records(path)}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lectures", nargs="*", metavar="LECTURE", help="a number, such as 07")
    parser.add_argument("--check", action="store_true", help="compare; write nothing")
    options = parser.parse_args()
    if other := set(options.lectures) - lectures.keys():
        parser.error(f"{', '.join(sorted(other))}: choose from {', '.join(lectures)}")
    asked = options.lectures or list(lectures)
    well = [refresh(lectures[number], check=options.check) for number in asked]
    return int(options.check and not all(well))


if __name__ == "__main__":
    sys.exit(main())
