"""Run a lecture's own experiments with other seeds, and print how each of its checks comes out."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

import nbformat

from cs826tl.verdicts import METADATA
from tools.normalise import code_cells
from tools.notebooks import CHECKOUT, ENVIRONMENT, execute

BLOCKS = ((200, 205), (205, 210))  # ten seeds that neither the lectures nor their tuning use
SEEDS = re.compile(r"^SEEDS = range\([^)]*\)", re.MULTILINE)


def confirm(lecture: str, blocks: Sequence[tuple[int, int]] = BLOCKS, threads: int = 1) -> None:
    """Print every check of a lecture, for each block of seeds, from the first up to the second.

    The lecture runs as it is, in a fresh kernel, but for its line `SEEDS = range(…)`. So what is
    confirmed is the experiment that readers run. Nothing is stored.

    Raises `ValueError` where a lecture does not have that line exactly once.
    """
    path = CHECKOUT / "notebooks" / f"{lecture}.ipynb"
    counts = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    for start, stop in blocks:
        notebook = with_seeds(nbformat.read(path, as_version=4), start, stop)
        execute(notebook, path.parent, environment={**os.environ, **ENVIRONMENT, **counts})
        print(f"{lecture}, seeds {start} to {stop - 1}, {threads} thread(s)")
        for finding in last_findings(notebook):
            print(f"  [{finding['claim']}] {finding['verdict']}")
            for check in finding["checks"]:
                print(f"    {check['outcome']} {check['sentence']}: {check['found']}", flush=True)


def with_seeds(notebook: nbformat.NotebookNode, start: int, stop: int) -> nbformat.NotebookNode:
    """Return the notebook with its seeds replaced; `ValueError` without one line that says them."""
    cells = [cell for cell in code_cells(notebook) if SEEDS.search(cell.source)]
    if len(cells) != 1:
        raise ValueError(f"{len(cells)} cells have the line SEEDS = range(…): exactly one must")
    cells[0].source = SEEDS.sub(f"SEEDS = range({start}, {stop})", cells[0].source)
    return notebook


def last_findings(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return the verdicts of the notebook's last table of findings, as plain data."""
    tables = [
        output.metadata[METADATA]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if METADATA in output.get("metadata", {})
    ]
    return list(tables[-1]) if tables else []
