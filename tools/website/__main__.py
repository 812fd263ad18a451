"""Build the site into `build/site`: pages, decks, downloads, and widgets that answer offline.

Usage: `python -m tools.website [--few NAME ...] [--out FOLDER]`. `--few` records of what is costly
only what it names, such as `07-panel-33`, and nothing of lectures of which it names nothing.
Recordings are kept in `build/recordings` until the code that they depend on changes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from cs826tl._errors import unknown
from tools.notebooks import CHECKOUT, ENVIRONMENT, course_notebooks
from tools.website import photographs
from tools.website.decks import write_decks
from tools.website.downloads import write_downloads
from tools.website.front import write_front
from tools.website.library import mend_ways_back, write_library
from tools.website.live import Lecture
from tools.website.pages import write_pages
from tools.website.record import KEPT, digest
from tools.website.sizes import check_sizes, contents, longest_first

SITE = CHECKOUT / "build" / "site"
BESIDE = {"photographs"}  # a page of its own, which builds itself
PROCESSES = 2  # each with one thread


def build(out: Path = SITE, few: Sequence[str] | None = None) -> Path:
    """Build the site into a folder; return its home page.

    Raises `ValueError` for a name in `few` that no widget has.
    """
    lectures = [Lecture.read(path) for path in course_notebooks()]
    named = [one.name for lecture in lectures for one in lecture.live]
    for name in few or ():
        if name not in named:
            raise unknown("widget", name, named)
    with ThreadPoolExecutor(PROCESSES) as pool:
        made = [(one, pool.submit(recordings, one, few)) for one in longest_first(lectures)]
    folders = [folder for one, done in made if (folder := _recorded(one, done))]
    scripts = [script for folder in folders for script in sorted(folder.glob("*.js"))]
    check_sizes(scripts)
    with tempfile.TemporaryDirectory() as working:
        sources = Path(working) / "sources"
        whole = few is None
        write_pages(sources, lectures, {script.stem for script in scripts}, photographs=whole)
        write_front(sources / "static")
        write_library(sources / "library", whole=whole)
        _sphinx(sources, Path(working) / "site")
        _replace(out, Path(working) / "site")
    _copy(scripts, out / "_static" / "recordings")
    write_downloads(out / "downloads", lectures)
    write_decks(out / "decks", lectures, {script.stem for script in scripts})
    if whole:
        photographs.build(out / "photographs")
    return out / "index.html"


def _recorded(lecture: Lecture, made: Future[Path]) -> Path | None:
    """Return the folder of a lecture's recordings; where they failed, say so: the site goes on."""
    try:
        return made.result()
    except (subprocess.CalledProcessError, ValueError) as problem:
        print(f"{lecture.stem}: LEFT OUT, its widgets do not answer: {problem}", flush=True)
        return None


def recordings(lecture: Lecture, few: Sequence[str] | None) -> Path:
    """Return the folder of a lecture's recordings, which are made unless they are there."""
    names = None if few is None else [name for name in few if name.startswith(f"{lecture.number}-")]
    folder = KEPT / f"{lecture.stem}-{digest(lecture, names)}"
    start, kept = time.perf_counter(), folder.exists()
    if names != [] and not kept:
        only = [] if names is None else ["--only", *names]
        command = [sys.executable, "-m", "tools.website.record", str(lecture.path), str(folder)]
        threads = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
        subprocess.run([*command, *only], check=True, env=os.environ | ENVIRONMENT | threads)
        for old in KEPT.glob(f"{lecture.stem}-*") if few is None else ():
            if old != folder and (old / WHOLE).exists():
                shutil.rmtree(old)
        if few is None:
            (folder / WHOLE).touch()
    how = "kept from before" if kept else f"recorded in {time.perf_counter() - start:.0f} s"
    if names != []:
        print(f"{lecture.stem}: {contents(folder)}, {how}", flush=True)
    return folder


WHOLE = "whole"  # marks recordings of all that a lecture has


def _sphinx(sources: Path, out: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-j", "2", "-b", "html"]
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    subprocess.run([*command, str(sources), str(out)], check=True, env=environment)
    mend_ways_back(out)
    shutil.rmtree(out / ".doctrees", ignore_errors=True)
    (out / "_static" / "webpack-macros.html").unlink(missing_ok=True)  # the theme's, and no page


def _replace(out: Path, fresh: Path) -> None:
    """Put a fresh site into the place of an old one; pages that other tools wrote there stay."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        if old.name not in BESIDE:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for new in fresh.iterdir():
        shutil.move(new, out / new.name)


def _copy(scripts: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for script in scripts:
        shutil.copy(script, folder)


def main() -> int:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", nargs="*", metavar="NAME", help="record only these")
    parser.add_argument("--out", type=Path, default=SITE)
    given = parser.parse_args()
    home = build(given.out, given.few)
    size = sum(path.stat().st_size for path in home.parent.rglob("*") if path.is_file())
    print(f"{home}: {size / 1e6:.0f} MB; open it with a double click")
    return 0


if __name__ == "__main__":
    sys.exit(main())
