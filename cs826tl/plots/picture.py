"""A figure as a picture with a text for those who cannot see it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from io import BytesIO

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes


def show(ax: Axes, alt: str) -> None:
    """Display the picture that `ax` is on, with a text for those who cannot see it, and close it.

    The pitfall: `alt` is stored and compared when notebooks are tested. Let it say what there is
    to see, and leave out digits that another machine would change.

    >>> from cs826tl import plot_history
    >>> from cs826tl.training.history import History
    >>> show(plot_history(History([{"epoch": 0, "accuracy": 0.1}])), "One point, near zero.")
    One point, near zero.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    display(Picture(picture.getvalue(), alt))  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Picture:
    """A PNG picture and the text that says what it shows; Jupyter stores both.

    It is HTML, because pages made from plain pictures lose the text. It is a plain picture as
    well, because LaTeX and PDF cannot show HTML.
    """

    png: bytes
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_png_(self) -> bytes:
        return self.png

    def _repr_html_(self) -> str:
        return self.html

    @property
    def html(self) -> str:
        """The picture as an `<img>`."""
        return f'<img alt="{escape(self.alt)}" src="{self.address}">'

    @property
    def address(self) -> str:
        """The picture as a `data:` address, for the `src` of an `<img>`."""
        return f"data:image/png;base64,{self.base64}"

    @property
    def base64(self) -> str:
        """The picture as text, as notebooks store it."""
        return b64encode(self.png).decode("ascii")
