"""Put the repository's address, kept in `[project.urls]`, wherever the course links to itself.

Usage: `python -m tools.links owner/name`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PREFIX = r"(github\.com/|mybinder\.org/v2/gh/|colab\.research\.google\.com/github/)"


def repository(checkout: Path = CHECKOUT) -> str:
    """Return `owner/name` as pyproject.toml has it."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/")


def linking_files(checkout: Path = CHECKOUT) -> list[Path]:
    """Return every file that may hold the address; the last is the one that states it."""
    notebooks = sorted((checkout / "notebooks").rglob("*.ipynb"))
    pages = sorted(checkout.glob("*.md"))
    return [*notebooks, *pages, checkout / "CITATION.cff", checkout / "pyproject.toml"]


def stamp(new: str, checkout: Path = CHECKOUT) -> list[Path]:
    """Replace the present address by `new`; return the files that changed."""
    present = re.compile(PREFIX + re.escape(repository(checkout)) + r"(?![\w-])")
    changed = []
    for path in linking_files(checkout):
        before = path.read_text(encoding="utf-8")
        after = present.sub(rf"\g<1>{new}", before)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main() -> int:
    """Put in the address given on the command line."""
    given = sys.argv[1] if len(sys.argv) == 2 else ""
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", given):
        print(f"{given!r} is not a repository: give owner/name, without https://")
        return 2
    changed = stamp(given)
    for path in changed:
        print(f"stamped {path.relative_to(CHECKOUT)}")
    print(f"{len(changed)} files changed; the address is {repository()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
