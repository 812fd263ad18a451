"""A cell's code as Python statements: read without running it, around whatever is no Python."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

SMALLEST = 30  # nodes of an answer that two people hardly write alike by chance
DEEPEST = 4_000  # levels of an expression that are read and compiled
MOST_TRIES = 40  # at reading one cell around its errors
# These magics run what follows, in the notebook's own names.
TIMED = re.compile(r"\A\s*(?:%%(?:time|timeit|capture|prun|debug|snakeviz|wandb)\b.*\n\s*)+")
TIMED_LINE = re.compile(r"^([ \t]*+(?:[\w., \t]++=[ \t]*+)?)%time[ \t]+(?=\S)", re.MULTILINE)
NO_START = re.compile(r"\s|#|[)\]}]|(?:else|elif|except|finally)\b|\Z")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Skipped:
    """Lines of a cell that are not Python: all that had to be left out, and the line at fault."""

    text: str
    number: int  # of the line at fault in its cell, from 1
    line: str

    def __str__(self) -> str:
        line = self.line.strip()
        return f"line {self.number} `{line if len(line) <= 60 else line[:59] + '…'}`"


@contextmanager
def room_for_depth() -> Iterator[None]:
    """Let Python read and compile a sum of a thousand numbers, which is as deep as it is long."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def python(source: str) -> str:
    """Return a cell as plain Python: `%`, `!` and `?` lines become calls of `get_ipython()`."""
    source = source.lstrip("\ufeff")  # which some editors put at the start of what they save
    source = TIMED.sub(lambda found: "\n" * found[0].count("\n"), source, count=1)
    source = TIMED_LINE.sub(r"\1", source)
    try:
        return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, RecursionError, ValueError):
        return source


def statements(source: str) -> tuple[ast.stmt, ...]:
    """Return the statements of a cell; what is no Python is left out."""
    return read(source)[0]


@lru_cache(maxsize=4096)  # every question looks through every cell
def read(source: str) -> tuple[tuple[ast.stmt, ...], tuple[Skipped, ...]]:
    r"""Return the statements of a cell, and what was left out because it is not Python.

    A statement with an error in it is left out as a whole: half a function is not an answer.

    >>> found, skipped = read("my answer is\ndef f(x):\n    return x\n")
    >>> [part.name for part in found], str(skipped[0])
    (['f'], 'line 1 `my answer is`')
    """
    chunks = _chunks(python(source).split("\n"))
    found: list[ast.stmt] = []
    skipped: list[Skipped] = []
    start, end, fault = 0, len(chunks), 0
    for _ in range(MOST_TRIES):
        parsed = _parse(chunks[start:end])
        if isinstance(parsed, int):
            end, fault = _place(chunks, start, end, parsed)
            continue
        found += parsed
        if end == len(chunks):
            return tuple(found), tuple(skipped)
        skipped.append(_skipped(source, chunks[end], fault))
        start, end = end + 1, len(chunks)
    rest = [line for chunk in chunks[start:] for line in chunk]
    return tuple(found), (*skipped, _skipped(source, rest, 0))


def _chunks(lines: Sequence[str]) -> list[list[str]]:
    """Part lines where a statement can start: not indented, and not behind a decorator."""
    chunks: list[list[str]] = [[]]
    for line in lines:
        decorated = bool(chunks[-1]) and chunks[-1][-1].startswith("@")
        if chunks[-1] and not NO_START.match(line) and not decorated:
            chunks.append([])
        chunks[-1].append(line)
    return chunks


def _parse(chunks: Sequence[list[str]]) -> list[ast.stmt] | int:
    """Return the statements, or the number of the line where reading them fails, from 0."""
    lines = [line for chunk in chunks for line in chunk]
    try:
        with warnings.catch_warnings(), room_for_depth():
            warnings.simplefilter("ignore")  # a student's "\d" does not concern us
            return ast.parse("\n".join(lines) + "\n").body
    except SyntaxError as problem:
        return min(max(problem.lineno or 1, 1), len(lines)) - 1
    except (ValueError, RecursionError, MemoryError):
        return 0


def _place(chunks: Sequence[list[str]], start: int, end: int, line: int) -> tuple[int, int]:
    """Return which chunk holds a line that is counted from `start`, and where in it."""
    for k in range(start, end):
        if line < len(chunks[k]):
            return k, line
        line -= len(chunks[k])
    return max(end - 1, start), 0


