"""`cs826tl bundle`: one folder that installs and runs the course without a network.

It is for machines of the same kind: the same system and processor, the same Python. The libraries
in it are those of the environment that makes it, version by version.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

from cs826tl import course
from cs826tl.assets.cache import ASSETS, LECTURES, asset_folder, fetch

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
MAKEFILE = f"""\
# `make lab` installs the course into .venv, from wheels, and opens it, without a network.

PYTHON ?= python{VERSION}
PROBE = import sys; sys.exit(sys.version_info[:2] != tuple(map(int, "{VERSION}".split("."))))

lab: .venv/course
	CS826TL_HOME='$(CURDIR)/assets' .venv/bin/cs826tl lab --folder notebooks

.venv/course:
	@$(PYTHON) -c '$(PROBE)' || {{ echo 'name a Python {VERSION}: make lab PYTHON=…'; exit 1; }}
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip --isolated install --quiet --no-index --find-links wheels 'cs826tl[lab]'
	touch $@
"""
README = f"""\
The course, for a machine without a network. It must be of the kind that this was made on: the same
system and processor, and Python {VERSION}.

Copy this folder to your disk, then, in a terminal in the copy:

    make lab

On Windows:

    py -{VERSION} -m venv .venv
    .venv\\Scripts\\python -m pip --isolated install --no-index --find-links wheels cs826tl[lab]
    set CS826TL_HOME=%CD%\\assets
    .venv\\Scripts\\cs826tl lab --folder notebooks

notebooks  your copy of the lectures
assets     weights and data
wheels     the course and its libraries
slides     decks; open one in a browser (if they were made)
site       the course as pages; open index.html (if it was made)
"""


def bundle(out: Path) -> None:
    """Write the course into a new folder: wheels, weights and data, notebooks, decks, the site.

    Assets that were fetched by name come along. Decks and the site are copied from `build` where
    they were made.

    Raises FileNotFoundError outside of a checkout, ValueError if the folder holds something,
    and RuntimeError, with pip's last line, for a library that cannot be had as a wheel.
    """
    checkout = course.exercises_dir().parents[1]
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} holds something: name a new folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _add_wheels(checkout, staging / "wheels")
        _add_assets(staging / "assets")
        course.copy_notebooks(staging / "notebooks")
        _add_pages(checkout / "build", staging)
        (staging / "Makefile").write_text(MAKEFILE, encoding="utf-8")
        (staging / "README.txt").write_text(README, encoding="utf-8")
        staging.chmod(0o755)
        if out.exists():
            out.rmdir()
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _add_wheels(checkout: Path, wheels: Path) -> None:
    """Gather the course and all that it needs, in the versions that are installed here."""
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder, "installed.txt")
        versions.write_text("\n".join(_installed()), encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(wheels)]
        command = [*pip, "--constraint", str(versions), f"{checkout}[lab]"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise RuntimeError(
            f"not every library can be had as a wheel: {reason}. Where PyTorch came from an index"
            " of its own, name it: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu"
        )


def _installed() -> list[str]:
    found = {d.metadata["Name"]: d.version for d in distributions()}
    return sorted(f"{name}=={version}" for name, version in found.items() if name != "cs826tl")


def _add_assets(home: Path) -> None:
    fetch(*LECTURES)
    for name in ASSETS:
        if folder := asset_folder(name):
            shutil.copytree(folder, home / name)


def _add_pages(built: Path, staging: Path) -> None:
    """Copy decks and site, and say what is not there; pictures of the decks' screens stay."""
    for name in ("slides", "site"):
        if (built / name).is_dir():
            decks = built.glob(f"{name}/*.slides.html")
            pictures = shutil.ignore_patterns(*(deck.name.partition(".")[0] for deck in decks))
            shutil.copytree(built / name, staging / name, ignore=pictures)
        else:
            print(f"without {name}: run `make {name}` first to have them in it")
