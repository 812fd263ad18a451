"""What a cell finds besides Python: `get_ipython()`, `display`, and nobody who could type."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
import types
from pathlib import Path
from typing import Any

WRITING = ("writefile", "file")


def namespace(folder: Path) -> dict[str, Any]:
    """Return the globals of a fresh `__main__`, in which dataclasses and pools find themselves.

    Modules that the notebook writes into `folder` can be imported, after all that are installed.
    """
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.path.append(str(folder))
    os.environ.update(USER="student", LOGNAME="student")  # who is asked for; no list has its id
    shell = Shell(vars(module))
    vars(module).update(display=lambda *_, **__: None, get_ipython=lambda: shell)
    builtins.input = _no_input
    return vars(module)


class Shell:
    """Stands in for IPython: `%%writefile` and `%run` work, other magics and `!` do nothing."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.user_ns = names

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        """Run `%%writefile [-a] path`, and no other magic."""
        words = line.split()
        if name not in WRITING or not words:
            return
        added = "-a" in words or "--append" in words
        with open(words[-1].strip("'\""), "a" if added else "w", encoding="utf-8") as stream:
            stream.write(body)
        importlib.invalidate_caches()  # which would not see a file that is this new

    def run_line_magic(self, name: str, line: str, *_: object) -> None:
        """Run `%run path`, and no other magic."""
        if name == "run" and line.split():
            path = Path(line.split()[-1].strip("'\"")).with_suffix(".py")
            exec(compile(path.read_bytes(), path, "exec", dont_inherit=True), self.user_ns)

    def getoutput(self, *_: object) -> list[str]:
        """Return what a command printed: nothing, as none is run."""
        return []

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def _no_input(*_: object) -> str:
    raise EOFError("nobody is there to type")
