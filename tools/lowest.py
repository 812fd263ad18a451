"""Run the course on the lowest versions that pyproject.toml allows.

Usage: `python -m tools.lowest`. It installs them into build/lowest, reads every public name, and
runs the doctests and lecture 00. If uv or the network is missing, it says so and succeeds.

The exceptions are torch and torchvision, which are those of the environment that runs this tool: on
Linux their lowest versions on the Python package index come with three gigabytes of CUDA.
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
    """Put the lowest versions into a new environment; behind them, this environment's packages."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run(str(_uv()), "venv", "--quiet", "--python", sys.executable, str(FOLDER))
    overrides = FOLDER / "overrides.txt"
    overrides.write_text(NEVER, encoding="utf-8")
    _run(
        *(str(_uv()), "pip", "install", "--quiet", "--python", str(PYTHON)),
        *("--resolution", "lowest-direct", "--override", str(overrides)),
        *("--only-binary", ":all:"),  # the lowest that this Python can have without a compiler
        *("-r", "pyproject.toml", "--extra", "grade", "--extra", "text"),
    )
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    said = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    behind = f"{CHECKOUT}\n{sysconfig.get_path('purelib')}\n"
    Path(said.stdout.strip(), "behind.pth").write_text(behind, encoding="utf-8")


def check() -> None:
    """Read every public name, then run the doctests and lecture 00."""
    _run(str(PYTHON), "-c", READ_ALL)
    # Plug-ins of both environments would be found and get in each other's way.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugins = ("-p", "nbval.plugin", "-p", "pytest_timeout")
    pytest = (str(PYTHON), "-m", "pytest", "-q", "--disable-warnings", *plugins)
    _run(*pytest, "cs826tl", "cs826tl_grader", env=environment)
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
