"""Where the notebooks are, and a copy of them that a student may change."""

import hashlib
import json
import os
from pathlib import Path

CHECKOUT = Path(__file__).parents[1] / "notebooks"
PACKAGED = Path(__file__).parent / "_notebooks"

_MANIFEST = ".cs826tl.json"
_NOT_COPIED = {".ipynb_checkpoints", "__pycache__", "exercises"}  # solutions stay here


def notebooks_dir() -> Path:
    """Return the folder of the notebooks: inside the installed package, or of the checkout.

    Raises FileNotFoundError where there is neither.
    """
    for folder in (PACKAGED, CHECKOUT):
        if (folder / "00_start_here.ipynb").is_file():
            return folder
    raise FileNotFoundError(
        f"no notebooks in {PACKAGED} nor in {CHECKOUT}: install cs826tl again, from its wheel"
    )


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the course into `folder` or bring it up to date there; return what was left alone.

    A file that was changed since it was copied is never overwritten, nor is one that was there
    before: these are the files returned. To get a fresh copy of one, rename or delete yours.

    Raises FileNotFoundError without notebooks to copy, OSError where `folder` cannot be written.
    """
    source = notebooks_dir()
    folder.mkdir(parents=True, exist_ok=True)
    copied = _read_manifest(folder)
    kept = []
    for path in _files_in(source):
        name = path.relative_to(source).as_posix()
        target = folder / name
        mine, theirs = _sha256(path), _sha256(target) if target.exists() else None
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


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_manifest(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file as it was copied; where it cannot be read, of none."""
    try:
        copied: dict[str, str] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # then whatever differs counts as the student's
    return copied


def _replace(target: Path, content: bytes) -> None:
    """Write beside the target, then rename, so that nobody sees half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.tmp")
    beside.write_bytes(content)
    os.replace(beside, target)
