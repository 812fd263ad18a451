"""Run a notebook's own experiments with other seeds, and print how each of its checks comes out.

Usage: `python -m tools.tuning.confirm C11 [--threads 2]`. The notebook runs as it is, in fresh
kernels, but for its line `SEEDS = range(…)`: so what is confirmed is what readers run. Nothing is
stored.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import nbformat

from cs826tl.verdicts.verdict import WITHDRAWN
from tools.claims import last_findings
from tools.normalise import code_cells
from tools.notebooks import ALL_SEEDS_TIMEOUT, ENVIRONMENT, by_number, execute

TEN = range(200, 210)  # seeds that neither the lectures nor their tuning use
SEEDS = re.compile(r"^SEEDS = range\((\d+)\)", re.MULTILINE)


def confirm(path: Path, threads: int = 1) -> bool:
    """Print every check over ten other seeds, in blocks as large as the lecture's own.

    Returns whether every verdict stood. Raises `ValueError` where the notebook does not have the
    line `SEEDS = range(…)` exactly once.
    """
    counts = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    size = number_of_seeds(nbformat.read(path, as_version=4))
    stood = True
    for start in TEN[::size]:
        notebook = with_seeds(nbformat.read(path, as_version=4), start, start + size)
        settings = {**os.environ, **ENVIRONMENT, **counts}
        execute(notebook, path.parent, environment=settings, cell_timeout=ALL_SEEDS_TIMEOUT)
        print(f"{path.stem}, seeds {start} to {start + size - 1}, {threads} thread(s)")
        for finding in last_findings(notebook):
            print(f"  [{finding['claim']}] {finding['verdict']}")
            stood &= finding["verdict"] != WITHDRAWN
            for check in finding["checks"]:
                print(f"    {check['outcome']} {check['sentence']}: {check['found']}", flush=True)
    return stood


def has_seeds(path: Path) -> bool:
    """Tell whether a notebook runs over seeds: every trial does, a lecture shows one."""
    return any(SEEDS.search(cell.source) for cell in code_cells(nbformat.read(path, as_version=4)))


def number_of_seeds(notebook: nbformat.NotebookNode) -> int:
    """Return over how many seeds a lecture runs; raises as `with_seeds` does."""
    found = SEEDS.search(_cell_of_seeds(notebook).source)
    assert found is not None
    return int(found[1])


def with_seeds(notebook: nbformat.NotebookNode, start: int, stop: int) -> nbformat.NotebookNode:
    """Return the notebook with its seeds replaced; `ValueError` without one line that says them."""
    cell = _cell_of_seeds(notebook)
    cell.source = SEEDS.sub(f"SEEDS = range({start}, {stop})", cell.source)
    return notebook


def _cell_of_seeds(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    cells = [cell for cell in code_cells(notebook) if SEEDS.search(cell.source)]
    if len(cells) != 1:
        raise ValueError(f"{len(cells)} cells have the line SEEDS = range(…): exactly one must")
    return cells[0]


def main() -> int:
    """Confirm one notebook; exit with 1 if a verdict was withdrawn."""
    notebooks = {name: path for name, path in by_number().items() if has_seeds(path)}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebook", choices=notebooks, help="such as 09 or C11")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    return int(not confirm(notebooks[options.notebook], options.threads))


if __name__ == "__main__":
    sys.exit(main())
