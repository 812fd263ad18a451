"""The reader of submitted notebooks, and where it finds answers."""

import ast
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cs826tl_grader.plain.notebook import Cell, Unreadable, read_notebook
from cs826tl_grader.plain.statements import fingerprint, named, read, statements
from cs826tl_grader.sandbox.answers import find_code, find_text
from tests.grader.submissions import ANSWER, COURSE, EXERCISE

STUB = 'def scale(x, factor):\n    raise NotImplementedError("your answer goes here")\n'
KEYS = st.sampled_from(["cells", "source", "metadata", "cell_type", "cs826tl", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(KEYS, inner),
    max_leaves=25,
)  # fmt: skip


def code(*sources: str) -> list[Cell]:
    return [Cell("code", source) for source in sources]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | json_values.map(lambda v: json.dumps(v).encode()))
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "a.ipynb"
    place.write_bytes(content)
    try:
        for cell in read_notebook(place).cells:
            assert cell.kind in ("code", "markdown", "raw")
            assert isinstance(cell.source, str)
            assert isinstance(cell.tagged, str)
    except Unreadable:
        pass


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(json_values, max_size=5))
def test_odd_cells_are_read_or_skipped(tmp_path: Path, cells: list[Any]) -> None:
    place = tmp_path / "a.ipynb"
    place.write_text(json.dumps({"cells": [*cells, {"cell_type": "code", "source": "1"}]}))
    assert read_notebook(place).cells[-1].source == "1"


REAL = (COURSE / f"{EXERCISE}.ipynb").read_bytes()
CHANGES = st.lists(
    st.tuples(st.integers(0, len(REAL)), st.integers(0, 40), st.binary(max_size=12)), max_size=8
)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400
)
@given(CHANGES)
def test_a_real_notebook_with_bytes_changed_is_read_or_refused(
    tmp_path: Path, changes: list[tuple[int, int, bytes]]
) -> None:
    """A fuzz run: pieces cut out of a notebook that is one, and others put in."""
    content = REAL
    for start, length, new in changes:
        content = content[:start] + new + content[start + length :]
    place = tmp_path / "a.ipynb"
    place.write_bytes(content)
    with contextlib.suppress(Unreadable):
        for cell in read_notebook(place).cells:
            find_code("scale", [cell], [])
            find_text("why", [cell], [])


PIECES = (
    "def scale(", "x, factor):", "    return x", "scale", " = ", "3", "lambda: 0", "\n", "(", ")",
    "# answer: scale", "if True:", "try:", "    ", "%%time\n", "!ls\n", "class scale:", '"' * 3,
    "\\", "await ", "match x:", "\0", "\ud800", "\u2028", ":=", "async def scale():",
)  # fmt: skip
SOURCES = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)


@settings(deadline=None, max_examples=400)
@given(st.lists(SOURCES, max_size=3), SOURCES)
def test_whatever_the_cells_say_an_answer_is_found_or_not(sources: list[str], stub: str) -> None:
    found = find_code("scale", code(*sources), [stub])
    assert isinstance(found.name, str)
    assert not (found.rivals and not found.name)
    text = find_text("scale", [Cell("markdown", source) for source in sources], [stub])
    assert isinstance(text.text, str)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"hello", "Jupyter notebook"),
        (b"[" * 100_000, "Jupyter notebook"),
        (b'{"cells": ' * 50_000, "Jupyter notebook"),
        (b"{}", "no list of cells"),
        (b'{"worksheets": []}', "no list of cells"),
        (json.dumps({"cells": [{}] * 5000}).encode(), "5000 cells"),
        (b"\xff\xfe", "Jupyter notebook"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path: Path, content: bytes, word: str) -> None:
    place = tmp_path / "a.ipynb"
    place.write_bytes(content)
    with pytest.raises(Unreadable, match=word):
        read_notebook(place)


