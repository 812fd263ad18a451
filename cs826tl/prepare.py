"""`cs826tl prepare`: fill the folder that a class reads together, so that it pays for codes once.

The hub's administrator does this once, and again after an update or for another kind of machine: a
card's codes are kept apart from a processor's. Everybody may read the folder, nobody else writes
it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from cs826tl import course
from cs826tl._errors import unknown
from cs826tl.assets.cache import LECTURES, fetch

_NOTEBOOKS = ("nbclient", "nbformat")  # what runs a lecture; JupyterLab brings them


def prepare(folder: Path, names: Sequence[str] = (), only: Sequence[str] = ()) -> list[str]:
    """Fetch weights and data into the folder and run every lecture once; return which failed.

    Besides what the lectures need, the assets in `names` are fetched. With `only`, those lectures
    are run. What is there already is kept, so a second run takes less. One line is printed for each
    lecture.

    Raises AssetMissing for what cannot be fetched, ValueError for an unknown asset or lecture,
    OSError if the folder cannot be written, and ImportError without JupyterLab.
    """
    _ask_for_jupyter()
    with _everything_in(folder), tempfile.TemporaryDirectory() as copy:
        course.copy_notebooks(Path(copy))
        lectures = {path.stem: path for path in sorted(Path(copy).glob("*.ipynb"))}
        for name in only:
            if name not in lectures:
                raise unknown("lecture", name, lectures)
        fetch(*LECTURES, *names)
        failed = [name for name in only or lectures if not _ran(lectures[name])]
    let_all_read(folder)
    codes, total = _megabytes(folder / "codes"), _megabytes(folder)
    print(f"in {folder}: {total - codes:.0f} MB of weights and data, {codes:.0f} MB of codes")
    return failed


def let_all_read(folder: Path) -> None:
    """Let every user of this machine read a folder and all that is in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


@contextmanager
def _everything_in(folder: Path) -> Iterator[None]:
    """Have this process and its children take the folder for their cache, and no other."""
    folder.mkdir(parents=True, exist_ok=True)
    before = {name: os.environ.pop(name, None) for name in ("CS826TL_HOME", "CS826TL_SHARED")}
    os.environ["CS826TL_HOME"] = str(folder.absolute())
    try:
        yield
    finally:
        del os.environ["CS826TL_HOME"]
        os.environ.update({name: value for name, value in before.items() if value is not None})


def _ran(lecture: Path) -> bool:
    """Run all cells of a notebook in a fresh kernel, and say how that went."""
    began = time.perf_counter()
    problem = _problem(lecture)
    said = f"FAILED: {problem}" if problem else f"{time.perf_counter() - began:.0f} s"
    print(f"{lecture.stem}: {said}", flush=True)
    return not problem


def _problem(lecture: Path) -> str:
    """Return what stopped a notebook, or an empty text."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    notebook = nbformat.read(lecture, as_version=4)  # type: ignore[no-untyped-call]
    kernel = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(lecture.parent)}},
    )
    quiet = {"JUPYTER_PREFER_ENV_PATH": "1", "TQDM_DISABLE": "1"}
    try:
        kernel.execute(env=os.environ | quiet, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    except DeadKernelError as error:
        return str(error)
    return ""


def _ask_for_jupyter() -> None:
    if not all(find_spec(name) for name in _NOTEBOOKS):
        raise ImportError("lectures run in Jupyter: run `pip install 'cs826tl[hub]'`")


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
