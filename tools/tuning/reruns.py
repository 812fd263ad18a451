"""Run a lecture's own experiment on other seeds, and print what becomes of each check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from cs826tl.verdicts import METADATA
from tools.normalise import code_cells
from tools.notebooks import CHECKOUT, execute

SEEDS = "seeds = range(5)"  # the line with which a lecture says on which seeds it runs
OTHER_TEN = (range(200, 205), range(205, 210))  # in blocks as large as the lecture's


def rerun(path: Path, seeds: range) -> list[dict[str, Any]]:
    """Run a copy of the notebook on these seeds; return its findings, those of its last table.

    Raises `ValueError` where the notebook does not say its seeds in one line.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in code_cells(notebook) if SEEDS in cell.source.splitlines()]
    if len(cells) != 1:
        raise ValueError(f"{path.name} has {len(cells)} lines {SEEDS!r}; it needs one")
    cells[0].source = cells[0].source.replace(SEEDS, f"seeds = {seeds}")
    execute(notebook, path.parent)
    return last_findings(notebook)


def last_findings(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return the verdicts, as plain data, of the notebook's last table of findings."""
    tables = [
        output.metadata[METADATA]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if METADATA in output.get("metadata", {})
    ]
    return list(tables[-1]) if tables else []


def confirm(name: str, blocks: Sequence[range] = OTHER_TEN) -> None:
    """Print every check of the lecture: its outcome and value in each block of seeds."""
    path = CHECKOUT / "notebooks" / f"{name}.ipynb"
    for seeds in blocks:
        print(f"\n{name}, seeds {seeds.start} to {seeds.stop - 1}")
        for finding in rerun(path, seeds):
            print(f"[{finding['claim']}] {finding['verdict']}")
            for check in finding["checks"]:
                print(f"  {check['outcome']} {check['sentence']}: {check['found']}", flush=True)
