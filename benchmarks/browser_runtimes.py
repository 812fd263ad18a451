"""EfficientNet-Lite0 in the browser: TensorFlow.js as the page uses it, beside ONNX Runtime Web.

Usage: `python -m benchmarks.browser_runtimes [--json]`, after `pip install onnx onnxscript`. Both
run WebAssembly in one thread, as a page opened by double-click must, on the same twenty
photographs. The difference is of the codes from PyTorch's, relative.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch
from playwright.sync_api import Browser, sync_playwright

from benchmarks.photographs_page import cpu_seconds
from cs826tl import load_backbone, load_task
from cs826tl.assets.releases import NpmPackage
from tools.chromium import ABSENT, OPTIONS, find_chromium
from tools.npm import folder_of
from tools.website.photographs import BACKEND, CORE, build

ORT_WASM = "ort-wasm-simd-threaded.wasm"
ORT = NpmPackage(
    "onnxruntime-web",
    "1.30.0",
    "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
    (
        "package/dist/ort.wasm.min.js",
        "package/dist/ort-wasm-simd-threaded.mjs",
        f"package/dist/{ORT_WASM}",
    ),
)
TENSORFLOW = """async () => {
    network = await loadNetwork();
    const { weight, bias } = network.last;
    window.pictures = await Promise.all(IMAGENET.map(({ data }) =>
        readPicture(new Blob([bytesOf(data)]), NETWORK.size)));
    window.run = async (pixels) =>
        (await codesOf([await runFrozen(network, pixels)], weight.tensor, bias.tensor))[0];
}"""
ONNX = """async () => {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = `${location.origin}/dist/`;
    const session = await ort.InferenceSession.create("network.onnx");
    const floats = new Float32Array(await (await fetch("pictures.bin")).arrayBuffer());
    const shape = [1, 3, 224, 224], size = 3 * 224 * 224;
    window.pictures = Array.from({ length: floats.length / size },
        (_, k) => new ort.Tensor("float32", floats.slice(k * size, (k + 1) * size), shape));
    window.run = async (pixels) => (await session.run({ pixels })).codes.data;
}"""
ALL = """async () => {
    const codes = [];
    for (const picture of pictures) codes.push([...(await run(picture))]);
    return codes;
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> int:
    """Measure both, and print milliseconds a picture, megabytes and the difference."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (chromium := find_chromium()) is None:
        parser.error(ABSENT)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        wanted = _write_onnx(Path(folder))
        page = build(Path(folder) / "photographs")
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ours = _run(browser, page.as_uri(), TENSORFLOW, wanted)
        theirs = _run(browser, f"http://127.0.0.1:{server.server_port}/ort.html", ONNX, wanted)
        server.shutdown()
        browser.close()
    result = {
        "TensorFlow.js": {"megabytes": _size(CORE) + _size(BACKEND), **ours},
        "ONNX Runtime Web": {"megabytes": _size(ORT), **theirs},
    }
    print(json.dumps(result, indent=None if options.json else 2))
    return 0


def _write_onnx(folder: Path) -> torch.Tensor:
    """Write the network, the pictures and a page; return the codes that PyTorch computes."""
    model, images = (
        load_backbone("efficientnet_lite0").eval(),
        load_task("imagenet_photos").test.inputs,
    )
    with torch.no_grad():
        pixels = model.preprocess(images)
        codes: torch.Tensor = model.stages(pixels)
    target, names = folder / "network.onnx", {"input_names": ["pixels"], "output_names": ["codes"]}
    torch.onnx.export(
        model.stages, (pixels[:1],), target, dynamo=True, external_data=False, **names
    )
    (folder / "pictures.bin").write_bytes(pixels.numpy().tobytes())
    shutil.copytree(folder_of(ORT), folder, dirs_exist_ok=True)
    (folder / "ort.html").write_text('<!doctype html><script src="dist/ort.wasm.min.js"></script>')
    return codes


def _run(browser: Browser, address: str, prepare: str, wanted: torch.Tensor) -> dict[str, float]:
    page = browser.new_page()
    page.goto(address)
    page.evaluate(prepare)
    page.evaluate(ALL)  # to warm up
    clock, cpu = time.perf_counter(), cpu_seconds()
    codes = torch.tensor(page.evaluate(ALL))
    clock, cpu = time.perf_counter() - clock, cpu_seconds() - cpu
    difference = ((codes - wanted).norm(dim=1) / wanted.norm(dim=1)).max().item()
    page.close()
    each = 1000 / len(codes)
    return {
        "milliseconds": clock * each,
        "CPU milliseconds": cpu * each,
        "difference": difference,
    }


def _size(package: NpmPackage) -> float:
    return sum(file.stat().st_size for file in folder_of(package).rglob("*.*")) / 1e6


if __name__ == "__main__":
    sys.exit(main())