def _skipped(source: str, chunk: Sequence[str], fault: int) -> Skipped:
    line = chunk[fault] if fault < len(chunk) else ""
    lines = source.split("\n")
    return Skipped("\n".join(chunk), lines.index(line) + 1 if line in lines else 1, line)


def written(parts: Sequence[ast.stmt], source: str) -> str:
    r"""Return the lines of a cell that hold these of its statements, as they were written.

    Where the cell holds lines that are not Python, the layout is Python's own.

    >>> source = "x = 1\n@cache  # mine\ndef f(x):\n    return x\n"
    >>> written(statements(source)[1:], source)
    '@cache  # mine\ndef f(x):\n    return x'
    """
    if read(source)[1]:  # lines were left out, and the others are counted without them
        try:
            return "\n".join(map(ast.unparse, parts))
        except RecursionError:
            return ""
    lines = python(source).split("\n")
    return "\n".join(line for part in parts for line in lines[_start(part) : part.end_lineno])


def _start(part: ast.stmt) -> int:
    """Return the number of a statement's first line, decorators included, from 0."""
    decorators: list[ast.expr] = getattr(part, "decorator_list", [])
    return min([part.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def named(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of a cell defines or assigns, in its blocks too."""
    found = set[str]()
    for node in _at_once(statement):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Assign(targets=targets):
                found.update(*map(_targets, targets))
            case ast.AnnAssign(value=ast.expr()) | ast.AugAssign() | ast.NamedExpr():
                found |= _targets(node.target)
    return found


def bound(statement: ast.stmt) -> set[str]:
    r"""Return all names that stand for something else, or for nothing, after a statement.

    >>> [sorted(bound(s)) for s in statements("import a.b as c\nfor d in e: f = 1\ndel g")]
    [['c'], ['d', 'f'], ['g']]
    """
    found = named(statement)
    for node in _at_once(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.alias(asname=str(name)):
                found.add(name)
            case ast.alias(name=name):
                found.add(name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
    return found


def _at_once(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield what runs with a statement: no bodies of functions and classes, and no `for` within."""
    left: list[ast.AST] = [statement]
    while left:
        node = left.pop()
        yield node
        if isinstance(node, ast.comprehension):
            left += [node.iter, *node.ifs]
        elif not isinstance(node, (*DEFINITIONS, ast.Lambda)):
            left += ast.iter_child_nodes(node)


def _targets(target: ast.expr) -> set[str]:
    """Return the names that get a value, or an item of one: `a`, `b` and `c` of `a, (b, c[0])`."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return _targets(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return {name for part in parts for name in _targets(part)}
    return set()


def with_inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield a statement, and those in the blocks of an `if`, `match`, `try`, `with` or loop."""
    yield from (node for node in _at_once(statement) if isinstance(node, ast.stmt))


def is_blank(statement: ast.stmt) -> bool:
    r"""Say whether a function is still empty: `pass`, `...`, `return None`, or a stub's `raise`.

    >>> [is_blank(s) for s in statements("def f(x):\n    pass\ndef g(x):\n    return x")]
    [True, False]
    """
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return all(map(_does_nothing, _without_docstring(statement)))


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None | ast.Constant(value=None)):
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
    return False


def _without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return function.body[ast.get_docstring(function) is not None :]


def fingerprint(statement: ast.stmt) -> str:
    """Return what a statement says, without its comments, its layout and its docstring.

    It says the same as `ast.dump`, which fails on 250 `elif` or a sum of 500 numbers.
    """
    words, left = list[str](), list[object]([statement])
    while left:
        match part := left.pop():
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                fields = {**dict(ast.iter_fields(part)), "body": _without_docstring(part)}
                words.append(type(part).__name__)
                left += fields.values()
            case ast.AST():
                words.append(type(part).__name__)
                left += (value for _, value in ast.iter_fields(part))
            case list():
                words.append(f"[{len(part)}]")
                left += part
            case _:
                words.append(repr(part))
    return hashlib.sha256(" ".join(words).encode(errors="surrogatepass")).hexdigest()


def shape(statement: ast.stmt) -> str:
    """Return a digest of a statement without its names; "" for one too short to compare."""
    nodes = list(ast.walk(statement))
    if len(nodes) < SMALLEST:
        return ""
    kinds = [type(node).__name__ + repr(getattr(node, "value", "")) * isinstance(node, ast.Constant)
             for node in nodes]  # fmt: skip
    return hashlib.sha256(" ".join(kinds).encode()).hexdigest()[:16]
