"""Write `docs/claims.md`: what the course found of every claim, out of the stored notebooks.

Usage: `python -m tools.claims [--check]`. Each trial ends in a table of its findings; the data
behind it travel in the output's metadata, and this page is made of nothing else, nor is the file
that the lectures' cards read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from cs826tl.verdicts.cards import FINDINGS
from cs826tl.verdicts.verdict import METADATA
from tools.normalise import code_cells
from tools.notebooks import CHECKOUT, by_number, trials, write

PAGE = CHECKOUT / "docs" / "claims.md"
CLAIMS = [f"C{number:02d}" for number in range(1, 19)]  # of the slides
CLAIMS += [f"N{number:02d}" for number in range(1, 14)]  # of papers since
OPENING = """# The claims

What the slides say (C01, …) and what papers since then say (N01, …), what the course measured, and
the verdict. Every row comes from the table at the end of a trial, or of a lecture whose claims have
none yet; the same notebook holds the code that measured it. ✓ means that the whole 95 % interval
meets the bar, ✗ that none of it does, ? that the interval crosses the bar. Intervals are over seeds
(Student's t), of differences by seed where two ways are compared.

This page is generated: `python -m tools.claims`. `python -m tools.tuning.confirm C11` runs a trial
over ten other seeds. `python -m tools.tuning.bars` says which verdicts would be contradicted by
bars that are half as high, or twice.
"""


def findings(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the findings of one stored notebook, each with its path."""
    for finding in last_findings(nbformat.read(path, as_version=4)):
        yield {**finding, "notebook": path}


def last_findings(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return the verdicts of the notebook's last table of findings, as plain data."""
    tables = [
        output.metadata[METADATA]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if METADATA in output.get("metadata", {})
    ]
    return list(tables[-1]) if tables else []


def page() -> str:
    """Return the whole page as text."""
    by_claim = defaultdict(list)
    for path in by_number().values():
        for finding in findings(path):
            for claim in finding["claim"].split(", "):  # a verdict may be on two claims at once
                by_claim[claim].append(finding)
    parts = [OPENING]
    for claim in sorted({*CLAIMS, *by_claim}):
        parts.append(f"\n## {claim}\n")
        parts += [_section(finding) for finding in by_claim[claim]] or ["\nNot tested yet.\n"]
    return "".join(parts)


def _section(finding: dict[str, Any]) -> str:
    asked = "*We also asked:* " if finding["source"] == "We also asked" else ""
    lines = [
        f"\n> {asked}{finding['slide']}\n",
        "\n| | what the claim predicts | measured; bar |\n|---|---|---|\n",
    ]
    for check in finding["checks"]:
        how = "" if check["how"] == "measured" else f" ({check['how']})"
        lines.append(f"| {check['outcome']} | {check['sentence']}{how} | {check['found']} |\n")
    lines.append(f"\n**Verdict: {finding['verdict']}.** ")
    lines.append(f"{finding['conditions']}. " if finding["conditions"] else "")
    if changes := finding["changes"]:
        lines.append(f"What would change it: {changes}{'' if changes.endswith('?') else '.'} ")
    place = Path(os.path.relpath(finding["notebook"], PAGE.parent)).as_posix()
    name = finding["notebook"].stem.partition("_")[0]
    lines.append(f"[{'Lecture' if name.isdigit() else 'Trial'} {name}]({place})\n")
    return "".join(lines)


def on_trial() -> str:
    """Return what the trials found, as the text of the file that cards read."""
    found = {path.stem: last_findings(nbformat.read(path, as_version=4)) for path in trials()}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write both files, or with `--check` only say whether they are up to date."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="say what would change; write nothing")
    options = parser.parse_args()
    well = True
    for path, text in ((PAGE, page()), (FINDINGS, on_trial())):
        current = path.exists() and path.read_text(encoding="utf-8") == text
        if not current and not options.check:
            write(path, text)
        well &= current or not options.check
        state = "up to date" if current else "would change" if options.check else "written"
        print(f"{path.name}: {state}")
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
