"""All stages are trained. On the CPU: ours against four peers. On a CUDA card: how near its limit.

Usage: `python -m benchmarks.full_finetune [--json]`; `benchmarks/README.md` has the results. On a
card only the tutorial's loop competes, and what is printed is images a second from the first to the
last epoch with validation, the share of the card's bf16 matmul peak, measured in the same run, and
the seconds until validation reaches the accuracy named by `--accuracy`.
"""

from __future__ import annotations

import importlib
import json
import time
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contest import OURS, Setting, load, parser, run
from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel


def matmul_peak(side: int = 8192, repeats: int = 20) -> float:
    """Measure how many floating-point operations a second the card does on large matrices."""
    a, b = torch.randn(2, side, side, device="cuda", dtype=torch.bfloat16)
    best = float("inf")
    for _ in range(repeats):
        torch.cuda.synchronize()
        start = time.perf_counter()
        a @ b
        torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return float(2 * side**3 / best)


def step_operations(model: StagedModel, task: Task, images: int = 2) -> float:
    """Count the floating-point operations of one training step, forward and backward, an image."""
    part = task.train[torch.arange(images)]
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(part.inputs), part.labels).backward()
    model.zero_grad(set_to_none=True)
    return counter.get_total_flops() / images


def seconds_to(rows: list[tuple[float, float]], accuracy: float) -> float | None:
    """Return after how many seconds validation reached the accuracy, if it did."""
    return next((seconds for seconds, reached in rows if reached >= accuracy), None)


def on_card(setting: Setting, accuracy: float) -> dict[str, Any]:
    """Let the tutorial's loop and ours train on the card; return what each of them reached."""
    peak = matmul_peak()
    result: dict[str, Any] = {"card": torch.cuda.get_device_name(), "matmul_peak": peak}
    for name in ("tutorial", OURS):
        model, task = load(setting)
        operations = step_operations(model, task)
        train = importlib.import_module(f"benchmarks.contestants.{name}").train
        start = time.perf_counter()
        rows = train(model, task, setting.epochs, setting.lr, setting.batch_size)
        torch.cuda.synchronize()
        speed = setting.epochs * len(task.train) / (time.perf_counter() - start)
        result[name] = {
            "weights": model.weights,
            "images_a_second": speed,
            "share_of_peak": speed * operations / peak,
            "seconds_to_accuracy": seconds_to(rows, accuracy),
            "accuracy": rows[-1][1],
        }
    return result


def main() -> None:
    """Run on the card where there is one, else on the CPU."""
    card = torch.cuda.is_available()
    sizes = {"backbone": "vgg16_torchvision", "size": 224} if card else {"images": 300, "epochs": 3}
    options = parser(__doc__, **{"backbone": "efficientnet_lite0", "size": 96} | sizes)
    options.add_argument("--accuracy", type=float, default=0.9, help="to be reached, on a card")
    given = options.parse_args()
    setting = Setting(given.images, given.epochs, given.size, None, given.backbone, lr=1e-4)
    if not card:
        run(given, setting)
    else:
        print(json.dumps(on_card(setting, given.accuracy), indent=None if given.json else 2))


if __name__ == "__main__":
    main()
