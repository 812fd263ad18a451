"""Lecture 14's candidates over five more seeds, which the lecture has no time for.

Usage: `python -m tools.tuning.lecture_14_seeds`. It runs the lecture's own cells, with ten seeds,
and writes what they find for the last five: `tl.transferability.further_runs`. It took nine minutes
on two cores, beside other work.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
import pandas as pd

from cs826tl.studies.transferability import FURTHER_RUNS, SCORES
from tools.normalise import code_cells
from tools.notebooks import ENVIRONMENT, course_notebooks, execute
from tools.tuning.confirm import with_seeds

TEN, FURTHER = range(10), range(5, 10)
FINDS = "found = "  # how the cell begins that scores and fine-tunes
COLUMNS = ["target", "seed", "source", "depth", *SCORES, "accuracy"]


def candidates() -> pd.DataFrame:
    """Return what the lecture finds over ten seeds: a row for each candidate, target and seed."""
    (path,) = (path for path in course_notebooks() if path.stem.startswith("14"))
    notebook = with_seeds(nbformat.read(path, as_version=4), TEN.start, TEN.stop)
    (finds,) = (cell for cell in code_cells(notebook) if cell.source.startswith(FINDS))
    notebook.cells = notebook.cells[: notebook.cells.index(finds) + 1]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "found.pickle")
        notebook.cells.append(nbformat.v4.new_code_cell(f"found.to_pickle({str(kept)!r})"))
        execute(notebook, path.parent, environment={**os.environ, **ENVIRONMENT})
        found: pd.DataFrame = pd.read_pickle(kept)
    return found


if __name__ == "__main__":
    found = candidates()
    further = found.loc[found["seed"].isin(FURTHER), COLUMNS]
    further.to_csv(FURTHER_RUNS, sep="\t", index=False, float_format="%.6g")
