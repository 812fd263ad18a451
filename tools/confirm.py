"""Run a lecture again with other seeds, and say how each of its checks comes out.

Usage: `python -m tools.confirm NOTEBOOK [--seeds FIRST LAST] [--threads N]`. Every lecture draws
its seeds in one line, `SEEDS = range(…)`; this line is replaced, and nothing is stored.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat

from cs826tl.verdicts import METADATA, WITHDRAWN
from tools.normalise import code_cells
from tools.notebooks import ENVIRONMENT, execute

SEEDS = re.compile(r"^SEEDS = range\([^)]*\)", re.MULTILINE)


def with_seeds(notebook: nbformat.NotebookNode, first: int, last: int) -> nbformat.NotebookNode:
    """Return the notebook with its seeds replaced by `first` to `last`, both included.

    Raises `ValueError` where it does not draw its seeds in exactly one line.
    """
    cells = [cell for cell in code_cells(notebook) if SEEDS.search(cell.source)]
    if len(cells) != 1:
        raise ValueError(f"{len(cells)} cells say `SEEDS = range(…)`: one must")
    cells[0].source = SEEDS.sub(f"SEEDS = range({first}, {last + 1})", cells[0].source)
    return notebook


def verdicts(notebook: nbformat.NotebookNode) -> list[dict[str, object]]:
    """Return the data of all verdicts that the notebook shows, in order, each once."""
    shown = [
        finding
        for cell in code_cells(notebook)
        for output in cell.outputs
        for finding in output.get("metadata", {}).get(METADATA, [])
    ]
    return [finding for k, finding in enumerate(shown) if finding not in shown[:k]]


def main() -> int:
    """Print every verdict of the run; exit 1 if one was withdrawn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--seeds", nargs=2, type=int, default=(10, 19), metavar=("FIRST", "LAST"))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    notebook = with_seeds(nbformat.read(options.notebook, as_version=4), *options.seeds)
    threads = {"OMP_NUM_THREADS": str(options.threads), "MKL_NUM_THREADS": str(options.threads)}
    execute(notebook, options.notebook.resolve().parent, environment=ENVIRONMENT | threads)
    found = verdicts(notebook)
    for finding in found:
        print(f"{finding['claim']}  {finding['slide']}")
        for check in finding["checks"]:
            print(f"    {check['outcome']} {check['sentence']}: {check['found']}")
        print(f"  {finding['verdict']}")
    return int(any(finding["verdict"] == WITHDRAWN for finding in found))


if __name__ == "__main__":
    sys.exit(main())
