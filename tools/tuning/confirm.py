"""Run a lecture's own cells with other seeds, and print how each of its checks came out."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from tools.notebooks import CHECKOUT

BLOCKS = ((200, 205), (205, 210))  # ten seeds that neither the lecture nor its tuning uses
SEEDS = re.compile(r"^SEEDS = range\(\d+\)", re.MULTILINE)


def confirm(lecture: str, blocks: Sequence[tuple[int, int]] = BLOCKS) -> None:
    """Print the outcome of every check of a lecture, for each block of seeds.

    The lecture's code runs as it is, but for the line `SEEDS = range(…)`. So what is confirmed is
    the experiment that readers run.

    Raises `ValueError` where a lecture does not have that line exactly once, or no `Findings`.
    """
    os.environ |= {"MPLBACKEND": "agg", "TQDM_DISABLE": "1"}
    path = CHECKOUT / "notebooks" / f"{lecture}.ipynb"
    cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
    for start, stop in blocks:
        print(f"{lecture}, seeds {start} to {stop - 1}")
        for verdict in findings(cells, f"SEEDS = range({start}, {stop})").verdicts:
            print(f"  [{verdict.claim}] {verdict.conclusion}")
            print(*(f"    {check}" for check in verdict.checks), sep="\n", flush=True)


def findings(cells: Sequence[str], seeds: str) -> Any:
    """Run the cells with other seeds, up to the table of findings, and return that table."""
    if sum(len(SEEDS.findall(cell)) for cell in cells) != 1:
        raise ValueError("the lecture needs the line SEEDS = range(…), once")
    names: dict[str, Any] = {"display": lambda *_: None, "__name__": "lecture"}
    for cell in cells:
        code = TransformerManager().transform_cell(SEEDS.sub(seeds, cell))
        tree = ast.parse(code)
        table = tree.body.pop() if "Findings(" in code else None
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
            exec(compile(tree, "<lecture>", "exec"), names)
        if isinstance(table, ast.Expr):
            return eval(compile(ast.Expression(table.value), "<lecture>", "eval"), names)
    raise ValueError("the lecture has no cell that ends on Findings(…)")