@pytest.mark.parametrize(
    "sheets", [3, [3], [{}], [{"cells": 3}], [{"cells": [3]}], [{"cells": [{"cell_type": "code"}]}]]
)  # fmt: skip
def test_an_older_notebook_without_its_cells_is_refused(tmp_path: Path, sheets: Any) -> None:
    (tmp_path / "a.ipynb").write_text(json.dumps({"nbformat": 3, "worksheets": sheets}))
    with pytest.raises(Unreadable):
        read_notebook(tmp_path / "a.ipynb")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    place = tmp_path / "a.ipynb"
    with place.open("wb") as stream:
        stream.truncate(500 * 2**20)
    with pytest.raises(Unreadable, match="500 MB"):
        read_notebook(place)


def test_a_notebook_of_fifty_megabytes_is_read_without_its_outputs(tmp_path: Path) -> None:
    shown = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 4_000_000}}
    picture = "![](data:image/png;base64," + "iVBO" * 1_000_000 + ")"
    cells = [
        {"cell_type": "code", "source": ANSWER, "outputs": [shown]},
        {"cell_type": "markdown", "source": picture, "attachments": {"a.png": shown["data"]}},
    ]
    cells[1]["attachments"] = {"a.png": {"image/png": "iVBO" * 1_000_000}}
    place = tmp_path / "a.ipynb"
    place.write_text(json.dumps({"cells": cells}))
    assert place.stat().st_size > 50_000_000
    found = read_notebook(place)
    assert [cell.source for cell in found.cells] == [ANSWER, "![](picture)"]


