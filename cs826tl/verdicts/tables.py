"""A table of measured numbers, which a reader sees and a comparison of outputs leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

# Between these two a stored output may differ from machine to machine.
BEGIN, END = "<!--measured-->", "<!--/measured-->"


@dataclass(frozen=True, eq=False)
class NumberTable:
    """Measured numbers with a caption that says what they are, and in which unit.

    `frame` is shown with `digits` decimal places. They are stored too, but two machines may differ
    in them. So write the caption for a reader who cannot see the table, and let a `Check` say what
    must hold everywhere.

    >>> NumberTable(pd.DataFrame({"kept": [0.5, 0.9]}, ["plain", "replay"]), "accuracy kept")
    Table: accuracy kept
    """

    frame: pd.DataFrame
    caption: str
    digits: int = 2

    def __repr__(self) -> str:
        return f"Table: {self.caption}"

    def _repr_html_(self) -> str:
        whole = self.frame.select_dtypes("integer").columns
        table = self.frame.to_html(
            float_format=f"{{:,.{self.digits}f}}".format,
            formatters=dict.fromkeys(whole, "{:,}".format),
            na_rep="–",
            border=0,
        )
        return f"<p>{escape(self.caption)}</p>{BEGIN}{table}{END}"
