"""The weights in an ONNX file, read without the `onnx` package and without running anything.

An ONNX file is a message of Protocol Buffers: fields one after another, each a key and a value
(protobuf.dev/programming-guides/encoding). The graph is field 7 of the model; each of its fields 5
is an initialiser, a tensor with its shape, type, name and bytes (onnx/onnx.proto3).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

import torch
from torch import Tensor

VARINT, BYTES = 0, 2  # kinds of value
LENGTHS = {1: 8, 5: 4}  # bytes of the kinds of a fixed length
GRAPH, INITIALIZER = 7, 5
DIMS, TYPE, NAME, RAW = 1, 2, 8, 9
FLOAT = 1
MOST_BITS = 63

Value = int | memoryview


def read_onnx(path: Path) -> dict[str, Tensor]:
    """Return the file's `float32` weights by name; whole numbers are shapes, and left out.

    Raises `ValueError` where the file is cut short or is not ONNX, or keeps its weights elsewhere.
    """
    tensors = {}
    for graph in _fields(memoryview(path.read_bytes()), GRAPH):
        for tensor in _fields(graph, INITIALIZER):
            if [*_fields(tensor, TYPE)] == [FLOAT]:
                name = b"".join(map(_bytes, _fields(tensor, NAME))).decode()
                tensors[name] = _values(name, tensor)
    if not tensors:
        raise ValueError("it holds no weights in ONNX's form")
    return tensors


def _values(name: str, tensor: Value) -> Tensor:
    shape = [number for dims in _fields(tensor, DIMS) for number in _numbers(dims)]
    raw = b"".join(map(_bytes, _fields(tensor, RAW)))
    if len(raw) != 4 * prod(shape):
        raise ValueError(f"{name} has {len(raw)} bytes, not the {4 * prod(shape)} of {shape}")
    return torch.frombuffer(bytearray(raw), dtype=torch.float32).reshape(shape)


def _bytes(value: Value) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number stands where bytes should")
    return value


def _numbers(dims: Value) -> Iterator[int]:
    """Return one whole number, or several that are packed one after another."""
    at = 0
    while not isinstance(dims, int) and at < len(dims):
        number, at = _varint(dims, at)
        yield number
    if isinstance(dims, int):
        yield dims


def _fields(value: Value, wanted: int) -> Iterator[Value]:
    """Return what all fields of this number hold, in order."""
    message, at = _bytes(value), 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        held: Value
        if kind == VARINT:
            held, at = _varint(message, at)
        elif kind in LENGTHS or kind == BYTES:
            length, at = _varint(message, at) if kind == BYTES else (LENGTHS[kind], at)
            held, at = message[at : at + length], at + length
        else:
            raise ValueError(f"no field begins at byte {at}")
        if at > len(message):
            raise ValueError(f"it is cut short by {at - len(message)} bytes")
        if key >> 3 == wanted:
            yield held


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return the whole number at this place, seven bits to a byte, and the place after it."""
    number = shift = 0
    while shift <= MOST_BITS and at < len(message):
        byte, at = message[at], at + 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at
    raise ValueError("it is cut short, or no file of ONNX")
