"""Experiments over many seeds: the first computed where you read, the rest recorded in advance.

A verdict needs many seeds, and a reader does not want to wait for all of them. So each lecture's
own code has been run over all its seeds, and what it found lies in the lecture's folder; a reader
computes the first seed again. `python -m tools.record 07` records what lecture 07 asks for.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd

from cs826tl._errors import unknown
from cs826tl._files import write_atomically
from cs826tl.training.history import History

LECTURES = Path(__file__).parents[1] / "lectures"  # each with its records
RECORD_INTO = "CS826TL_RECORD_INTO"  # the environment variable that names a folder to record into
AGREE = 0.1  # how far what is computed may lie outside what is recorded, on average


def over_seeds(
    experiment: Callable[..., Any],
    seeds: Iterable[int],
    *,
    recorded: str,
    live: int = 1,
    **settings: Any,
) -> list[Any]:
    """Return what `experiment(seed, **settings)` finds, for each seed in turn.

    The first `live` seeds are computed here, the others are read from the record of that name,
    which this very code has written. Avoids mixing two experiments: if you change the function, a
    function or a constant in capitals that it uses, or a setting, or if what is computed is not
    like what is recorded (`agree`), then all seeds are computed, and a line says so.

    An experiment returns numbers and texts, in lists and dictionaries, or a `History`. They come
    back as JSON has them: an array as a list, a float with six digits, a `History` without its
    seconds.

    Raises `ValueError` for `live` below 1, and `TypeError` for an experiment that is not written
    with `def`, or that returns something else.

    >>> def squared(seed):
    ...     return seed**2
    >>> over_seeds(squared, range(4), recorded="nothing")
    All 4 seeds are computed here: there is no record named 'nothing'.
    [0, 1, 4, 9]
    """
    if live < 1:
        raise ValueError(f"live must be at least 1: with {live}, nothing would be computed here")
    asked, code = list(seeds), _digest(experiment, settings)

    def compute(some: Iterable[int]) -> dict[int, Any]:
        return {seed: _plain(experiment(seed, **settings)) for seed in some}

    if folder := os.environ.get(RECORD_INTO):
        found = compute(asked)
        _write(Path(folder, f"{recorded}.json"), code, found)
    elif live >= len(asked):
        found = compute(asked)
    else:
        known, why = _read(recorded, code)
        found = compute(asked[:live])
        if known and not all(agree(found[seed], known.values()) for seed in found):
            known, why = {}, "what was computed first is not like what is recorded"
        if why:
            print(f"All {len(asked)} seeds are computed here: {why}.")
        found |= {seed: known[seed] for seed in asked[live:] if seed in known}
        found |= compute(seed for seed in asked if seed not in found)
    return [json.loads(json.dumps(found[seed]), object_hook=_with_history) for seed in asked]


def recorded_table(name: str) -> pd.DataFrame:
    """Return what was measured in advance, by a script in `tools/tuning` or by a trial, as a table.

    It is for what a reader's machine should not have to fetch or wait for. A trial's record has a
    row for each seed, and a column for each thing that its experiment returns. Raises `ValueError`
    for a name without a table.

    >>> recorded_table("11_codes")["codes"].unique().tolist()
    ['words (GloVe)', 'sentences (MiniLM)']
    """
    tables = {path.stem: path for path in LECTURES.glob("*/records/*.*")}
    if name not in tables:
        raise unknown("recorded table", name, sorted(tables))
    if tables[name].suffix == ".tsv":
        return pd.read_csv(tables[name], sep="\t")
    found = json.loads(tables[name].read_text(encoding="utf-8"))["found"]
    return pd.DataFrame(list(found.values()), pd.Index(map(int, found), name="seed"))


def _digest(experiment: Callable[..., Any], settings: dict[str, Any]) -> str:
    """Return a digest of the settings, of the source, and of the constants that it names.

    If a setting or a constant is an object, such as a network, only its name counts: whether it is
    still the same shows in the results.
    """
    if not isinstance(experiment, FunctionType) or experiment.__name__ == "<lambda>":
        raise TypeError("give an experiment that is written with def: its source is compared")
    lines = [_as_text(name, value) for name, value in settings.items()]
    for function in _functions(experiment, *settings.values()):
        named = _named(function).items()
        lines.append(_source(function))
        lines += [_as_text(name, value) for name, value in named if name.isupper()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _as_text(name: str, value: Any) -> str:
    return f"{name} = {value!r}" if _is_plain(value) else name


def _functions(first: FunctionType, *settings: Any) -> list[FunctionType]:
    """Return a function, those given as settings, and all of its module that they use."""

    def is_ours(value: Any) -> bool:
        named = isinstance(value, FunctionType) and value.__name__ != "<lambda>"
        return named and value.__module__ == first.__module__

    found = [first, *filter(is_ours, map(_undecorated, settings))]
    for function in found:  # it grows meanwhile
        used = filter(is_ours, map(_undecorated, _named(function).values()))
        found += [value for value in used if value not in found]
    return found


def _undecorated(value: Any) -> Any:
    """Return what a decorator such as `functools.cache` was given; anything else as it is."""
    return inspect.unwrap(value) if callable(value) else value


def _source(function: FunctionType) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _named(function: FunctionType) -> dict[str, Any]:
    """Return what the names in a function's source stand for, unless they are its own."""
    function = inspect.unwrap(function)  # a decorator's globals are not the notebook's
    outside = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    nodes = list(ast.walk(ast.parse(_source(function))))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    used = sorted({node.id for node in names} - own)
    return {name: outside[name] for name in used if name in outside}


