"""Run a lecture again over other seeds, and say how each check of its findings comes out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat

from tools.claims import findings
from tools.notebooks import CHECKOUT, execute

BLOCKS = (
    range(200, 205),
    range(205, 210),
)  # ten seeds that neither the lecture nor its choices use
_SEEDS = re.compile(r"^SEEDS = range\(\d+\)", re.MULTILINE)


def confirm(lecture: str, blocks: Sequence[range] = BLOCKS) -> None:
    """Execute the lecture once per block of seeds and print the outcome of every check.

    The notebook is left as it is: a copy is executed, in which `SEEDS = range(n)` names the block.
    Raises `ValueError` where the notebook does not say its seeds in this way, exactly once.
    """
    path = CHECKOUT / "notebooks" / f"{lecture}.ipynb"
    for block in blocks:
        notebook = nbformat.read(path, as_version=4)
        replaced = 0
        for cell in notebook.cells:
            if cell.cell_type == "code":
                other = f"SEEDS = range({block.start}, {block.stop})"
                cell.source, number = _SEEDS.subn(other, cell.source)
                replaced += number
        if replaced != 1:
            raise ValueError(f"{path.name} has {replaced} lines 'SEEDS = range(…)', not one")
        execute(notebook, path.parent)
        print(f"\n{lecture}, seeds {block.start} to {block.stop - 1}")
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            nbformat.write(notebook, copy)
            for finding in findings(copy):
                print(f"[{finding['claim']}] {finding['verdict']}")
                for check in finding["checks"]:
                    print(f"    {check['outcome']} {check['sentence']}: {check['found']}")
