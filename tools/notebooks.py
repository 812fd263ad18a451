"""Execute the course's notebooks and store their outputs in a form that only real changes change.

Usage: `python -m tools.notebooks [--check] [--pictures] [NOTEBOOK ...]`.

A notebook that fails, warns or names the machine is not written. The bytes of a picture differ from
machine to machine, so a stored picture stays as long as no code cell up to its own differs from the
last commit and the other outputs are the same. `--pictures` stores all of them again: use it after
a change in how the library draws.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.normalise import code_cells, comparable, complaints, has_picture, normalise

CHECKOUT = Path(__file__).resolve().parents[1]
# The kernel's environment, here and under nbval: progress bars would differ from run to run, and
# threads in a busy loop make a machine with other work many times slower.
ENVIRONMENT = {
    "COLUMNS": "80",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "PYTHONHASHSEED": "0",
    "TQDM_DISABLE": "1",
}
CELL_TIMEOUT = 600  # seconds: against a cell that hangs, not a limit for lectures
ALL_SEEDS_TIMEOUT = 3600  # the same where a cell computes every seed of its experiments


def course_notebooks() -> list[Path]:
    """Return the paths of the lectures, in reading order; exercises hold no outputs to store."""
    return sorted((CHECKOUT / "notebooks").glob("*.ipynb"))


def trials() -> list[Path]:
    """Return the paths of the trials, by claim."""
    return sorted((CHECKOUT / "notebooks" / "trials").glob("*.ipynb"))


def by_number() -> dict[str, Path]:
    """Return every lecture by its number, such as 07, and every trial by its claim, such as C11."""
    return {path.stem.partition("_")[0]: path for path in course_notebooks() + trials()}


class PeakMemory(threading.Thread):
    """Watch how much memory new children of this process hold together, until `stop`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._others = set(psutil.Process().children(recursive=True))  # such as a browser
        self.gigabytes = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        """Look five times a second."""
        while not self._done.wait(0.2):
            held = 0
            for child in set(psutil.Process().children(recursive=True)) - self._others:
                try:
                    held += child.memory_info().rss
                except psutil.Error:  # it ended between the two calls
                    continue
            self.gigabytes = max(self.gigabytes, held / 1e9)

    def stop(self) -> float:
        """Return the most that was seen, in GB."""
        self._done.set()
        self.join()
        return self.gigabytes


def execute(
    notebook: NotebookNode,
    folder: Path,
    *,
    environment: Mapping[str, str] = ENVIRONMENT,
    record_timing: bool = False,
    cell_timeout: int = CELL_TIMEOUT,
) -> None:
    """Run all cells, in place, in a fresh kernel without the user's own IPython profile.

    With `record_timing`, each cell's metadata says when it began and ended. A cell may take
    `cell_timeout` seconds.
    """
    client = NotebookClient(
        notebook,
        timeout=cell_timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=record_timing,
        store_widget_state=False,
        coalesce_streams=True,
    )
    with tempfile.TemporaryDirectory() as profile:
        client.execute(
            env={**os.environ, **environment, "IPYTHONDIR": profile},
            stderr=subprocess.DEVNULL,  # the kernel's own chatter; a cell's stderr is an output
        )


def unchanged_cells(path: Path, notebook: NotebookNode) -> int:
    """Return how many code cells, from the top, are as in the last commit."""
    git = ["git", "show", f"HEAD:./{path.name}"]
    committed = subprocess.run(git, cwd=path.parent, capture_output=True, check=False)
    if committed.returncode:
        return 0
    before = code_cells(nbformat.reads(committed.stdout.decode("utf-8"), as_version=4))
    same = 0
    for old, new in zip(before, code_cells(notebook), strict=False):
        if old.source != new.source:
            break
        same += 1
    return same


def keep_stored_pictures(stored: NotebookNode, fresh: NotebookNode, cells: int) -> None:
    """Give `fresh` the stored pictures of its first code cells if nothing else there differs.

    Measured numbers are kept only if nothing differs anywhere: a verdict and the table of findings
    that repeats it, further down, must come from one run.
    """
    pairs = list(zip(code_cells(stored), code_cells(fresh), strict=True))
    alike = [comparable(old) == comparable(new) for old, new in pairs]
    nothing_new = all(alike) and cells == len(pairs)
    for same, (old, new) in list(zip(alike, pairs, strict=True))[:cells]:
        if same and (nothing_new or has_picture(old) or not comparable(old)):
            new.outputs = old.outputs


def refresh(path: Path, *, new_pictures: bool) -> tuple[str, str]:
    """Return a notebook's text as it is stored and as it should be.

    Raises `ValueError` if the fresh outputs hold what no stored notebook may.
    """
    before = path.read_text(encoding="utf-8")
    stored = nbformat.reads(before, as_version=4)
    fresh = nbformat.reads(before, as_version=4)
    execute(fresh, path.parent)
    if found := complaints(fresh, CHECKOUT):
        raise ValueError("\n".join(found))
    normalise(stored)
    normalise(fresh)
    if not new_pictures:
        keep_stored_pictures(stored, fresh, unchanged_cells(path, fresh))
    return before, nbformat.writes(fresh) + "\n"


def write(path: Path, text: str) -> None:
    """Write a file completely or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def main() -> int:
    """Execute the notebooks named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--check", action="store_true", help="say what would change; write nothing")
    parser.add_argument("--pictures", action="store_true", help="store all pictures again")
    options = parser.parse_args()
    failed = False
    for path in [p.resolve() for p in options.notebooks] or course_notebooks() + trials():
        memory = PeakMemory()
        memory.start()
        start = time.perf_counter()
        try:
            before, after = refresh(path, new_pictures=options.pictures)
        except (CellExecutionError, CellTimeoutError, DeadKernelError, ValueError) as problem:
            verdict, changed = f"FAILED, left as it was\n{problem}", True
        else:
            changed = before != after
            if changed and not options.check:
                write(path, after)
            verdict = ("would change" if options.check else "written") if changed else "unchanged"
        cost = f"{time.perf_counter() - start:5.0f} s {memory.stop():5.2f} GB"
        print(f"{cost}  {path.name}: {verdict}", flush=True)
        failed |= changed and (options.check or verdict.startswith("FAILED"))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
