"""Values that mean a plain list or array, in the plain form that they stand for."""

from __future__ import annotations

from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from itertools import islice
from typing import Any

import numpy as np

MOST = 1_000_000  # items of a list
DEPTH = 50  # of lists in lists
LISTED = (range, Iterator, deque, KeysView, ValuesView, ItemsView)


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
        items = list(islice(value, MOST + 1))
        value = items if len(items) <= MOST else value
    if isinstance(value, list | tuple):
        return [plain_form(item, depth=depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {key: plain_form(item, depth=depth + 1) for key, item in value.items()}
    return value
