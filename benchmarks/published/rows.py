"""What others published under the two protocols: facts, typed in with their sources."""

from __future__ import annotations

SOURCE_ONLY, TARGET_ONLY = "Train Src", "Train Tgt"
OFFLINE = "Offline"  # all tasks at once

# SKADA-Bench, accuracies by shift: github.com/scikit-adaptation/skada-bench, commit 147e5a58,
# 1.0.0/_sources/experiment_results/table_results_all_dataset_unsupervised_accuracy.md.txt
SIMULATED = {
    SOURCE_ONLY: [0.88, 0.85, 0.66, 0.19],
    TARGET_ONLY: [0.92, 0.93, 0.82, 0.98],
    "Dens. RW": [0.88, 0.86, 0.66, 0.17],
    "Disc. RW": [0.85, 0.83, 0.71, 0.18],
    "Gauss. RW": [0.89, 0.86, 0.65, 0.21],
    "KLIEP": [0.88, 0.86, 0.65, 0.18],
    "KMM": [0.89, 0.86, 0.66, 0.17],
    "NN RW": [0.89, 0.86, 0.67, 0.15],
    "MMDTarS": [0.88, 0.86, 0.64, 0.20],
    "CORAL": [0.74, 0.62, 0.81, 0.11],
    "MapOT": [0.72, 0.58, 0.81, 0.10],
    "EntOT": [0.71, 0.60, 0.82, 0.12],
    "ClassRegOT": [0.74, 0.58, 0.81, 0.11],
    "LinOT": [0.73, 0.73, 0.76, 0.18],
    "MMD-LS": [0.88, 0.78, 0.72, 0.19],
    "JPCA": [0.88, 0.85, 0.66, 0.19],
    "SA": [0.74, 0.68, 0.80, 0.11],
    "TCA": [0.55, 0.50, 0.51, 0.58],
    "TSL": [0.88, 0.85, 0.66, 0.20],
    "JDOT": [0.72, 0.58, 0.82, 0.13],
    "OTLabelProp": [0.72, 0.59, 0.80, 0.07],
    "DASVM": [0.89, 0.86, 0.65, 0.13],
}

# Split MNIST, per cent by scenario: arXiv:1904.07734, table 4. iCaRL is for the last one only.
SPLIT_MNIST: dict[str, list[float | None]] = {
    "None": [87.19, 59.21, 19.90],
    "EWC": [98.64, 63.95, 20.01],
    "Online EWC": [99.12, 64.32, 19.96],
    "SI": [99.09, 65.36, 19.99],
    "LwF": [99.57, 71.50, 23.85],
    "DGR": [99.50, 95.72, 90.79],
    "DGR+distill": [99.61, 96.83, 91.79],
    "iCaRL": [None, None, 94.57],
    OFFLINE: [99.66, 98.42, 97.94],
}
