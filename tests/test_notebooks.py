"""The shape of the stored notebooks, and the tools that store them."""

import ast
import base64
import copy
import io
import itertools
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient.exceptions import CellTimeoutError
from nbconvert import HTMLExporter, LatexExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from cs826tl.verdicts.verdict import METADATA
from tools import claims, links, normalise, notebooks, record

PATHS = notebooks.course_notebooks() + notebooks.trials()
# A lecture that has been written new shows the cards of its claims; the others still try them.
LECTURES = [path for path in notebooks.course_notebooks() if "tl.card(" in path.read_text("utf-8")]
TRYING = [path for path in PATHS if path not in LECTURES]
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def notebook(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in normalise.code_cells(notebook) for output in cell.outputs]


# The stored notebooks


def test_there_are_notebooks() -> None:
    assert PATHS


def test_code_cells_are_short(notebook: NotebookNode) -> None:
    sizes = [
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in normalise.code_cells(notebook)
    ]
    assert max(sizes) <= 15


def test_prose_stands_between_code_cells(notebook: NotebookNode) -> None:
    kinds = "".join(cell.cell_type[0] for cell in notebook.cells)
    assert "ccc" not in kinds


def test_every_cell_was_executed_in_order(notebook: NotebookNode) -> None:
    counts = [cell.execution_count for cell in normalise.code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_output_complains_or_names_the_machine(notebook: NotebookNode) -> None:
    assert normalise.complaints(notebook, notebooks.CHECKOUT) == []
    assert not [o for o in outputs(notebook) if o.output_type == "error"]


def test_is_stored_as_make_notebooks_stores(path: Path, notebook: NotebookNode) -> None:
    normalise.normalise(notebook)
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n"


def test_no_widget_that_a_test_cannot_see(notebook: NotebookNode) -> None:
    source = "\n".join(cell.source for cell in normalise.code_cells(notebook))
    assert not re.search(r"\b(widgets\.)?Output\(|\binteract(ive|_manual)?\(", source)


def test_a_truth_that_is_shown_is_made_python_s(notebook: NotebookNode) -> None:
    """NumPy shows its own as `np.True_`; which of the two a comparison gives is the library's."""
    for cell in normalise.code_cells(notebook):
        if any(o.get("data", {}).get("text/plain") in ("True", "False") for o in cell.outputs):
            shown_value = ast.parse(cell.source).body[-1].value
            assert not isinstance(shown_value, (ast.Compare, ast.BoolOp)), cell.source


def test_at_most_one_cell_may_differ_by_machine(notebook: NotebookNode) -> None:
    tagged = [c for c in notebook.cells if normalise.IGNORED in c.metadata.get("tags", [])]
    assert len(tagged) <= 1


def test_every_cell_has_its_place_on_the_slides(notebook: NotebookNode) -> None:
    types = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells]
    assert set(types) <= SLIDE_TYPES
    assert types[0] == "slide"


def test_title_cell_has_badges_that_open_this_notebook(path: Path, notebook: NotebookNode) -> None:
    title = notebook.cells[0].source
    place = path.relative_to(notebooks.CHECKOUT).as_posix()
    home = links.repository()
    assert title.startswith("# ")
    assert f"https://mybinder.org/v2/gh/{home}/HEAD?urlpath=lab/tree/{place}" in title
    assert f"https://colab.research.google.com/github/{home}/blob/main/{place}" in title