def _is_plain(value: Any) -> bool:
    """Tell whether `repr` says all about it, on every machine."""
    if isinstance(value, dict):
        return all(_is_plain(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)
    return value is None or type(value) in {bool, int, float, str, range}  # not NumPy's float64


def _plain(value: Any) -> Any:
    """Return a result as JSON can hold it."""
    match value:
        case History():
            rows = [{k: v for k, v in row.items() if k != "seconds"} for row in value.rows]
            return {"history": _plain(rows), "stopped": value.stopped}
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple() | np.ndarray():
            return [_plain(each) for each in value]
        case float() | np.floating():
            return float(f"{value:.6g}")
        case bool() | int() | str():
            return value
        case np.integer() | np.bool_():
            return value.item()
    kind = type(value).__name__
    raise TypeError(f"an experiment returns numbers, texts, lists and dictionaries; got a {kind}")


def _with_history(found: dict[str, Any]) -> dict[str, Any] | History:
    is_history = found.keys() == {"history", "stopped"}
    return History(found["history"], found["stopped"]) if is_history else found


def _read(name: str, code: str) -> tuple[dict[int, Any], str]:
    """Return what is recorded by seed; and if nothing is of use, why."""
    path = next(LECTURES.glob(f"*/records/{name}.json"), None)
    if path is None:
        return {}, f"there is no record named {name!r}"
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["code"] != code:
        return {}, "the experiment is not the recorded one"
    return {int(seed): found for seed, found in record["found"].items()}, ""


def _write(path: Path, code: str, found: dict[int, Any]) -> None:
    """Write a record with one line for each seed, so that a change of it can be read."""
    lines = ",\n".join(f"{json.dumps(str(s))}: {json.dumps(value)}" for s, value in found.items())
    with write_atomically(path) as part:
        text = f'{{"code": "{code}", "found": {{\n{lines}\n}}}}\n'
        part.write_text(text, encoding="utf-8", newline="\n")


def agree(computed: Any, known: Iterable[Any]) -> bool:
    """Tell whether a result is like the recorded ones: on average, at most `AGREE` outside them.

    At a high rate, one seed ends elsewhere on another machine. So a number may lie anywhere between
    the lowest and the highest that the seeds gave.

    >>> agree({"kept": 0.52}, [{"kept": 0.3}, {"kept": 0.5}])
    True
    >>> agree({"kept": 0.9}, [{"kept": 0.3}, {"kept": 0.5}])
    False
    """
    ours = np.array(list(numbers_in(computed)), float)
    rows = [row for each in known if len(row := list(numbers_in(each))) == len(ours)]
    if not rows:
        return False
    low, high = np.fmin.reduce(rows), np.fmax.reduce(rows)
    outside = np.maximum(0, (low - ours) / np.maximum(1, abs(low)))
    outside = np.maximum(outside, (ours - high) / np.maximum(1, abs(high)))
    outside[np.isnan(ours) & np.isnan(rows).any(axis=0)] = 0
    return not len(outside) or float(outside.mean()) <= AGREE


def numbers_in(value: Any) -> Iterator[float]:
    """Yield every number in a plain result, in order."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(each)
    elif not isinstance(value, str):
        yield float(value)
