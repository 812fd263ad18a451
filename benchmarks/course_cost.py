"""What the course costs: every lecture's seconds and peak memory, and its costliest cells.

Usage: `python -m benchmarks.course_cost [--json] [NOTEBOOK ...]`. The downloads are there, the
codes are not: every lecture is run from the top in one cache of its own, in reading order, as a
reader who goes through the course would, with threads that wait as PyTorch has them wait. Nothing
is written into the notebooks.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tools.cold import cold_cache
from tools.normalise import code_cells
from tools.notebooks import ENVIRONMENT, PeakMemory, course_notebooks, execute

COURSE_MINUTES, NOTEBOOK_GIGABYTES = 10, 1.5  # what the course is meant to stay within
COSTLIEST = 10  # cells that are named
READERS = {name: value for name, value in ENVIRONMENT.items() if name != "OMP_WAIT_POLICY"}


def cost(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run one notebook; return what it took as a whole, and what each of its cells took."""
    notebook = nbformat.read(path, as_version=4)
    memory = PeakMemory()
    memory.start()
    start = time.perf_counter()
    execute(notebook, path.parent, environment=READERS, record_timing=True)
    seconds = time.perf_counter() - start
    whole = {"notebook": path.name, "seconds": seconds, "gigabytes": memory.stop()}
    cells = [
        {"notebook": path.name, "cell": k, "seconds": cell_seconds(cell), "code": first_line(cell)}
        for k, cell in enumerate(code_cells(notebook), start=1)
    ]
    return whole, cells


def cell_seconds(cell: NotebookNode) -> float:
    """Return how long the kernel was busy with the cell, by the times that nbclient notes."""
    times = cell.metadata.get("execution", {})
    moments = [times.get(f"iopub.status.{status}") for status in ("busy", "idle")]
    if None in moments:
        return 0.0
    begin, end = (datetime.fromisoformat(moment) for moment in moments)
    return (end - begin).total_seconds()


def first_line(cell: NotebookNode) -> str:
    """Return the first line of code that does something."""
    lines = [line for line in cell.source.splitlines() if line and not line.startswith("#")]
    return lines[0][:60] if lines else ""


def show(result: dict[str, Any]) -> str:
    """Lay the result out as two tables in Markdown, and say whether the course stays within."""
    lines = ["| lecture | seconds | peak memory |", "|---|---:|---:|"]
    for row in result["notebooks"]:
        lines.append(f"| {row['notebook']} | {row['seconds']:.0f} | {row['gigabytes']:.2f} GB |")
    lines += ["", "| lecture | code cell | seconds | begins with |", "|---|---:|---:|---|"]
    for row in result["cells"][:COSTLIEST]:
        lines.append(
            f"| {row['notebook']} | {row['cell']} | {row['seconds']:.1f} | `{row['code']}` |"
        )
    lines += ["", f"All: {result['minutes']:.1f} min (meant: {COURSE_MINUTES}); highest memory "
                  f"{result['gigabytes']:.2f} GB (meant: {NOTEBOOK_GIGABYTES})."]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Run the notebooks named on the command line, or all of the course."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    given = options.parse_args()
    wholes, cells = [], []
    with cold_cache():
        for path in given.notebooks or course_notebooks():
            whole, its_cells = cost(path.resolve())
            wholes.append(whole)
            print(f"{path.name}: {whole['seconds']:.0f} s", file=sys.stderr, flush=True)
            cells += its_cells
    result = {
        "notebooks": wholes,
        "cells": sorted(cells, key=lambda cell: -cell["seconds"]),
        "minutes": sum(whole["seconds"] for whole in wholes) / 60,
        "gigabytes": max(whole["gigabytes"] for whole in wholes),
    }
    print(json.dumps(result) if given.json else show(result))


if __name__ == "__main__":
    main()
