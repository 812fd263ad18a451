"""Each student's own variant, derived from a secret key: nothing is stored, nothing is guessed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cs826tl_grader.exercise.rubric import Rubric, Variant

SHORTEST = 16  # bytes of a key


def read_key(path: Path) -> bytes:
    """Return the key in a file; `ValueError` if it is too short to be secret."""
    key = path.read_bytes().strip()
    if len(key) < SHORTEST:
        raise ValueError(
            f"{path}: a key needs {SHORTEST} bytes or more; make one with "
            "python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return key


def generator(key: bytes, *words: str) -> np.random.Generator:
    """Return a random generator that nobody can make again without the key.

    >>> a, b = (generator(b"a key of sixteen", "ada", name) for name in ("01_why", "02_kinds"))
    >>> bool(a.integers(1000) == b.integers(1000))
    False
    """
    digest = hmac.new(key, "\0".join(words).encode(errors="surrogatepass"), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def variant_of(
    rubric: Rubric, student: str, key: bytes | None, received: Sequence[str] = ()
) -> Variant:
    """Return the constants of a student's copy; without a key all copies are the same.

    Those of the run are drawn from the predictions that were `received`, under the key. So nobody
    can do the run before committing to a prediction, and another prediction has another run.
    """
    drawn = first_variant(rubric, student, key)
    words = (student, rubric.name, "run", *received)
    rng = np.random.default_rng(0) if key is None else generator(key, *words)
    return {**drawn, **rubric.draw_run(rng, drawn)}


def first_variant(rubric: Rubric, student: str, key: bytes | None) -> Variant:
    """Return the constants that a student has from the start, before predicting."""
    rng = np.random.default_rng(0) if key is None else generator(key, student, rubric.name)
    return rubric.draw_variant(rng)
