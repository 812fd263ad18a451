"""Change the library's code in small ways, and see which changes no test notices.

    python -m tools.mutation cs826tl/training/costs.py cs826tl/methods

Each module is tried with its own tests. mutmut makes the mutants and runs the tests;
everything happens in a copy under `build/mutation`. Exits with 1 if fewer than 85 % are killed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
WORK = HOME / "build" / "mutation"
ROOMS = ("cs826tl/training", "cs826tl/networks", "cs826tl/methods")
NEEDED = ("cs826tl", "cs826tl_grader", "tests", "tools", "notebooks", "conftest.py")
BAR = 0.85
SURVIVED, UNTESTED = 0, {5, 33}  # pytest's and mutmut's exit codes for no test
SKIPPED = 34


def modules(paths: Iterable[str]) -> list[Path]:
    """Return the modules in files and folders, as paths below the checkout.

    >>> modules(["cs826tl/training/costs.py"])
    [PosixPath('cs826tl/training/costs.py')]
    """
    found = [HOME / path for path in paths]
    files = [file for path in found for file in ([path] if path.is_file() else path.rglob("*.py"))]
    return sorted(file.relative_to(HOME) for file in files if file.name != "__init__.py")


def tests_of(module: Path) -> list[str]:
    """Return the test file of the module's name, or else those that import from it or its package.

    >>> tests_of(Path("cs826tl/training/costs.py"))
    ['tests/training/test_costs.py']
    """
    files = sorted((HOME / "tests").rglob("test_*.py"))
    named = [file for file in files if file.name == f"test_{module.stem}.py"]
    importing = (file for file in files if _imports(file, module))
    return [str(file.relative_to(HOME)) for file in named or importing]


def _imports(file: Path, module: Path) -> bool:
    name = ".".join(module.with_suffix("").parts)
    text = file.read_text(encoding="utf-8")
    return f"from {name} import" in text or f"from {name.rpartition('.')[0]} import" in text


def try_module(module: Path) -> dict[str, int]:
    """Return the exit code of the tests for each mutant of the module, by the mutant's name."""
    place = WORK / ".".join(module.with_suffix("").parts)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in NEEDED:
        (place / name).symlink_to(HOME / name)
    settings = {
        "source_paths": ["cs826tl"],
        "only_mutate": [str(module)],
        "also_copy": list(NEEDED[1:]),
        "process_isolation": "forkserver",  # PyTorch does not survive a fork once it has run
        "pytest_add_cli_args_test_selection": tests_of(module),
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    project = (HOME / "pyproject.toml").read_text(encoding="utf-8")
    whole = f"{project}\n[tool.mutmut]\n{''.join(lines)}"
    (place / "pyproject.toml").write_text(whole, encoding="utf-8")
    log = place / "log.txt"
    with log.open("w") as out:
        subprocess.run(
            [sys.executable, "-m", "mutmut", "run", "--max-children", "2"],
            cwd=place, stdout=out, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    meta = place / "mutants" / f"{module}.meta"
    codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
    if None in codes.values():
        raise RuntimeError(f"mutmut did not finish {module}: see {log}")
    return {name: code for name, code in codes.items() if code is not None and code != SKIPPED}


def main() -> int:
    """Try the modules, name the survivors, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=ROOMS, help="modules or folders")
    killed = total = 0
    for module in modules(parser.parse_args().paths):
        codes = try_module(module)
        alive = [name for name, code in codes.items() if code == SURVIVED or code in UNTESTED]
        total, killed = total + len(codes), killed + len(codes) - len(alive)
        print(f"{module}: {len(codes) - len(alive)} of {len(codes)} killed", flush=True)
        for name in alive:
            print(f"  survived: {name}", flush=True)
    print(f"{killed} of {total} killed; the bar is {BAR:.0%}")
    return 0 if killed >= BAR * total else 1


if __name__ == "__main__":
    sys.exit(main())
