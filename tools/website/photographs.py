"""Build the page *Your own photographs*: a real network that runs and learns in the browser.

Usage: `python -m tools.website.photographs`.

Into `build/site/photographs` go the page from `site/photographs`, TensorFlow.js, the course's own
weights and some pictures. A page that was opened by double-click may load scripts, but neither
modules nor any other file, so all data are scripts that define one constant each.
"""

from __future__ import annotations

import json
import shutil
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import cs826tl
from cs826tl.assets.releases import NpmPackage
from cs826tl.plots.stages import ROLES
from tools.npm import folder_of
from tools.website.network_data import network_data
from tools.website.sample_sets import imagenet_photographs, sample_sets

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = CHECKOUT / "site" / "photographs"
BUILT = CHECKOUT / "build" / "site" / "photographs"
WIDGETS = Path(cs826tl.__file__).parent / "widgets"
SHARED = ("common.js", "common.css", "freezing/freezing_panel.css")
WASM = "dist/tfjs-backend-wasm-simd.wasm"
SCRIPTS = ("dist/tf-core.min.js", "dist/tf-backend-wasm.min.js")
CORE = NpmPackage(
    "@tensorflow/tfjs-core",
    "4.22.0",
    "e8f8aa285ad0237b901e7d79995a1450993cf11fb1b3cc02f09de167fdaf9496",
    (f"package/{SCRIPTS[0]}",),
)
BACKEND = NpmPackage(
    "@tensorflow/tfjs-backend-wasm",
    "4.22.0",
    "5cd6f5e18657c12fb94f4ec3dcef485c8c1a9ca39f3ef1d261c1cb13c1a231c3",
    (f"package/{SCRIPTS[1]}", f"package/{WASM}"),
)


def build(folder: Path = BUILT) -> Path:
    """Build the page into the folder, and return the page.

    The folder is replaced as a whole, and only by a page that is complete. Raises `AssetMissing`
    without the weights or the photographs, and `OSError` where TensorFlow.js cannot be fetched.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(SOURCE, draft)
    for path in SHARED:
        shutil.copy(WIDGETS / path, draft)
    for package, script in zip((CORE, BACKEND), SCRIPTS, strict=True):
        shutil.copy(folder_of(package) / script, draft)
    for name, constants in _data().items():
        lines = [
            f"const {constant} = {json.dumps(value)};\n" for constant, value in constants.items()
        ]
        (draft / name).write_text("".join(lines), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return folder / "index.html"


def _data() -> dict[str, dict[str, Any]]:
    """Return the scripts of data: their names, and the constants that each defines."""
    structure, weights = network_data()
    colours = {role: colour for role, (colour, _) in ROLES.items()}
    return {
        "data_network.js": {"NETWORK": structure, "COLOURS": colours},
        "data_pictures.js": {"SAMPLES": sample_sets(), "IMAGENET": imagenet_photographs()},
        "data_wasm.js": {"WASM": _base64((folder_of(BACKEND) / WASM).read_bytes())},
        "data_weights.js": {"WEIGHTS": _base64(weights.tobytes())},
    }


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def main() -> int:
    """Build the page and say where it is and how large it is."""
    page = build()
    size = sum(file.stat().st_size for file in page.parent.iterdir())
    print(f"{page.relative_to(CHECKOUT)}: {size / 1e6:.1f} MB with all that it loads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
