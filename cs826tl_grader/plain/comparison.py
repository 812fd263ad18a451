"""Compares an answer with the expected value, and never says what was expected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from cs826tl_grader.plain.exchange import Other


def difference(got: Any, expected: Any, tolerance: float = 1e-5) -> str:
    """Return "" where `got` equals `expected`, else what is wrong with it, in words.

    Numbers agree within `tolerance`, relative or absolute. A number, a NumPy number and an array
    or tensor of one number are the same answer; so are an array, a tensor and a list of the same
    shape. `True` is not 1. The words name kinds, never values.

    >>> difference([1, 2.0], np.array([1, 2])), difference(np.array([1, 2]), [1, 2])
    ('', '')
    >>> difference(3, 4), difference("3", 3)
    ('another number', 'text, where a number is asked for')
    """
    if _kind(expected) in ("array", "number") and _kind(got) in ("array", "number", "list"):
        return _numbers(got, expected, tolerance)
    rows = _kind(got) == "array" and got.ndim > 0 and _kind(expected) == "list"
    if _kind(got) != _kind(expected) and not rows:
        return f"{_words(got)}, where {_words(expected)} is asked for"
    if isinstance(expected, Mapping):
        return _mappings(got, expected, tolerance)
    if isinstance(expected, list | tuple):
        if len(got) != len(expected):
            return "a list of another length"
        found = (difference(g, e, tolerance) for g, e in zip(got, expected, strict=True))
        return next((f"in the list: {what}" for what in found if what), "")
    return "" if got == expected else f"{_words(got)}, but not the right one"


def _numbers(got: Any, expected: Any, tolerance: float) -> str:
    expected = _array(expected)
    try:
        got = _array(got)
    except (ValueError, TypeError):
        return "a list of something other than numbers"
    if got.dtype.kind not in "biuf":
        return "a list of something other than numbers"
    if (got.dtype.kind == "b") != (expected.dtype.kind == "b"):
        return "truth values and numbers mixed up"
    got = got.reshape(()) if got.size == 1 and expected.ndim == 0 else got
    if got.shape != expected.shape:
        ask = f"{expected.ndim} dimension{'s' * (expected.ndim != 1)}"
        return f"the wrong shape: {got.ndim} dimensions, where {ask} of another size are asked for"
    right = np.isclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    if right.all():
        return ""
    if expected.ndim == 0:
        return "not a number" if math.isnan(float(got)) else "another number"
    return "wrong in some of its numbers" if right.any() else "wrong in all of its numbers"


def _mappings(got: Mapping[str, Any], expected: Mapping[str, Any], tolerance: float) -> str:
    if set(got) != set(expected):
        return "a dictionary with other keys"
    found = (difference(got[key], expected[key], tolerance) for key in expected)
    return next((f"in the dictionary: {what}" for what in found if what), "")


def _array(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    array = np.asarray(value)
    return array if array.dtype.kind in "biuf" else array.astype(np.float64)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    for kind, types in _KINDS.items():
        if isinstance(value, types):
            return kind
    return "other"


_KINDS: dict[str, tuple[type, ...] | type] = {
    "truth value": (bool, np.bool_),
    "number": (int, float, np.number),
    "text": str,
    "array": (np.ndarray, torch.Tensor),
    "list": (list, tuple),
    "dictionary": Mapping,
}


def _words(value: Any) -> str:
    kind = value.kind if isinstance(value, Other) and value.kind in _HARMLESS else _kind(value)
    if kind in ("nothing", "text"):
        return kind
    if kind == "other":
        return "something that is not plain data"
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


_HARMLESS = ("function", "module", "type", "generator", "set", "complex", "bytes")
