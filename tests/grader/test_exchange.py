"""Frames: plain data comes through as it was, and nothing else is ever believed."""

import contextlib
import math
import struct
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from safetensors.numpy import save

from cs826tl_grader.plain.comparison import difference
from cs826tl_grader.plain.exchange import LIMIT, Other, Refused, pack, sizes, unpack

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and math.isnan(a):
        return isinstance(b, float) and math.isnan(b)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(plain)
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    assert same(value, unpack(pack(value)))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 1)])
def test_arrays_and_tensors_come_back(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    for value in (array, array.T, torch.from_numpy(array.copy())):
        back = unpack(pack([value]))[0]
        assert type(back) is type(value)
        assert np.array_equal(np.asarray(back), np.asarray(value))
        assert np.asarray(back).dtype == array.dtype


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(noise: bytes) -> None:
    for frame in (noise, struct.pack(">QQ", len(noise), 0) + noise):
        with contextlib.suppress(Refused):
            unpack(frame)


@given(st.binary(max_size=100), st.data())
def test_a_frame_that_was_changed_is_refused_or_plain(value: bytes, data: st.DataObject) -> None:
    frame = bytearray(pack({"a": list(value), "b": np.arange(5)}))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(Refused):
        unpack(bytes(frame))


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, {1, 2}, b"x", 1j, len, np.array([object()]), np.array(["a"]), 2**70, int],
)
def test_what_is_not_plain_becomes_other_and_equals_nothing(value: object) -> None:
    back = unpack(pack(value))
    assert isinstance(back, Other)
    assert difference(back, value if not isinstance(value, np.ndarray) else 1)


class Stubborn(int):
    """A number that says of itself what it likes; only its own value counts."""

    def __index__(self) -> int:
        raise AssertionError("asked")

    __int__ = __float__ = __index__


class Pretender:
    __class__ = float  # type: ignore[assignment]

    def __float__(self) -> float:
        raise AssertionError("asked")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.longdouble("0.5"), 0.5), (Fraction(1, 2), 0.5), (Decimal("0.5"), 0.5),
        (IntEnum("Some", {"ONE": 1}).ONE, 1), (Stubborn(3), 3), (np.str_("a"), "a"),
        (type("Metres", (float,), {})(1.5), 1.5), (type("Name", (str,), {})("a"), "a"),
        ({"a": (Fraction(1, 4), Stubborn(1))}, {"a": [0.25, 1]}),
    ],
)  # fmt: skip
def test_a_number_or_text_of_another_class_becomes_pythons_own(value: Any, plain: Any) -> None:
    back = unpack(pack(value))
    assert type(back) is type(plain)
    assert same(back, plain)


@pytest.mark.parametrize(
    "array",
    [np.arange(3, dtype=np.longdouble), np.arange(3, dtype=">f8"), np.arange(3, dtype=">i4")],
)
def test_an_array_of_an_unusual_form_keeps_its_numbers(array: np.ndarray) -> None:
    assert np.array_equal(unpack(pack([array]))[0], array)