def test_claims_are_named_before_any_code(notebook: NotebookNode) -> None:
    first_code = next(n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    opening = "\n".join(cell.source for cell in notebook.cells[:first_code])
    assert re.search(r"\[[CN]\d\d\]", opening)


def test_every_picture_says_what_it_shows(notebook: NotebookNode) -> None:
    pages = [output.get("data", {}).get("text/html", "") for output in outputs(notebook)]
    for picture in re.findall(r"<img\b[^>]*>", "".join(pages)):
        assert re.search(r"""\balt=(["'])(?!\1)""", picture)


def test_every_picture_keeps_its_text_in_a_page_made_by_nbconvert(notebook: NotebookNode) -> None:
    page, _ = HTMLExporter().from_notebook_node(notebook)
    texts = [re.findall(r'\balt="([^"]*)"', tag) for tag in re.findall(r"<img\b[^>]*>", page)]
    assert len(texts) >= 3
    assert not [alt for alt in texts if alt in ([], [""]) or alt[0].startswith("No description")]


@pytest.mark.parametrize("path", TRYING, ids=lambda path: path.stem)
def test_it_ends_in_a_table_of_findings(path: Path) -> None:
    found = list(claims.findings(path))
    assert found
    for finding in found:
        assert not finding["verdict"].startswith("withdrawn"), finding
        assert finding["checks"]


@pytest.mark.parametrize("path", TRYING, ids=lambda path: path.stem)
def test_the_table_of_findings_repeats_the_verdicts(notebook: NotebookNode) -> None:
    tables = [o.metadata[METADATA] for o in outputs(notebook) if METADATA in o.get("metadata", {})]
    shown = [finding for table in tables[:-1] for finding in table]
    assert len(tables) == 1 or [finding for finding in tables[-1] if finding not in shown] == []


def test_the_page_of_claims_is_up_to_date() -> None:
    assert claims.PAGE.read_text(encoding="utf-8") == claims.page()
    assert claims.FINDINGS.read_text(encoding="utf-8") == claims.on_trial()


@pytest.mark.parametrize("path", notebooks.trials(), ids=lambda path: path.stem)
def test_a_trial_begins_with_its_claim_and_says_no_more_than_three_numbers(path: Path) -> None:
    found = list(claims.findings(path))
    assert found[0]["claim"].startswith(path.stem.partition("_")[0])
    assert found[0]["source"] != "We also asked"
    assert all(sum(bool(check["words"]) for check in each["checks"]) <= 3 for each in found)
    assert any(check["words"] for check in found[0]["checks"])
    assert record.folder_of(path).parent.is_dir()


def test_no_line_of_a_paragraph_becomes_a_list(notebook: NotebookNode) -> None:
    """Markdown takes a line such as "1. Here" for a list, in the midst of a sentence as well."""
    begins, within = re.compile(r"(1\.|[-+*]) "), re.compile(r"\s*((\d+\.|[-+*]) |#|>|\||$)|  ")
    for cell in notebook.cells:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        for before, line in itertools.pairwise(lines):
            assert within.match(before) or not begins.match(line), line


# A lecture teaches one thing in an hour: what a reader has to read and run is counted.


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_lecture_keeps_its_budget(notebook: NotebookNode) -> None:
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    prose = re.sub(r"\]\([^)]*\)", "]", prose)  # not the addresses
    sizes = [
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in normalise.code_cells(notebook)
    ]
    assert len(re.findall(r"\w+", prose)) <= 1500
    assert len(sizes) <= 22
    assert sum(sizes) <= 160
    assert np.median(sizes) <= 4


@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_lecture_has_its_parts(path: Path, notebook: NotebookNode) -> None:
    headings = re.findall(r"^## (.+)", "\n".join(c.source for c in notebook.cells), re.MULTILINE)
    assert headings[-3:] == ["Take home", "Recall", "Dig deeper"]
    assert 1 <= sum("tl.card(" in cell.source for cell in normalise.code_cells(notebook)) <= 3
    one_thing = re.search(r"^\*\*One thing:\*\* .+$", notebook.cells[0].source, re.MULTILINE)
    room = claims.CHECKOUT / "cs826tl" / "lectures" / path.stem.partition("_")[2]
    plan = (room / "plan.md").read_text("utf-8")
    assert one_thing is not None
    assert one_thing[0] in plan.splitlines()


def test_every_claim_is_tested_and_some_do_not_hold() -> None:
    found = [finding for path in PATHS for finding in claims.findings(path)]
    tested = {claim for finding in found for claim in finding["claim"].split(", ")}
    assert tested == set(claims.CLAIMS)
    outcomes = {check["outcome"] for finding in found for check in finding["checks"]}
    assert outcomes == {"✓", "✗", "?"}


# The tools: oracles are small notebooks made here


def png(pixels: np.ndarray) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def pixels(encoded: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB"))


RED = np.full((40, 60, 3), (200, 30, 30), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def shown(**data: str) -> NotebookNode:
    bundle = {mime.replace("_", "/", 1): value for mime, value in data.items()}
    return new_output("display_data", data=bundle)


def picture(encoded: str, alt: str = "a field of one colour") -> NotebookNode:
    page = f'<img alt="{alt}" src="data:image/png;base64,{encoded}">'
    return shown(text_html=page, text_plain=alt)


def lesson(*rows: tuple[str, list[NotebookNode]]) -> NotebookNode:
    cells = [new_markdown_cell("# A lesson")]
    cells += [
        new_code_cell(source, outputs=outs, execution_count=number)
        for number, (source, outs) in enumerate(rows, start=1)
    ]
    return new_notebook(cells=cells)


def test_normalise_keeps_the_stand_in_of_a_widget_and_drops_the_widget() -> None:
    output = shown(text_html="<table></table>")
    output.data[normalise.WIDGET_VIEW] = {"model_id": "abc"}
    made = lesson(("panel", [output]))
    made.metadata.widgets = {"state": {}}
    made.cells[1].metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    normalise.normalise(made)
    assert made.cells[1].outputs[0].data == {"text/html": "<table></table>"}
    assert "widgets" not in made.metadata
    assert "execution" not in made.cells[1].metadata


def test_a_picture_is_stored_for_print_too_and_once_it_is_small() -> None:
    made = lesson(
        ("plot", [picture(png(NOISE // 64 * 64))]), ("table", [shown(text_html="<b>1</b>")])
    )
    normalise.normalise(made)
    plot, table = (cell.outputs[0].data for cell in normalise.code_cells(made))
    assert f"base64,{plot['image/png']}" in plot["text/html"]
    assert np.array_equal(pixels(plot["image/png"]), NOISE // 64 * 64)
    assert "image/png" not in table
    assert normalise.complaints(made, Path("/opt/course")) == []


def test_print_shows_pictures_and_scripts_are_python_s() -> None:
    made = lesson(("plot()", [picture(png(RED))]))
    normalise.normalise(made)
    printed = new_notebook(cells=made.cells[1:], metadata=made.metadata)  # prose needs pandoc
    latex, resources = LatexExporter().from_notebook_node(printed)
    assert "adjustimage" in latex
    assert [base64.b64encode(x).decode() for x in resources["outputs"].values()] == [
        made.cells[1].outputs[0].data["image/png"]
    ]
    page, _ = HTMLExporter().from_notebook_node(made)
    assert re.findall(r'<img[^>]*alt="([^"]*)"', page) == ["a field of one colour"]
    assert made.metadata.language_info.file_extension == ".py"


def test_normalise_twice_is_normalise_once() -> None:
    made = lesson(("a", [picture(png(RED)), picture(png(NOISE))]))
    normalise.normalise(made)
    once = copy.deepcopy(made)
    normalise.normalise(made)
    assert made == once


def test_few_colours_become_smaller_and_stay_the_same() -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (200, 3), dtype=np.uint8)
    original = png(colours[rng.integers(0, 200, (64, 64))])
    smaller = normalise.smaller_png(original)
    assert len(smaller) < len(original)
    assert np.array_equal(pixels(smaller), pixels(original))


def test_many_colours_are_kept_exactly() -> None:
    assert np.array_equal(pixels(normalise.smaller_png(png(NOISE))), NOISE)


@pytest.mark.parametrize(
    ("output", "word"),
    [
        (new_output("stream", name="stderr", text="UserWarning: old"), "stderr"),
        (new_output("stream", name="stdout", text="saved to /home/ada/x"), "folder"),
        (new_output("stream", name="stdout", text="saved to /opt/course/x"), "folder"),
        (shown(text_plain="<function f at 0x7f0a12345678>"), "memory address"),
        (shown(image_png=png(RED), text_plain="<Figure>"), "no text describes"),
    ],
)
def test_complaints_name_the_cell_and_the_fault(output: NotebookNode, word: str) -> None:
    made = lesson(("fine", []), ("not fine", [output]))
    (complaint,) = normalise.complaints(made, Path("/opt/course"))
    assert complaint.startswith("code cell 2: ")
    assert word in complaint


def test_a_widget_without_a_stand_in_is_refused() -> None:
    bare = shown(text_plain="Panel()")
    bare.data[normalise.WIDGET_VIEW] = {"model_id": "abc"}
    assert "no static" in normalise.complaints(lesson(("panel", [bare])), Path("/opt/course"))[0]


def test_letters_inside_a_picture_are_no_path() -> None:
    made = lesson(("plot", [picture("AAAA/home/AAAA/tmp/AA==")]))
    assert normalise.complaints(made, Path("/opt/course")) == []


def stored_and_fresh() -> tuple[NotebookNode, NotebookNode]:
    stored = lesson(
        ("one", [picture("old+")]),
        ("two", [picture("old+")]),
    )
    fresh = copy.deepcopy(stored)
    for cell in normalise.code_cells(fresh):
        cell.outputs = [picture("new+")]
    return stored, fresh


def pictures(notebook: NotebookNode) -> list[str]:
    pages = [output.data["text/html"] for output in outputs(notebook)]
    return ["old" if "old+" in page else "new" for page in pages]


def test_stored_pictures_stay_up_to_the_first_cell_that_changed() -> None:
    for unchanged, expected in [(0, ["new", "new"]), (1, ["old", "new"]), (2, ["old", "old"])]:
        stored, fresh = stored_and_fresh()
        notebooks.keep_stored_pictures(stored, fresh, unchanged)
        assert pictures(fresh) == expected


def test_a_picture_goes_with_the_text_beside_it() -> None:
    stored, fresh = stored_and_fresh()
    normalise.code_cells(fresh)[0].outputs[0].data["text/plain"] = "another alt"
    notebooks.keep_stored_pictures(stored, fresh, 2)
    assert pictures(fresh) == ["new", "old"]


def test_a_cell_that_differs_by_machine_keeps_what_is_stored() -> None:
    stored, fresh = (
        lesson(("device()", [new_output("stream", name="stdout", text=text)]))
        for text in ("cpu", "cuda")
    )
    for made in (stored, fresh):
        made.cells[1].metadata.tags = [normalise.IGNORED]
    notebooks.keep_stored_pictures(stored, fresh, 1)
    assert outputs(fresh)[0].text == "cpu"


def measured(number: float) -> NotebookNode:
    page = f"<!--measured-->{number}<!--/measured-->"
    return new_output("display_data", data={"text/html": page})


@pytest.mark.parametrize("changed", [True, False])
def test_a_number_that_two_cells_show_comes_from_one_run(changed: bool) -> None:
    stored, fresh = (
        lesson(
            ("verdict", [measured(number)]), ("Findings(verdict)", [measured(number)]), (last, [])
        )
        for number, last in [(4.5, "print()"), (4.4, "print() or None" if changed else "print()")]
    )
    notebooks.keep_stored_pictures(stored, fresh, 2 if changed else 3)
    shown = {output.data["text/html"] for output in outputs(fresh)}
    assert shown == {measured(4.4 if changed else 4.5).data["text/html"]}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    made = lesson(("import os\nprint(os.environ['COLUMNS'])", []), ("1 + 1", []))
    place = tmp_path / "lesson.ipynb"
    nbformat.write(made, place)
    return place


def test_unchanged_cells_are_counted_from_the_top(written: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    now = nbformat.read(written, as_version=4)
    assert notebooks.unchanged_cells(written, now) == 0  # never committed
    for command in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm lesson"):
        subprocess.run(["git", *command.split()], cwd=written.parent, check=True)
    assert notebooks.unchanged_cells(written, now) == 2
    now.cells[2].source = "1 + 2"
    assert notebooks.unchanged_cells(written, now) == 1


@pytest.mark.slow
def test_refresh_executes_and_then_changes_nothing(written: Path) -> None:
    before, after = notebooks.refresh(written, new_pictures=False)
    assert before != after
    notebooks.write(written, after)
    fresh = nbformat.read(written, as_version=4)
    assert [cell.outputs[0].get("text") for cell in normalise.code_cells(fresh)] == ["80\n", None]
    assert [cell.id for cell in fresh.cells] == [
        cell.id for cell in nbformat.reads(before, as_version=4).cells
    ]
    assert notebooks.refresh(written, new_pictures=False) == (after, after)


@pytest.mark.slow
def test_a_cell_may_take_as_long_as_it_is_given(tmp_path: Path) -> None:
    slow = lesson(("import time\ntime.sleep(3)", []))
    with pytest.raises(CellTimeoutError):
        notebooks.execute(copy.deepcopy(slow), tmp_path, cell_timeout=1)
    notebooks.execute(slow, tmp_path, cell_timeout=60)


def test_refresh_refuses_a_warning(written: Path) -> None:
    nbformat.write(lesson(("import warnings; warnings.warn('old')", [])), written)
    with pytest.raises(ValueError, match="code cell 1: writes on stderr"):
        notebooks.refresh(written, new_pictures=False)