@pytest.mark.parametrize(
    "content", [b'{"cells": [' + b"{}," * 5_000_000 + b"{}]}", b"[" + b"1," * 12_000_000 + b"1]"]
)
def test_a_file_of_too_many_parts_is_refused_unread(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("json.loads", lambda *_, **__: pytest.fail("it was read"))
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(Unreadable):
        read_notebook(tmp_path / "a.ipynb")


def test_cells_of_more_than_fifteen_million_characters_are_refused(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": "x" * 4_000_000}] * 4
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    with pytest.raises(Unreadable, match="15 million"):
        read_notebook(tmp_path / "a.ipynb")


READ = """
import sys
from pathlib import Path
from cs826tl_grader.plain.notebook import Unreadable, read_notebook
from cs826tl_grader.plain.writing import safe_cell

safe_cell("\\n" * 1_000_000)
for path in sys.argv[1:]:
    try:
        read_notebook(Path(path))
    except Unreadable:
        print(path)
"""


def test_no_file_takes_its_reader_for_hours(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "outputs": [{}] * 100}] * 2001
    old = {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}
    contents = (
        b'"' + b'\\"' * 1_000_000, b'"' + b'\\"' * 1_000_000 + b"\\", b"," + b" " * 2_000_000,
        b"<<<<<<<\n" * 500_000, b"<<<<<<<\n" + b"|||||||\n" * 500_000,
        b"<<<<<<<\n" + b"=======\n" * 500_000, json.dumps(old).encode(),
    )  # fmt: skip
    paths = [tmp_path / f"{number}.ipynb" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    done = subprocess.run(  # a process of its own, as nothing interrupts a regular expression
        [sys.executable, "-c", READ, *paths],
        timeout=120, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [str(path) for path in paths]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.ipynb").write_text('{"cells": []}')
    (tmp_path / "a.ipynb").symlink_to(tmp_path / "real.ipynb")
    with pytest.raises(Unreadable, match="link"):
        read_notebook(tmp_path / "a.ipynb")


@given(st.text(max_size=200))
def test_any_source_has_statements_or_none(source: str) -> None:
    assert isinstance(statements(source), tuple)


def test_statements_around_a_syntax_error_count() -> None:
    found, skipped = read("a = 1\nb = 2\nthis is no python\nc = 3")
    assert [*map(ast.unparse, found)] == ["a = 1", "b = 2", "c = 3"]
    assert [str(part) for part in skipped] == ["line 3 `this is no python`"]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("def f(x):\n    y = 1\n    print 'x'\n    return y\nz = 2", ["z"]),  # half is no function
        ("def f(x):\ny = 1\ndef g(x):\n    return 1", ["y", "g"]),
        ("a (b\n@cache\ndef f(x):\n    return (\n1)\n", ["f"]),
        ("try:\n    a = 1\nexcept A as:\n    a = 2\nb = 1", ["b"]),
        ("it isn't\nx = '''\nit isn't\n'''\ny = 1", ["x", "y"]),
        ("```python\ndef f(x):\n    return 1\n```", ["f"]),
        ("%%time\nprint 'x'\nf = 1", ["f"]),
    ],
)
def test_what_is_not_python_is_left_out_as_a_whole(source: str, left: list[str]) -> None:
    assert sorted(name for s in statements(source) for name in named(s)) == sorted(left)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_line_at_fault_is_numbered_as_in_the_cell(number: int) -> None:
    source = "\n" * number + "x = 1\n%matplotlib inline\nprint 'x'\n"
    assert read(source)[1][0].number == number + 3


def test_a_cell_full_of_errors_is_read_in_a_moment() -> None:
    assert len(read("it isn't ( so\n" * 30_000)[1]) < 50


@pytest.mark.parametrize(
    ("cells", "name", "rivals"),
    [
        (code(ANSWER), "scale", False),
        (code(STUB), "scale", False),
        (code(STUB, ANSWER), "scale", False),
        (code(ANSWER, ANSWER), "scale", False),
        (code(ANSWER, "def scale(x, factor):\n    return 3\n"), "scale", True),
        (code("scale = 3", ANSWER), "scale", True),
        (code("scale = 3\nscale = scale + 1"), "scale", False),
        (code("scale = 0\nfor k in range(3):\n    scale = scale + k"), "scale", False),
        (code("scale = 3", "scale = 4"), "scale", True),
        (code("try:\n    import x\nexcept ImportError:\n    scale = 3"), "scale", False),
        (code("from helpers import scale"), "scale", False),
        (code("x = 'def scale(): pass'"), "", False),
        (code("# def scale(x): return 3"), "", False),
        (code("# answer: scale\ndef other(x, factor):\n    return 1"), "other", False),
        ([Cell("code", "def other(x):\n    return 1", tagged="scale")], "other", False),
        ([Cell("markdown", ANSWER)], "", False),
    ],
)
def test_code_is_found_by_name_then_marker_then_metadata(
    cells: list[Cell], name: str, rivals: bool
) -> None:
    answer = find_code("scale", cells, [STUB])
    assert (answer.name, answer.rivals) == (name, rivals)


DEEP = {
    "elif": "def f(x):\n    if x == 0:\n        pass\n" + "".join(
        f"    elif x == {k}:\n        return {k}\n" for k in range(1, 250)),
    "sum": "def f(x):\n    return " + " + ".join(["x"] * 990),
    "chain": "def f(x):\n    return x" + ".strip()" * 495,
}  # fmt: skip


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP)
def test_deep_code_is_read_like_any_other(source: str) -> None:
    answer = find_code("f", code(source, source + "\n# again"), [])
    assert (answer.name, answer.rivals) == ("f", False)
    assert find_code("f", code(source, source.replace("x", "y")), []).rivals


