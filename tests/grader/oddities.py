"""What editors, platforms and people do to a right notebook: changes that should cost no mark."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import jupytext
import nbformat

from cs826tl_grader.exercise.source import BLANK
from tests.grader.submissions import EXERCISE

Notebook = dict[str, Any]
Change = Callable[[Notebook], Notebook]
PICTURE = "iVBORw0KGgo" * 40_000  # in base64


def cell(kind: str, source: str) -> Notebook:
    made: Notebook = {"cell_type": kind, "metadata": {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def text(one: Notebook) -> str:
    return "".join(one["source"])


def of_kind(made: Notebook, kind: str) -> list[Notebook]:
    return [one for one in made["cells"] if one["cell_type"] == kind]


def put(made: Notebook, place: int, *new: Notebook) -> Notebook:
    made["cells"][place:place] = new
    return made


def rewritten(made: Notebook, change: Callable[[str], str], kind: str = "code") -> Notebook:
    for one in of_kind(made, kind):
        one["source"] = change(text(one))
    return made


def where(made: Notebook, start: str) -> int:
    """Return the number of the first cell that holds a text."""
    return next(k for k, one in enumerate(made["cells"]) if start in text(one))


# What editors and platforms do


def without_metadata(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["metadata"] = {}
    made["metadata"] = {}
    return made


def without_ids(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one.pop("id", None)
    return made


def with_equal_ids(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["id"] = "answer"
    return made


def with_ids_that_are_none(made: Notebook) -> Notebook:
    for one, odd in zip(made["cells"], [None, 3, "", "a b", "x" * 100] * 20, strict=False):
        one["id"] = odd
    return made


def as_one_string(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["source"] = text(one)
    return made


def windows_line_ends(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["source"] = text(one).replace("\n", "\r\n")
    return made


def old_mac_line_ends(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["source"] = text(one).replace("\n", "\r")
    return made


def all_metadata_alike(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["metadata"] = {"cs826tl": {"question": "scale"}, "colab": {"base_uri": "x"}}
    return made


def of_colab(made: Notebook) -> Notebook:
    made |= {"nbformat": 4, "nbformat_minor": 0}
    made["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }  # fmt: skip
    for number, one in enumerate(made["cells"]):
        one.pop("id", None)
        one["metadata"] = {"id": f"aB{number}", "colab": {"base_uri": "https://localhost:8080/"}}
    return made


def of_vs_code(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one.pop("id", None)
        if one["cell_type"] == "code":
            one["metadata"] = {"vscode": {"languageId": "python"}}
    made["metadata"] = {"language_info": {"name": "python"}, "orig_nbformat": 4}
    return made


def of_kaggle(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["metadata"] = {"_uuid": "8f2839f25d086af736a60e9eeb907d3b93b6e0e5", "trusted": True}
    made["metadata"] = {"kaggle": {"accelerator": "none", "isGpuEnabled": False}}
    return made


def of_deepnote(made: Notebook) -> Notebook:
    for number, one in enumerate(made["cells"]):
        one["metadata"] = {"cell_id": f"{number:032x}", "deepnote_cell_type": one["cell_type"]}
        one["block_group"] = "1"
    note = "<a style='float:right' href='https://deepnote.com'>Created in Deepnote</a>"
    return put(made, len(made["cells"]), cell("markdown", note))


def of_databricks(made: Notebook) -> Notebook:
    for one in made["cells"]:
        one["metadata"] = {"application/vnd.databricks.v1+cell": {"title": "", "nuid": "1"}}
    made["metadata"] = {"application/vnd.databricks.v1+notebook": {"language": "python"}}
    return made


def through_jupytext(made: Notebook, form: str = "py:percent") -> Notebook:
    read = nbformat.reads(json.dumps(made), as_version=4)
    script = jupytext.writes(read, form)
    back: Notebook = json.loads(nbformat.writes(jupytext.reads(script, form)))
    return back


def through_jupytext_light(made: Notebook) -> Notebook:
    return through_jupytext(made, "py:light")


def through_jupytext_markdown(made: Notebook) -> Notebook:
    return through_jupytext(made, "md")


def with_raw_and_unknown_cells(made: Notebook) -> Notebook:
    return put(made, 0, cell("raw", "x"), cell("heading", "y"), {"cell_type": "code"})


def with_cells_that_are_none(made: Notebook) -> Notebook:
    made["cells"] = [None, 3, [], {}, {"cell_type": "code", "source": 3}, *made["cells"]]
    return made


def empty_cells_between(made: Notebook) -> Notebook:
    made["cells"] = [c for one in made["cells"] for c in (one, cell("code", ""))]
    return made


def stored_outputs(made: Notebook) -> Notebook:
    error = {"output_type": "error", "ename": "E", "evalue": "it", "traceback": ["\x1b[31mE"]}
    stream = {"output_type": "stream", "name": "stderr", "text": ["def scale(x, factor): 3\n"]}
    for number, one in enumerate(of_kind(made, "code")):
        one |= {"outputs": [error, stream], "execution_count": 1000 - number}
    return made


def huge_outputs(made: Notebook) -> Notebook:
    shown = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PICTURE}}
    for one in of_kind(made, "code"):
        one["outputs"] = [shown] * 20
    return made


def wide_numbers_in_outputs(made: Notebook) -> Notebook:
    data = {"data": [{"x": list(range(100_000)), "y": [[0.5, 1.5]] * 50_000}]}
    plot = {"application/vnd.plotly.v1+json": data, "text/html": "{},[]" * 400_000}
    shown = {"output_type": "display_data", "metadata": {}, "data": plot}
    of_kind(made, "code")[-1]["outputs"] = [shown]
    return made


def attachments(made: Notebook) -> Notebook:
    for one in of_kind(made, "markdown"):
        one["attachments"] = {"image.png": {"image/png": PICTURE}}
        one["source"] = "![image.png](attachment:image.png)\n\n" + text(one)
    return made


def pictures_in_texts(made: Notebook) -> Notebook:
    picture = f"![image.png](data:image/png;base64,{PICTURE})"
    put(made, 1, cell("markdown", picture), *(cell("markdown", f"{k}") for k in range(80)))
    return rewritten(made, lambda source: f"{source}\n\n{picture}", "markdown")


def widget_state(made: Notebook) -> Notebook:
    state = {str(k): {"model_name": "FloatProgressModel", "state": {}} for k in range(3000)}
    made["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    return made


def many_cells(made: Notebook) -> Notebook:
    return put(made, len(made["cells"]), *(cell("code", f"{k} + 1") for k in range(1500)))


def long_writefile(made: Notebook) -> Notebook:
    words = "some words on a line\n" * 100_000
    return put(made, 0, cell("code", f"%%writefile words.txt\n{words}"))


def long_text_in_code(made: Notebook) -> Notebook:
    return put(made, 0, cell("code", 'data = """\n' + "1,2,3\n" * 200_000 + '"""'))


def long_table_in_code(made: Notebook) -> Notebook:
    return put(made, 0, cell("code", "table = [\n" + "    [0, 1, 2],\n" * 5_000 + "]"))


# What people do


def every_cell_twice(made: Notebook) -> Notebook:
    made["cells"] = [c for one in made["cells"] for c in (one, copy.deepcopy(one))]
    return made


def pasted_twice(made: Notebook) -> Notebook:
    made["cells"] += copy.deepcopy(made["cells"])
    return made


def all_code_in_one_cell(made: Notebook) -> Notebook:
    code = [one for one in of_kind(made, "code") if "Because" not in text(one)]
    all_of_it = "\n\n".join(map(text, code))
    others = [one for one in made["cells"] if one not in code]
    made["cells"] = [*others, cell("code", all_of_it)]
    return made


def each_statement_in_a_cell(made: Notebook) -> Notebook:
    def parted() -> Iterator[Notebook]:
        for one in made["cells"]:
            if one["cell_type"] != "code" or "# CHECKS" in text(one):
                yield one
            else:
                parts = re.split(r"\n+(?=(?:def|class|@|[a-z_]+ = )\b)(?<!@)", text(one))
                yield from (cell("code", part) for part in parts)

    made["cells"] = list(parted())
    return made


def answers_moved_to_the_end(made: Notebook) -> Notebook:
    stay = ("# VARIANT", "Because")
    last = [one for one in of_kind(made, "code") if not any(word in text(one) for word in stay)]
    made["cells"] = [one for one in made["cells"] if one not in last] + last
    return made


def without_what_was_given(made: Notebook) -> Notebook:
    """Leave out the texts but the one to write, and the checks; other code may be an answer's."""
    own = ("answer: why", "Because")
    kept = [one for one in made["cells"] if one["cell_type"] == "code" or has(one, *own)]
    return without_the_checks({**made, "cells": kept})


