"""Where the notebooks are, and a copy of them that a student may change."""

import json
import os
from importlib.metadata import metadata
from pathlib import Path

from cs826tl._files import sha256_of, write_atomically

CHECKOUT = Path(__file__).parents[1] / "notebooks"
PACKAGED = Path(__file__).parent / "_notebooks"

_MANIFEST = ".cs826tl.json"
_NOT_COPIED = {".ipynb_checkpoints", "__pycache__", "exercises"}  # no solutions for students


def notebooks_dir() -> Path:
    """Return the folder of the notebooks: the installed package's, or else the checkout's.

    Raises FileNotFoundError if there is neither.
    """
    for folder in (PACKAGED, CHECKOUT):
        if (folder / "00_start_here.ipynb").is_file():
            return folder
    raise FileNotFoundError(
        f"no notebooks in {PACKAGED} nor in {CHECKOUT}: install cs826tl again, from its wheel"
    )


def exercises_dir() -> Path:
    """Return the folder of the exercises with their solutions, which only a checkout has.

    Raises FileNotFoundError in a package installed from its wheel.
    """
    folder = CHECKOUT / "exercises"
    if not folder.is_dir():
        raise FileNotFoundError(
            "exercises and their solutions are not part of the installed package: "
            f"get them with `git clone {_repository()}`, and run this command there"
        )
    return folder


def _repository() -> str:
    links: list[str] = metadata("cs826tl").get_all("Project-URL") or []
    return next(link.removeprefix("Repository, ") for link in links if "Repository, " in link)


def folder_to_open(wanted: Path | None) -> Path | None:
    """Return the folder to copy the notebooks into, or None to work in the checkout itself.

    Without a `wanted` folder that is a new one in the working folder or, if that cannot be
    written, in the home folder.
    """
    if wanted is None and notebooks_dir() == CHECKOUT and os.access(CHECKOUT, os.W_OK):
        return None
    here = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path.home()
    return wanted or here / "cs826tl-notebooks"


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the course into `folder`, or update the copy there; return the files left alone.

    Files that you changed since they were copied, and files that were there before, are never
    overwritten. To get a fresh copy of one, rename or delete yours.

    Raises FileNotFoundError without notebooks to copy, OSError if `folder` cannot be written.
    """
    source = notebooks_dir()
    folder.mkdir(parents=True, exist_ok=True)
    copied = _read_manifest(folder)
    kept = []
    for path in _files_in(source):
        name = path.relative_to(source).as_posix()
        target = folder / name
        mine, theirs = sha256_of(path), sha256_of(target) if target.exists() else None
        if theirs in (None, copied.get(name), mine):
            if theirs != mine:
                _replace(target, path.read_bytes())
            copied[name] = mine
        else:
            kept.append(target)
    _replace(folder / _MANIFEST, json.dumps(copied, indent=1).encode())
    return kept


def _files_in(source: Path) -> list[Path]:
    files = (path for path in source.rglob("*") if path.is_file())
    return sorted(path for path in files if not _NOT_COPIED & {*path.relative_to(source).parts})


def _read_manifest(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file as it was copied; nothing if the list cannot be read."""
    try:
        copied: dict[str, str] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # then whatever differs counts as the student's
    return copied


def _replace(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(target) as part:
        part.write_bytes(content)
