"""Score the course's own methods under published protocols, beside the published scores.

    python -m benchmarks.published [--jobs N] [--mnist FOLDER] [--seeds N] [--store] [--json]

Lecture 10's methods on the simulated shifts of SKADA-Bench, lecture 09's remedies on split MNIST.
`--mnist` takes all of MNIST instead of MNIST-5k, from the files that torchvision's `MNIST` leaves
in `MNIST/raw`. `--store` writes what the lectures show, `cs826tl/verdicts/published_scores.json`.
skada, whose generator and folds SKADA-Bench uses, is no dependency: without it, that part is left
out.
"""

from __future__ import annotations

import argparse
import json
import os
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.published import remedies, simulated
from benchmarks.published.remedies import FISHER, JOINT, KEPT, SEEDS, WAYS
from benchmarks.published.rows import OFFLINE, SIMULATED, SPLIT_MNIST, TARGET_ONLY
from benchmarks.published.split_mnist import full_mnist, mnist_5k
from cs826tl.verdicts.published import FILE, OURS, PUBLISHED, as_table, ranks

INSTALL = "SKADA-Bench is left out: its shifts and folds are skada's (pip install skada)"
FEWER = (
    "- MNIST-5k, since the catalogue has no larger one (see --mnist): 600 training pictures per",
    "  task, not about 12,000; 1,000 to test on, not 10,000",
    "- 100 iterations per task, not 2,000: as many passes over the pictures",
)
SLIGHTLY_FEWER = (
    "- 55,000 training pictures, not 60,000",
    "- the strengths are those of MNIST-5k, with a twentieth of the iterations",
)
REMARKS = (
    "- Adam starts again in every task; heads of old tasks do not move",
    f"- EWC: Fisher information from {FISHER} pictures of a task; L2-SP starts from the last task",
    f"- replay: 1 of {KEPT} pictures is kept (iCaRL's share), 32 of each task are in every batch",
    "FWT says little: a task's own head guesses until it is trained, and in the class scenario no",
    "output is open for digits to come.",
)

Protocol = dict[str, Any]


def protocol(columns: Any, bounds: list[str], ours: Any, published: Any) -> Protocol:
    """Return what `cs826tl.verdicts.published` shows; ours are rounded as the published are."""
    rounded = {way: [round(score, 2) for score in row] for way, row in ours.items()}
    return {"columns": list(columns), "bounds": bounds, OURS: rounded, PUBLISHED: published}


def on_shifts(jobs: int) -> tuple[Protocol, dict[str, Any]]:
    """Return the simulated shifts' protocol, and how far the bounds are from the published ones."""
    scores = simulated.measure(jobs)
    kept = protocol(simulated.SHIFTS, [TARGET_ONLY], scores, SIMULATED)
    return kept, {"deviation": simulated.deviation(scores)}


def on_digits(
    jobs: int, mnist: Path | None = None, seeds: int = len(SEEDS)
) -> tuple[Protocol, dict[str, Any]]:
    """Return split MNIST's protocol in per cent, with backward transfer and strengths beside it.

    With a folder, on all of MNIST, otherwise on MNIST-5k.
    """
    digits = full_mnist(mnist) if mnist else mnist_5k()
    scores, strengths = remedies.measure(jobs, digits, range(seeds))
    ours = {
        way: [100 * scores[scenario][way]["ACC"] for scenario in scores] for way in (*WAYS, JOINT)
    }
    kept = protocol(scores, [OFFLINE, JOINT], ours, SPLIT_MNIST)
    remarks = ["Not as in the paper:", *(SLIGHTLY_FEWER if mnist else FEWER)]
    remarks += [f"- {seeds} seeds, not 20", *REMARKS]
    return kept, {"scores": scores, "strengths": strengths, "remarks": remarks}


def our_ranks(kept: Protocol) -> dict[str, list[int | str]]:
    """Return the rank of each of our methods in every column, bounds left out."""
    rivals = [row for way, row in kept[PUBLISHED].items() if way not in kept["bounds"]]
    ours = {way: row for way, row in kept[OURS].items() if way not in kept["bounds"]}
    return {way: ranks(row, rivals) for way, row in ours.items()}


def store(found: dict[str, Protocol]) -> None:
    """Write the lectures' file; a protocol that was not measured stays as it is."""
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    FILE.write_text(json.dumps(before | found, indent=1) + "\n", encoding="utf-8")


def show(found: dict[str, Protocol], beside: dict[str, dict[str, Any]]) -> str:
    """Lay out every protocol as a table, and say what was compared with what."""
    parts = []
    if "simulated" in found:
        parts += [
            as_table(found["simulated"]).to_string(float_format="{:.2f}".format),
            f"Train Src and Train Tgt differ by at most {beside['simulated']['deviation']:.3f} "
            "from the published.",
        ]
    transfer = {
        (scenario, what): {way: row.get(what) for way, row in rows.items()}
        for scenario, rows in beside["split_mnist"]["scores"].items()
        for what in ("BWT", "FWT")
    }
    parts += [
        as_table(found["split_mnist"]).to_string(float_format="{:.2f}".format, na_rep="–"),
        pd.DataFrame(transfer).to_string(float_format="{:.3f}".format, na_rep="–"),
        f"Strengths, chosen on validation with another seed: {beside['split_mnist']['strengths']}",
        "\n".join(beside["split_mnist"]["remarks"]),
    ]
    return "\n\n".join(parts)


def main() -> None:
    """Measure, and print tables or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--store", action="store_true", help="write what the lectures show")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--mnist", type=Path, metavar="FOLDER", help="with all of MNIST's files")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="of split MNIST")
    options = parser.parse_args()
    if options.store and (options.mnist or options.seeds != len(SEEDS)):
        parser.error(f"the lectures show MNIST-5k over {len(SEEDS)} seeds: leave out --store")
    on_these = partial(on_digits, mnist=options.mnist, seeds=options.seeds)
    measures = {"simulated": on_shifts, "split_mnist": on_these}
    missing = [] if find_spec("skada") else [INSTALL]
    if missing:
        del measures["simulated"]
    results = {name: measure(options.jobs) for name, measure in measures.items()}
    found = {name: kept for name, (kept, _) in results.items()}
    beside = {name: more for name, (_, more) in results.items()}
    if options.store:
        store(found)
    if options.json:
        rows = {
            name: kept | {"rank": our_ranks(kept)} | beside[name] for name, kept in found.items()
        }
        print(json.dumps(rows | {"missing": missing}))
    else:
        print("\n\n".join([*missing, show(found, beside)]))


if __name__ == "__main__":
    main()
