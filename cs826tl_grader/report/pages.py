"""HTML that is safe to open: every value is escaped, no script runs, nothing is loaded."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import jinja2

from cs826tl_grader.marking.marks import Mark

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("cs826tl_grader.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)
_TEMPLATES.filters["quoted"] = shlex.quote  # a word of a command that is pasted into a shell


def render(template: str, **values: object) -> str:
    """Return a page from one of `templates`, with the style that they share."""
    style = Path(__file__).with_name("templates") / "page.css"
    trusted = jinja2.utils.markupsafe.Markup(style.read_text("utf-8"))  # type: ignore[attr-defined]
    page = _TEMPLATES.get_template(template).render(style=trusted, **values)
    return "".join(c for c in page if c.isprintable() or c in "\n\t")


def totals(found: Sequence[Mark]) -> tuple[float, float]:
    """Return the points and the points there were to have."""
    return float(sum(m.points for m in found)), float(sum(m.max_points for m in found))