@given(SOURCES, SOURCES)
def test_a_fingerprint_tells_apart_what_python_does(one: str, other: str) -> None:
    for a in statements(one):
        for b in statements(other):
            if not isinstance(a, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                assert (fingerprint(a) == fingerprint(b)) == (ast.dump(a) == ast.dump(b))


@pytest.mark.parametrize(
    "below",
    [
        "import sklearn.metrics as scale", "from sklearn.preprocessing import scale",
        "for scale in range(3):\n    pass", "with open('a') as scale:\n    pass", "del scale",
        "for a, (b, *scale) in c:\n    pass", "import scale.metrics",
        "try:\n    pass\nexcept E as scale:\n    pass",
        "match a:\n    case [scale]:\n        pass",
    ],
)  # fmt: skip
def test_a_line_that_gives_the_name_to_something_else_is_noted(below: str) -> None:
    line = below.split("\n")[0]
    for cells in (code(ANSWER, below), code(f"{ANSWER}\n{below}")):
        assert f"`{line}` below it" in find_code("scale", cells, [STUB]).doubt
    for cells in (code(below, ANSWER), code(f"{below}\n{ANSWER}"), code(ANSWER, STUB)):
        assert find_code("scale", cells, [STUB]).doubt == ""


@pytest.mark.parametrize(
    "below",
    ["scale *= 100", "scale: int = 3", "print(scale := 3)", "a, *scale = b", "scale[0] = 1"],
)
def test_a_value_that_is_changed_elsewhere_is_a_rival(below: str) -> None:
    assert find_code("scale", code("scale = [3]", below), []).rivals
    assert not find_code("scale", code(f"scale = [3]\n{below}"), []).rivals


@pytest.mark.parametrize(
    "below", ["a[scale] = 1", "scale.note = 1", "[scale for scale in a]", "def f(scale): scale = 1"]
)
def test_a_line_that_only_uses_the_name_is_no_rival(below: str) -> None:
    answer = find_code("scale", code(ANSWER, below), [])
    assert (answer.rivals, answer.doubt) == (False, "")


@pytest.mark.parametrize("blank", ["", "\n", "# so\n", "   \n"])
def test_a_function_that_goes_on_in_the_cell_below_is_noted(blank: str) -> None:
    for half in ("def scale(x, factor):\n    y = x", 'def scale(x, factor):\n    """So."""'):
        answer = find_code("scale", code(half, f"{blank}    return y"), [STUB])
        assert "merge the two" in answer.doubt
        assert find_code("scale", code(half, f"{blank}y = 1"), [STUB]).doubt == ""


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (Cell("markdown", f"```\n{ANSWER}```"), "a markdown cell"),
        (Cell("raw", ANSWER), "a raw cell"),
        (Cell("code", "exec('def scale(x, factor): return 3')"), "a code cell"),
        (Cell("code", "class Solution:\n    def scale(self, x): return 3"), "a code cell"),
        (Cell("code", "def skalieren(x, factor):\n    return 3"), "is it `skalieren`?"),
    ],
)
def test_where_an_answer_stands_that_cannot_be_called_is_said(cell: Cell, says: str) -> None:
    answer = find_code("scale", [cell], [STUB], [STUB])
    assert (answer.name, answer.rivals) == ("", False)
    assert says in answer.doubt
    assert answer.text == cell.source
    assert not find_code("scale", [cell], [STUB], [STUB, cell.source]).doubt


def test_text_is_found_by_marker_then_metadata_and_the_prompt_is_no_text() -> None:
    prompt = "<!-- answer: why -->\nWhy?\n\n*Your answer goes here.*"
    written = prompt.replace("*Your answer goes here.*", "Because.")
    assert not find_text("why", [Cell("markdown", prompt)], [prompt]).text
    assert "Because." in find_text("why", [Cell("markdown", written)], [prompt]).text
    assert (
        find_text("why", [Cell("markdown", "Because.", tagged="why")], [prompt]).text == "Because."
    )
    two = [Cell("markdown", written), Cell("markdown", written + " Or not.")]
    assert find_text("why", two, [prompt]).rivals


def test_answers_alike_but_for_names_have_one_shape() -> None:
    long = (
        "def scale(x, factor):\n    total = 0\n    for k in range(10):\n"
        "        total += x * factor\n    return total / 10 + 1\n"
    )
    renamed = long.replace("total", "summe").replace("k in", "i in").replace("x", "wert")
    other = long.replace("/ 10", "/ 11")
    shapes = [find_code("scale", code(source), []).shape for source in (long, renamed, other)]
    assert shapes[0] == shapes[1] != shapes[2]
    assert find_code("scale", code("scale = 3"), []).shape == ""