def without_the_checks(made: Notebook) -> Notebook:
    """Leave them out, but not together with all code, pasted into one cell."""
    cells = made["cells"]
    made["cells"] = [c for c in cells if not has(c, "# CHECKS") or has(c, "smallest = variant")]
    return made


def has(one: Notebook, *words: str) -> bool:
    return any(word in text(one) for word in words)


def comments_everywhere(made: Notebook) -> Notebook:
    return rewritten(made, lambda s: s if s.startswith("%%") else f"# Übung 1 ✓\n{s}\n# the end")


def pip_above(made: Notebook) -> Notebook:
    return put(made, 0, cell("code", "%pip install -q timm\n!nvidia-smi\nimport torch"))


def fails_above(made: Notebook) -> Notebook:
    return put(made, 0, cell("code", "from google.colab import drive\ndrive.mount('/content')"))


def fails_below(made: Notebook) -> Notebook:
    return put(made, len(made["cells"]), cell("code", "assert 1 == 2\nundefined"))


def prose_as_code(made: Notebook) -> Notebook:
    return put(made, 1, cell("code", "It isn't hard (I think\n- a list"))


def timed(made: Notebook) -> Notebook:
    return rewritten(made, lambda s: s if s.startswith(("%", "# ")) else f"%%time\n{s}")