@pytest.mark.parametrize(
    "value",
    [Pretender(), Fraction(10**400), Decimal("sNaN"), 1j, np.clongdouble(1j)],
    ids=lambda value: type(value).__name__,
)
def test_what_only_claims_to_be_a_number_is_none(value: object) -> None:
    assert isinstance(unpack(pack(value)), Other)


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match="64 MB"):
        sizes(struct.pack(">QQ", LIMIT, 1))
    assert isinstance(unpack(pack(np.zeros(LIMIT // 8 + 1))), Other)


def _frame(text: str, **arrays: np.ndarray) -> bytes:
    blob = save(arrays)
    return struct.pack(">QQ", len(text.encode()), len(blob)) + text.encode() + blob


WIDE = "[" + '"x",' * 1000 + '"' + "y" * 100_000 + '"]'


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000, "9" * 10_000, "NaN", "[Infinity]", '{"a": 1}',
        '{"$": "array", "key": "b"}', '{"$": "pickle"}', '{"$": "dict", "items": {}, "more": 1}',
        '[{"$": "tensor", "key": "a"}, {"$": "tensor", "key": "a"}]',
        '[{"$": "array", "key": "a"}, {"$": "array", "key": "a"}]',
        WIDE, '{"$": "dict", "items": {"a": ' + WIDE + "}}", "", "[", '"',
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_would_cost_memory_or_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        unpack(_frame(text, a=np.zeros(3)))


EXPECTED: list[Any] = [1, 2.5, True, "x", None, [1, 2], np.zeros((2, 2)), torch.ones(3), {"a": 1}]


@given(plain, st.sampled_from(EXPECTED))
def test_the_comparison_says_something_or_is_not_to_be_made(value: Any, expected: Any) -> None:
    try:
        said = difference(value, expected)
    except (ValueError, TypeError, OverflowError):  # for the grader: of another form
        return
    assert isinstance(said, str)


@pytest.mark.parametrize("part", ["[],", "{},", "1,"])
def test_a_message_of_too_many_parts_is_refused_unread(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("json.loads", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(Refused, match="too many parts"):
        unpack(_frame("[" + part * 3_000_000 + "1]"))


def test_a_million_names_of_arrays_are_refused_unread() -> None:
    head = '"a%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
    names = "{" + "".join(head % k for k in range(30_000))[:-1] + "}"
    blob = struct.pack("<Q", len(names)) + names.encode()
    with pytest.raises(Refused, match="too many parts"):
        unpack(struct.pack(">QQ", 1, len(blob)) + b"1" + blob)


def test_commas_and_brackets_in_a_text_are_no_parts() -> None:
    text = ["[,{" * 1_000_000, '\\"[,{']
    assert unpack(pack(text)) == text
    assert isinstance(unpack(pack([[]] * 300_000)), Other)


def test_deep_data_is_cut() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert isinstance(unpack(pack(deep)), list)


@given(plain, plain)
def test_only_equal_values_do_not_differ(a: Any, b: Any) -> None:
    assert difference(a, a) == ""
    numbers = (int, float)
    if not difference(a, b) and not (isinstance(inmost(a), numbers) and isinstance(b, numbers)):
        assert type(a) is type(b)


def inmost(value: Any) -> Any:
    """Return what a list of one holds: `[3]` is a right answer where 3 is asked for."""
    while isinstance(value, list) and len(value) == 1:
        (value,) = value
    return value


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (True, 1), (1, True), (1.0, 1.1), ([1, 2], [1, 2, 3]), ([1, 3], np.array([1, 2])),
        (np.zeros(3), np.zeros((3, 1))), ("1", 1), (None, 0), ({"a": 1}, {"b": 1}),
        (float("nan"), 1.0), ([[1], [2, 3]], np.zeros((2, 2))), (["a"], np.zeros(1)),
        (np.array([1, 3]), [1, 2]), (np.array([1, 2]), [1, 2, 3]), (np.zeros((2, 1)), [0, [0, 0]]),
        (np.array([True]), [1]), (np.array(1), [1]), (np.zeros(1), ["a"]), (np.zeros(0), "a"),
    ],
)  # fmt: skip
def test_different_values_differ(got: object, expected: object) -> None:
    said = difference(got, expected)
    assert said


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.float32(0.1), 0.1), (torch.tensor(2.0), 2), ([1, 2], np.array([1.0, 2.0])),
        ((1, 2), [1, 2]), (np.array([True]), np.array([True])), (float("nan"), float("nan")),
        (torch.zeros(2, 2), np.zeros((2, 2))), (np.array([3.0]), 3),
        (np.array([1, 2]), [1, 2.0]), (torch.tensor([1, 2]), [1, 2]), (np.zeros(0), []),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]), (np.array([True]), [True]),
    ],
)  # fmt: skip
def test_the_same_in_another_form_is_the_same(got: object, expected: object) -> None:
    assert difference(got, expected) == ""
