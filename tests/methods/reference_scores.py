"""What the authors' own code says of codes that anybody can draw again.

Usage: `python -m tests.methods.reference_scores FOLDER` prints what is `STORED`. The folder holds
`LogME.py` (commit 3a08950) and `LEEP.py` (1dbc4d1) of github.com/thuml/LogME, and `hscore.py` of
github.com/thuml/Transfer-Learning-Library, `tllib/ranking` (29a228d). LEEP's and the H-score's
authors published no code; these are the versions of LogME's authors.
"""

import sys

import numpy as np

SIZES = {"narrow": (120, 8), "wide": (60, 90)}
CLASSES = 4
STORED = {
    "narrow": {
        "LEEP": -1.0896926259185036,
        "LogME": -0.29037797199005455,
        "H-score": 1.88257590483083,
    },
    "wide": {"LEEP": -1.0958373931799705, "LogME": 2.25014540922164, "H-score": 3.000000000000001},
}


def drawn(size: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return codes, probabilities and labels of a size."""
    rng = np.random.default_rng(0)
    pictures, features = SIZES[size]
    labels = np.arange(pictures) % CLASSES
    codes = rng.normal(size=(pictures, features)) + rng.normal(size=(CLASSES, features))[labels]
    exponents = np.exp(codes[:, :8])
    return codes, exponents / exponents.sum(1, keepdims=True), labels


def main() -> None:
    """Print the numbers that the authors' code gives."""
    sys.path.insert(0, sys.argv[1])
    from hscore import h_score
    from LEEP import LEEP
    from LogME import LogME

    for size in SIZES:
        codes, probabilities, labels = drawn(size)
        scores = LEEP(probabilities, labels), LogME().fit(codes, labels), h_score(codes, labels)
        print(size, dict(zip(("LEEP", "LogME", "H-score"), map(float, scores), strict=True)))


if __name__ == "__main__":
    main()