def captured(made: Notebook) -> Notebook:
    return rewritten(made, lambda s: s if s.startswith(("%", "# ")) else f"%%capture out\n\n{s}")


def black_was_here(made: Notebook) -> Notebook:
    return rewritten(made, lambda source: source.replace("'", '"').rstrip() + "\n\n\n")


def blanks_at_line_ends(made: Notebook) -> Notebook:
    return rewritten(made, lambda source: source.replace("\n", "  \n") + "   ")


def works_elsewhere(made: Notebook) -> Notebook:
    return put(
        made,
        0,
        cell("code", "import os\nos.makedirs('work', exist_ok=True)\n%cd work\nos.chdir('work')"),
    )


def seeds_and_options(made: Notebook) -> Notebook:
    options = "import numpy as np, torch\nnp.seterr(all='raise')\ntorch.set_num_threads(1)"
    return put(made, 0, cell("code", options))


# What becomes of the written answer


def text_below(made: Notebook, kind: str, *texts: str) -> Notebook:
    """Leave the cell for the written answer as it was given out, and put others below it."""
    place = where(made, "answer: why")
    one = made["cells"][place]
    one["source"] = text(one).replace("Because it does.", BLANK)
    return put(made, place + 1, *(cell(kind, words) for words in texts))


def text_in_the_cell_below(made: Notebook) -> Notebook:
    return text_below(made, "markdown", "Because it does.", "And it always did.")


def text_in_a_code_cell(made: Notebook) -> Notebook:
    return text_below(made, "code", "1 + 1", "Because it isn't otherwise.")


def text_as_a_comment(made: Notebook) -> Notebook:
    return text_below(made, "code", "# Because it does.")


def text_in_a_raw_cell(made: Notebook) -> Notebook:
    return text_below(made, "raw", "Because it does.")


def text_printed(made: Notebook) -> Notebook:
    return text_below(made, "code", 'print("Because it does.")')


def text_as_a_value(made: Notebook) -> Notebook:
    return text_below(made, "code", 'why = "Because it does."')


def text_below_a_magic(made: Notebook) -> Notebook:
    return text_below(made, "code", "%%markdown\nBecause it does.")


def text_at_the_end(made: Notebook) -> Notebook:
    text_below(made, "markdown")
    return put(made, len(made["cells"]), cell("markdown", "Because it does."))


def with_kind(made: Notebook, kind: str) -> Notebook:
    place = where(made, "answer: why")
    one = made["cells"][place]
    made["cells"][place] = cell(kind, text(one)) | {"metadata": one["metadata"]}
    return made


def text_cell_made_raw(made: Notebook) -> Notebook:
    return with_kind(made, "raw")


def text_cell_made_code(made: Notebook) -> Notebook:
    return with_kind(made, "code")


def text_without_marker_or_metadata(made: Notebook) -> Notebook:
    made["cells"][where(made, "answer: why")] = cell("markdown", "Because it does.")
    return made


def endless_text(made: Notebook) -> Notebook:
    one = made["cells"][where(made, "answer: why")]
    one["source"] = text(one) + "\n\n" + "Because it does. " * 600_000
    return made


def pictures_above_the_text(made: Notebook) -> Notebook:
    one = made["cells"][where(made, "answer: why")]
    picture = f"![]( data:image/jpeg;base64,{PICTURE} )\n"
    one["source"] = text(one).replace("Because it does.", picture * 5 + "Because it does.")
    return made


FORMS: list[Change] = [
    without_metadata, without_ids, with_equal_ids, with_ids_that_are_none, as_one_string,
    windows_line_ends, old_mac_line_ends, all_metadata_alike, of_colab, of_vs_code, of_kaggle,
    of_deepnote, of_databricks, through_jupytext, through_jupytext_light,
    through_jupytext_markdown, with_raw_and_unknown_cells, with_cells_that_are_none,
    empty_cells_between, stored_outputs, huge_outputs, wide_numbers_in_outputs, attachments,
    pictures_in_texts, widget_state, many_cells, long_writefile, long_text_in_code,
    long_table_in_code, every_cell_twice, pasted_twice, all_code_in_one_cell,
    each_statement_in_a_cell, answers_moved_to_the_end, without_what_was_given,
    without_the_checks, comments_everywhere, pip_above, fails_above, fails_below, prose_as_code,
    timed, captured, black_was_here, blanks_at_line_ends, works_elsewhere, seeds_and_options,
    text_in_the_cell_below, text_in_a_code_cell, text_as_a_comment, text_in_a_raw_cell,
    text_printed, text_as_a_value, text_below_a_magic, text_at_the_end, text_cell_made_raw,
    text_cell_made_code, text_without_marker_or_metadata, endless_text, pictures_above_the_text,
]  # fmt: skip


