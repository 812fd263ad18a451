"""Run the course on the lowest versions that pyproject.toml allows.

Usage: `python -m tools.lowest`. It installs them into build/lowest, reads every public name, and
runs the doctests and lecture 00. It says why, and succeeds, where uv or the network is missing.

torch and torchvision are the exception: they are the ones that run this tool. On Linux their lowest
versions on the Python package index come with three gigabytes of CUDA.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from cs826tl.assets.downloads import why_pip_cannot_download

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / "build" / "lowest"
PYTHON = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NEVER = 'torch; python_version < "3"\ntorchvision; python_version < "3"\n'
READ_ALL = "import cs826tl; [getattr(cs826tl, name) for name in cs826tl.__all__]"
LECTURE = CHECKOUT / "notebooks" / "00_start_here.ipynb"


def why_not() -> str:
    """Return why the lowest versions cannot be installed here, or an empty text."""
    if _uv() is None:
        return "uv is not installed"
    with tempfile.TemporaryDirectory() as folder:
        return why_pip_cannot_download(Path(folder))


def install() -> None:
    """Put the lowest versions into a new environment, and this environment's packages behind it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run(str(_uv()), "venv", "--quiet", "--python", sys.executable, str(FOLDER))
    overrides = FOLDER / "overrides.txt"
    overrides.write_text(NEVER, encoding="utf-8")
    _run(
        *(str(_uv()), "pip", "install", "--quiet", "--python", str(PYTHON)),
        *("--resolution", "lowest-direct", "--override", str(overrides)),
        *("--editable", ".[grade,text]"),
    )
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    said = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    path_file = Path(said.stdout.strip(), "behind.pth")
    path_file.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


def check() -> None:
    """Read every public name, then run the doctests and lecture 00."""
    _run(str(PYTHON), "-c", READ_ALL)
    # Plug-ins of both environments would be found and get in each other's way.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    pytest = (str(PYTHON), "-m", "pytest", "-q", "--disable-warnings", "-p", "nbval.plugin")
    _run(*pytest, "cs826tl", env=environment)
    sanitizer = ("--nbval-sanitize-with", "tests/nbval_sanitize.cfg")
    _run(*pytest, "--nbval", "--nbval-current-env", *sanitizer, str(LECTURE), env=environment)


def _uv() -> str | None:
    beside = Path(sys.executable).parent
    return shutil.which("uv", path=str(beside)) or shutil.which("uv")


def _run(*command: str, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=CHECKOUT, env=env, check=True)


def main() -> int:
    """Install and check, or say why not."""
    if reason := why_not():
        print(f"the lowest versions were not tested: {reason}")
        return 0
    try:
        install()
        check()
    except subprocess.CalledProcessError as failed:
        print(f"on the lowest versions this failed: {failed}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
