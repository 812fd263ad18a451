"""What passes between the grader and a submission: plain data, in frames, read strictly.

A message is JSON, and the arrays in it are safetensors. Nothing here can run code, and every size
is checked before anything is read.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import struct
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load, save

LIMIT = 64 * 2**20  # bytes of a message
DEPTH = 50  # of lists in lists
MOST_PARTS = 2_000_000  # items of a message together; each costs more memory than its text
MOST_LISTS = 250_000  # lists and dictionaries of a message together
NAMES = 2**20  # bytes for the names and sizes of all arrays
WIDE = 2**26  # characters of a message as a table, in which every cell is as wide as the widest
MOST_ITEMS = 1_000_000  # of what stands for a list
LISTED = (range, Iterator, deque, KeysView, ValuesView, ItemsView)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
_LENGTHS = struct.Struct(">QQ")
HEADER = _LENGTHS.size


class Refused(ValueError):
    """A message that is not what it should be: too large, cut off, or not plain data."""


class Other:
    """Stands for a value that is not plain data; it equals nothing, and keeps only its kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"


def pack(value: object) -> bytes:
    """Return a frame with the value: None, bool, int, float, str, list, tuple, dict, array, tensor.

    Whatever else there is in it becomes an `Other`. Tuples become lists.

    >>> unpack(pack({"a": [1, 2.5, None], "b": np.arange(3)}))
    {'a': [1, 2.5, None], 'b': array([0, 1, 2])}
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    text = json.dumps(_plain(value, arrays, 0), allow_nan=False).encode()
    blob = save(arrays)
    if len(text) + len(blob) > LIMIT or _costs_too_much(text, blob):
        text, blob = json.dumps({"$": "other", "kind": "a value over 64 MB"}).encode(), save({})
    return _LENGTHS.pack(len(text), len(blob)) + text + blob


def sizes(header: bytes) -> tuple[int, int]:
    """Return how many bytes of text and of arrays follow a header; `Refused` if too many."""
    text, blob = _LENGTHS.unpack(header)
    if text + blob > LIMIT:
        raise Refused("a message over 64 MB")
    return text, blob


def unpack(frame: bytes) -> Any:
    """Return the value in a frame; `Refused` if it holds anything but plain data.

    >>> unpack(b"no frame at all, but long enough")
    Traceback (most recent call last):
    cs826tl_grader.plain.exchange.Refused: a message over 64 MB
    """
    if len(frame) < HEADER:
        raise Refused("a message that is cut off")
    text, blob = sizes(frame[:HEADER])
    if len(frame) != HEADER + text + blob:
        raise Refused("a message that is cut off")
    if _costs_too_much(frame[HEADER : HEADER + text], frame[HEADER + text :]):
        raise Refused("a message of too many parts")
    try:
        arrays = load(frame[HEADER + text :])
        plain = json.loads(frame[HEADER : HEADER + text], parse_constant=_no_constant)
        _refuse_wide(plain)
        return _rich(plain, arrays)
    except Refused:
        raise
    except Exception as problem:  # whatever a reader says of what it cannot read
        raise Refused(f"a message that cannot be read ({type(problem).__name__})") from None


def _costs_too_much(text: bytes, blob: bytes) -> bool:
    """Say whether reading a message would cost gigabytes."""
    return int.from_bytes(blob[:8], "little") > NAMES or too_many_parts(text)


def too_many_parts(text: bytes, parts: int = MOST_PARTS, lists: int = MOST_LISTS) -> bool:
    """Say whether JSON has more items, or more lists and dictionaries: counted, not read."""
    for _ in range(2):
        if text.count(b",") <= parts and text.count(b"[") + text.count(b"{") <= lists:
            return False
        text = _STRING.sub(b"", text)  # what stands in a text is no part
    return True


def _plain(value: object, arrays: dict[str, np.ndarray[Any, Any]], depth: int) -> object:
    if depth > DEPTH:
        return {"$": "other", "kind": "data too deeply nested"}
    value = _builtin(value)
    if value is None or type(value) in (bool, str):
        return value
    if type(value) is int:
        fits = abs(value) < 2**63
        return value if fits else {"$": "other", "kind": "an integer of more than 64 bits"}
    if isinstance(value, np.generic):
        return _plain(value.item(), arrays, depth + 1)
    if type(value) is float:
        return value if math.isfinite(value) else {"$": "float", "value": str(value)}
    if isinstance(value, list | tuple):
        return [_plain(item, arrays, depth + 1) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        items = {str(key): _plain(item, arrays, depth + 1) for key, item in value.items()}
        return {"$": "dict", "items": items}
    return _array(value, arrays)


def _builtin(value: Any) -> object:
    """Return a number or a text of another class as Python's own, and anything else as it is.

    What a class says of itself is not asked, and nothing that a subclass overrides is called.
    """
    kind = type(value)
    if issubclass(kind, int) and kind is not bool:
        return int.__index__(value)
    if issubclass(kind, float):
        return float.__float__(value)
    if issubclass(kind, str):
        return str.__str__(value)
    if kind in (Fraction, Decimal, np.longdouble):
        with contextlib.suppress(ValueError, OverflowError):  # of a number that is none, or huge
            return float(value)
    return value


def _array(value: object, arrays: dict[str, np.ndarray[Any, Any]]) -> object:
    kind = "tensor" if isinstance(value, torch.Tensor) else "array"
    with contextlib.suppress(RuntimeError, TypeError):  # such as sparse tensors raise
        value = _dense(value) if isinstance(value, torch.Tensor) else value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        key = f"a{len(arrays)}"
        value = value.astype(np.float64) if value.dtype == np.longdouble else value
        arrays[key] = np.ascontiguousarray(value).reshape(value.shape)
        return {"$": kind, "key": key}
    return {"$": "other", "kind": type(value).__name__[:60]}


def _dense(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    tensor = tensor.detach().cpu().to_dense()
    tensor = tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor
    dense: np.ndarray[Any, Any] = tensor.resolve_conj().resolve_neg().numpy()
    return dense


def _refuse_wide(value: Any) -> None:
    """Refuse a list that becomes gigabytes as an array, which gives every item the same width."""
    number, widest, left = 0, 0, [value]
    while left:
        item = left.pop()
        if isinstance(item, list | dict):
            left.extend(item if isinstance(item, list) else item.values())
        number += 1
        widest = max(widest, len(item) if isinstance(item, str) else 0)
    if number * widest > WIDE:
        raise Refused("a message with texts that are too long and too many")


def _rich(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """Return what a message means; every array is taken out of `arrays`, and so is there once."""
    if isinstance(value, list):
        return [_rich(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$": "dict", "items": dict() as items, **rest} if not rest:
            return {key: _rich(item, arrays) for key, item in items.items()}
        case {"$": "float", "value": "nan" | "inf" | "-inf" as text, **rest} if not rest:
            return float(text)
        case {"$": "array", "key": str() as key, **rest} if key in arrays and not rest:
            return arrays.pop(key)
        case {"$": "tensor", "key": str() as key, **rest} if key in arrays and not rest:
            return torch.from_numpy(arrays.pop(key).copy())
        case {"$": "other", "kind": str() as kind, **rest} if not rest:
            return Other(kind[:60])
    raise Refused("a message with something in it that is not plain data")


def _no_constant(name: str) -> float:
    raise Refused(f"a message with a bare {name}")


def plain_form(value: Any, as_set: bool = False, depth: int = 0) -> Any:
    """Return a `range`, generator, pandas column and the like as the list or array they stand for.

    A set becomes a list only where the question says that its answer is one (`as_set`): it has no
    order of its own. Everything else comes back as it is.

    >>> plain_form({"a": range(3), "b": map(abs, [-1])}), plain_form({2, 1}, as_set=True)
    ({'a': [0, 1, 2], 'b': [1]}, [1, 2])
    """
    if depth > DEPTH:
        return value
    if as_set and isinstance(value, set | frozenset):
        return sorted(value)
    if type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind in "OU":
        return value.tolist()
    if isinstance(value, LISTED):
        items = list(islice(value, MOST_ITEMS + 1))
        value = items if len(items) <= MOST_ITEMS else value
    if isinstance(value, list | tuple):
        return [plain_form(item, depth=depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {key: plain_form(item, depth=depth + 1) for key, item in value.items()}
    return value