def conflict(made: str, ours: str, theirs: str) -> str:
    """Return a text with a merge conflict about one of its lines."""
    line = next(line for line in made.splitlines() if ours in line)
    both = [line, "=======", line.replace(ours, theirs)]
    return made.replace(line, "\n".join(["<<<<<<< HEAD", *both, ">>>>>>> laptop"]))


def conflict_of_outputs(made: str) -> str:
    """Return a notebook with a merge conflict of git about what a cell put out."""
    ours = '   "execution_count": 3,'
    theirs = ours.replace("3", "7")
    both = f"<<<<<<< HEAD\n{ours}\n||||||| 1a2b3c\n{ours}\n=======\n{theirs}\n>>>>>>> 4d5e6f"
    return made.replace('   "execution_count": null,', both)


def format_3(made: str) -> str:
    read = nbformat.reads(made, as_version=4)
    return str(nbformat.writes(nbformat.convert(read, 3), version=3))


def of_minor(made: str, minor: int) -> str:
    return made.replace('"nbformat_minor": 5', f'"nbformat_minor": {minor}')


def dumped(made: str, **how: Any) -> bytes:
    return json.dumps(json.loads(made), **how).encode()


FILES: dict[str, Callable[[str], bytes]] = {
    "with_bom": lambda made: b"\xef\xbb\xbf" + made.encode(),
    "utf_16": lambda made: made.encode("utf-16"),
    "utf_16_without_bom": lambda made: made.encode("utf-16-le"),
    "utf_32": lambda made: made.encode("utf-32"),
    "windows_1252": lambda made: made.replace("it does", "it d\xf6es").encode("cp1252"),
    "escaped": lambda made: dumped(made.replace("it does", "it d\xf6es 🙂")),
    "on_one_line": lambda made: dumped(made, separators=(",", ":")),
    "far_indented": lambda made: dumped(made, indent="\t\t"),
    "sorted_keys": lambda made: dumped(made, sort_keys=True),
    "windows_file": lambda made: made.replace("\n", "\r\n").encode(),
    "blank_lines_around": lambda made: f"\n\n{made}\n\n\n".encode(),
    "nulls_at_the_end": lambda made: made.encode() + bytes(512),
    "not_a_number_in_it": lambda made: f'{{"a": NaN, {made.strip()[1:]}'.encode(),
    "trailing_commas": lambda made: re.sub(r"\n( *[\]}])", r",\n\1", made).encode(),
    "tabs_in_texts": lambda made: made.replace("Because it", "Because\tit").encode(),
    "merge_conflict": lambda made: conflict(
        made, re.findall(r'"nbformat_minor": \d', made)[-1], '"nbformat_minor": 4'
    ).encode(),
    "merge_conflict_of_outputs": lambda made: conflict_of_outputs(made).encode(),
    "merge_conflict_on_windows": lambda made: (
        conflict_of_outputs(made).replace("\n", "\r\n").encode()
    ),
    "merge_conflict_in_a_cell": lambda made: made.replace(
        '"def scale', '"<<<<<<< local\\n# mine\\n=======\\n# theirs\\n>>>>>>> remote\\ndef scale'
    ).encode(),
    "format_3": lambda made: format_3(made).encode(),
    "format_4_0": lambda made: of_minor(made, 0).encode(),
    "format_4_4": lambda made: of_minor(made, 4).encode(),
    "format_4_9": lambda made: of_minor(made, 9).encode(),
}  # fmt: skip
NAMES = {
    "downloaded_twice": f"{EXERCISE} (1).ipynb",
    "copied_in_jupyter": f"{EXERCISE}-Copy1.ipynb",
    "copied_in_colab": f"Copy of {EXERCISE}.ipynb",
    "in_capitals": "01_SCALE.IPYNB",
    "blanks_around_it": f" {EXERCISE} .ipynb",
    "saved_as_text": f"{EXERCISE}.ipynb.txt",
    "saved_as_json": f"{EXERCISE}.ipynb.json",
    "with_a_name": f"{EXERCISE}_Müller.ipynb",
    "one_folder_deeper": f"homework/{EXERCISE}.ipynb",
}
