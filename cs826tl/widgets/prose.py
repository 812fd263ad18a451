"""Short texts with `code` and $mathematics$ as HTML that needs nothing from elsewhere."""

from __future__ import annotations

import re
from html import escape

from latex2mathml.converter import convert

MARKED = re.compile(r"(`[^`]+`|\$[^$]+\$)")


def to_html(text: str, *, typeset: bool = True) -> str:
    """Return a text as HTML, its `` `code` `` marked as such and its `$mathematics$` as MathML.

    With `typeset=False` mathematics stays as it is written, for pages that typeset it themselves,
    as notebooks do. Raises `ValueError` for a lone `$` or backtick, or an unknown command.

    >>> to_html("`x` < $2$", typeset=False)
    '<code>x</code> &lt; $2$'
    """
    return "".join(_part(part, text, typeset) for part in MARKED.split(text))


def to_mathjax(text: str) -> str:
    r"""Return a text as HTML with its mathematics as `\(…\)`, for pages that typeset by MathJax.

    >>> print(to_mathjax("`x` < $2$"))
    <code>x</code> &lt; \(2\)
    """
    return "".join(_for_mathjax(part) for part in MARKED.split(text))


def _part(part: str, text: str, typeset: bool) -> str:
    if not MARKED.fullmatch(part):
        if lone := re.search(r"[`$]", part):
            raise ValueError(f"a lone {lone.group()} in {text!r}: they come in pairs")
        return escape(part)
    if part.startswith("`"):
        return f"<code>{escape(part[1:-1])}</code>"
    return _mathml(part[1:-1], text) if typeset else escape(part, quote=False)


def _for_mathjax(part: str) -> str:
    if not MARKED.fullmatch(part):
        return escape(part, quote=False)
    inside = escape(part[1:-1], quote=False)
    return f"<code>{inside}</code>" if part.startswith("`") else rf"\({inside}\)"


def _mathml(formula: str, text: str) -> str:
    try:
        mathml = convert(formula)
    except Exception as problem:  # it raises whatever its parser stumbles on
        raise ValueError(f"${formula}$ in {text!r} is not LaTeX: {problem}") from problem
    if unknown := re.search(r"\\\w+", mathml):
        raise ValueError(f"${formula}$ in {text!r}: no LaTeX command {unknown.group()}")
    return mathml
