"""What a cell finds besides Python: `get_ipython()`, `display`, and nobody who could type."""

from __future__ import annotations

import builtins
import importlib
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
    shell = Shell()
    vars(module).update(display=lambda *_, **__: None, get_ipython=lambda: shell)
    builtins.input = _no_input
    return vars(module)


class Shell:
    """Stands in for IPython: `%%writefile` writes its file, other magics and `!` do nothing."""

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        """Run `%%writefile [-a] path`, and no other magic."""
        words = line.split()
        if name not in WRITING or not words:
            return
        added = "-a" in words or "--append" in words
        with open(words[-1].strip("'\""), "a" if added else "w", encoding="utf-8") as stream:
            stream.write(body)
        importlib.invalidate_caches()  # which would not see a file that is this new

    def getoutput(self, *_: object) -> list[str]:
        """Return what a command printed: nothing, as none is run."""
        return []

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def _no_input(*_: object) -> str:
    raise EOFError("nobody is there to type")
