"""Write `docs/networks.md`: what each network of the course is, knows and costs.

    python -m tools.networks                  # the facts, and what is measured already
    python -m tools.networks --minutes 15     # and measure on, for so long

Every measurement is kept in `docs/networks.json` as soon as it is made, so a run that was cut short
goes on where it stopped. Accuracies are the same on every machine but for rounding; times are not,
and name no bar.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median, stdev

import numpy as np
import torch
from PIL import Image

from cs826tl import encode, load_backbone
from cs826tl._files import write_atomically
from cs826tl.assets.cache import AssetMissing, asset_path, is_available
from cs826tl.assets.catalogue import ASSETS
from cs826tl.methods.imagenet import top_k
from cs826tl.networks.shelf import BACKBONES
from cs826tl.training.codes import pooled
from cs826tl.training.probes import unfitted_probe

DOCS = Path(__file__).parent.parent / "docs"
SHOTS, SIDES, SEEDS = (20, 500), (64, 128), range(10)
TESTED, DRAWN = 2000, 10_000  # test pictures; training pictures that the seeds draw from


def photographs(name: str) -> list[int] | None:
    """Return how many of the twenty photographs are right at first guess, and among five."""
    model = load_backbone(name).eval()
    if len(model.classes) != 1000:
        return None
    files = sorted(asset_path("imagenet_photos").glob("*.jpg"))
    right = []
    for file in files:
        pixels = torch.from_numpy(np.array(Image.open(file).convert("RGB")))
        labels = top_k(model, pixels.permute(2, 0, 1).unsqueeze(0))[1][0].tolist()
        truth = int(file.stem.split("_")[-1])
        right.append((labels[0] == truth, truth in labels))
    return [sum(column) for column in zip(*right, strict=True)]


def milliseconds(name: str) -> float:
    """Return the median time of one picture's codes at the network's own size, in batches of 8."""
    model = load_backbone(name).eval()
    images = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    row = torch.nn.Sequential(model.preprocess, *model.stages)
    times = []
    with torch.inference_mode():
        for _ in range(5):
            start = time.process_time()
            row(images)
            times.append(time.process_time() - start)
    return round(1000 * median(times) / len(images), 1)


def cifar10(split: str, number: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the first pictures of a split and their labels."""
    folder = asset_path("cifar10")
    file, labels = {
        "train": ("data_batch_1.png", "train_lables.json"),
        "test": ("test_batch.png", "test_lables.json"),
    }[split]
    pixels = np.array(Image.open(folder / file).convert("RGB"))[:number]
    images = torch.from_numpy(pixels).reshape(-1, 32, 32, 3).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(json.loads((folder / labels).read_text())[:number])


def probes(name: str, side: int) -> dict[str, list[float]]:
    """Return the accuracies of linear probes on the last codes, by shots, one for each seed."""
    model = load_backbone(name, size=side)
    (images, labels), (held_out, truth) = cifar10("train", DRAWN), cifar10("test", TESTED)
    codes, tested = (pooled(encode(model, given)).cpu().numpy() for given in (images, held_out))
    found: dict[str, list[float]] = {}
    for shots in SHOTS:
        for seed in SEEDS:
            generator = torch.Generator().manual_seed(seed)
            order = torch.randperm(len(labels), generator=generator)
            drawn = torch.cat([order[labels[order] == k][:shots] for k in range(10)])
            probe = unfitted_probe().fit(codes[drawn], labels[drawn])
            found.setdefault(str(shots), []).append(float(probe.score(tested, truth)))
    return found


def measurements() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what can be measured here, the quickest first, under the name that it is kept by."""
    names = [n for n, spec in BACKBONES.items() if spec.asset and is_available(spec.asset)]
    for name in names:
        yield f"{name} photographs", lambda name=name: photographs(name)
        yield f"{name} milliseconds", lambda name=name: milliseconds(name)
    for side in SIDES:
        for name in names:
            if name != "tumour_vgg16":  # runs at one size only
                yield f"{name} probes {side}", lambda name=name, side=side: probes(name, side)


def table(kept: dict[str, object]) -> str:
    """Return the page's table, with a dash for what has not been measured."""
    heads = [
        "network",
        "source",
        "licence",
        "MB",
        "M parameters",
        "head",
        "top-1, top-5 of 20",
        "ms",
    ]
    heads += [f"CIFAR-10, {shots} per class, {side} px" for side in SIDES for shots in SHOTS]
    lines = [heads, ["---"] * len(heads)]
    for name, spec in BACKBONES.items():
        if spec.asset is None:
            continue
        asset = ASSETS[spec.asset]
        with torch.device("meta"):
            network = spec.build()
        million = sum(p.numel() for p in network.parameters()) / 1e6
        classes = "none" if spec.classes == () else str(len(spec.classes or range(1000)))
        right, ms = kept.get(f"{name} photographs"), kept.get(f"{name} milliseconds", "–")
        row = [
            f"`{name}`: {spec.title}, {spec.weights}", f"{asset.source}", asset.licence,
            f"{asset.megabytes:.0f}", f"{million:.2f}", classes,
            ", ".join(map(str, right)) if isinstance(right, list) else "–", str(ms),
        ]  # fmt: skip
        for side in SIDES:
            by_shots = kept.get(f"{name} probes {side}")
            for shots in SHOTS:
                values = by_shots[str(shots)] if isinstance(by_shots, dict) else []
                row.append(f"{mean(values):.3f} ± {stdev(values):.3f}" if values else "–")
        lines.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


PAGE = """# Networks

Written by `python -m tools.networks`. *ms* is processor time for one picture at the network's own
size, on one core of the machine that measured it: compare rows, not machines. The probes are linear
(`linear_probe`) on the last codes, averaged over the picture: mean and standard deviation of ten
draws of the labelled pictures, on 2,000 test pictures. A dash is what has not been measured, or
cannot be.

{table}
"""


def _write(path: Path, text: str) -> None:
    with write_atomically(path) as new:
        new.write_text(text, encoding="utf-8")


def main() -> None:
    """Measure for as long as was asked for, then write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=0, help="how long to measure at most")
    end = time.monotonic() + 60 * options.parse_args().minutes
    store = DOCS / "networks.json"
    kept: dict[str, object] = json.loads(store.read_text()) if store.exists() else {}
    for name, measure in measurements():
        if name in kept:
            continue
        if time.monotonic() >= end:
            break
        try:
            kept[name] = measure()
        except AssetMissing as missing:
            print(f"{name}: {missing}")
            continue
        _write(store, json.dumps(kept, indent=1) + "\n")
    _write(DOCS / "networks.md", PAGE.format(table=table(kept)))


if __name__ == "__main__":
    main()
