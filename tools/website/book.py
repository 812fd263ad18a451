"""A recording's pages: states whose equal parts are stored once, and small pictures."""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageChops, ImageStat

FEW, MANY = 32, 256  # colours: enough for charts; for photographs
NEAR = 2.0  # of 255: how far few colours may be from the true ones, on average


class Book:
    """States, each a row of numbers that stand for values in a common pool.

    >>> book = Book()
    >>> [book.write({"a": a, "b": "x"}) for a in (1, 2, 1)]
    [0, 1, 0]
    >>> book.plain()
    {'fields': ['a', 'b'], 'pool': [1, 'x', 2], 'states': [[0, 1], [2, 1]]}
    """

    def __init__(self) -> None:
        self.fields: list[str] = []
        self._values: dict[str, int] = {}
        self._states: dict[tuple[int, ...], int] = {}

    def write(self, state: Mapping[str, Any]) -> int:
        """Keep a state, unless it is there; return its number."""
        self.fields = self.fields or list(state)
        row = tuple(self._place(state[name]) for name in self.fields)
        return self._states.setdefault(row, len(self._states))

    def plain(self) -> dict[str, Any]:
        """Return all as JSON."""
        pool = [json.loads(text) for text in self._values]
        return {"fields": self.fields, "pool": pool, "states": [list(row) for row in self._states]}

    def _place(self, value: Any) -> int:
        text = json.dumps(value, ensure_ascii=False)
        return self._values.setdefault(text, len(self._values))


def small(address: str) -> str:
    """Return a picture's `data:` address with few colours, as PNG or WebP: the smallest of them.

    >>> small("")
    ''
    """
    if not address:
        return address
    before = b64decode(address.partition(",")[2])
    picture = Image.open(io.BytesIO(before)).convert("RGB")
    reduced = _reduced(picture, FEW)
    apart = ImageStat.Stat(ImageChops.difference(picture, reduced.convert("RGB"))).mean
    if sum(apart) / 3 > NEAR:
        reduced = _reduced(picture, MANY)
    png = _file(reduced, "PNG", optimize=True)
    webp = _file(reduced.convert("RGB"), "WEBP", lossless=True)
    kind, content = min((("png", png), ("webp", webp)), key=lambda pair: len(pair[1]))
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"


def _reduced(picture: Image.Image, colours: int) -> Image.Image:
    return picture.quantize(colours, dither=Image.Dither.NONE)


def _file(picture: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()
