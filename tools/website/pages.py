"""Turn what is stored in the repository into the sources of the site's pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools.links import repository
from tools.notebooks import CHECKOUT, trials
from tools.slides import CODE_OR_MATHEMATICS, standing_alone, typeset
from tools.website.downloads import for_everybody
from tools.website.live import Lecture, Live

WRITTEN = CHECKOUT / "site"  # pages and settings that are written by hand
ADDRESS = re.compile(r"\]\((?!https?:|#)([^)\s]+)\)")
DOCUMENTS = {  # where a file of the repository is shown
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "SECURITY.md": "reporting",
    "benchmarks/README.md": "benchmarks",
    "docs/accessibility.md": "accessibility",
    "docs/claims.md": "claims",
    "docs/hub.md": "lecturers/hub",
    "docs/install.md": "install",
    "docs/lecturers.md": "lecturers/grading",
    "docs/own_network.md": "own_network",
    "docs/security.md": "security",
}
PHOTOGRAPHS = "photographs"  # a page that is no Sphinx page; its own tool builds it
OWN, TRY = (
    "<!-- own photographs -->",
    '<p>Or <a href="photographs/index.html">train a network on your own photographs</a>, in this '
    "browser, without sending them anywhere.</p>",
)
TRIAL = re.compile(r"""href=(['"])trials/(\w+)\.ipynb\1""")
TRIAL_PAGE = r"href=\1../trials/\2.html\1"
TRIALS = """# Trials

Each puts one claim on trial: all checks, controls and seeds behind the cards of the lectures.

```{toctree}
:maxdepth: 1

"""
PANEL = "<!-- the panel -->"  # where the home page has it
LEFT_OUT = "Not recorded in this build: run the notebook to use it."


def write_pages(
    folder: Path, lectures: list[Lecture], recorded: Collection[str], photographs: bool
) -> None:
    """Write all sources into the folder.

    `recorded` names the recordings that there are; `photographs` says whether the page that trains
    in the browser is built too.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(WRITTEN, folder, ignore=shutil.ignore_patterns(PHOTOGRAPHS))
    (folder / "lectures").mkdir()
    for lecture in lectures:
        page = lecture_page(lecture, recorded)
        nbformat.write(page, folder / "lectures" / f"{lecture.stem}.ipynb")
    for source, target in DOCUMENTS.items():
        if (CHECKOUT / source).exists():
            write(folder / f"{target}.md", document(source))
    home = folder / "index.md"
    text = home.read_text(encoding="utf-8").replace(PANEL, _panel(lectures, recorded))
    write(home, text.replace(OWN, TRY if photographs else ""))
    write(folder / "lectures" / "index.md", _contents(lectures))
    _write_trials(folder / "trials")
    write(folder / "decks.md", _decks(lectures))
    write(folder / "exercises.md", _exercises())
    _write_plans(folder, lectures)


def lecture_page(lecture: Lecture, recorded: Collection[str]) -> NotebookNode:
    """Return a notebook for reading: typeset, with places for what is alive."""
    page = alive(lecture, recorded)
    page.cells[0].source = page.cells[0].source.replace("\n\n", f"\n\n{_offers(lecture)}\n\n", 1)
    _for_reading(page, "notebooks")
    return page


def _for_reading(page: NotebookNode, folder: str) -> None:
    """Let links lead to pages; keep one of two forms of each picture, and nothing of Jupyter's."""
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = ADDRESS.sub(lambda m: f"]({_page_of(m[1], folder)})", cell.source)
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output.data.pop("image/png", None)  # the same picture, without its text
                output.data["text/html"] = TRIAL.sub(TRIAL_PAGE, output.data["text/html"])
    page.metadata = {"kernelspec": page.metadata.kernelspec}


def _write_trials(folder: Path) -> None:
    """Write the trials' pages and their contents."""
    folder.mkdir()
    tree = []
    for path in trials():
        page = standing_alone(nbformat.read(path, as_version=4))
        _for_reading(page, "notebooks/trials")
        nbformat.write(page, folder / path.name)
        title = page.cells[0].source.partition("\n")[0].removeprefix("# On trial: ")
        tree.append(f"{path.stem.partition('_')[0]} · {title} <{path.stem}>\n")
    write(folder / "index.md", f"{TRIALS}{''.join(tree)}```\n")


def alive(lecture: Lecture, recorded: Collection[str]) -> NotebookNode:
    """Return a typeset copy in which each widget's output is a place for a recording."""
    copy = standing_alone(lecture.notebook)
    for one in lecture.live:
        names = [f"{lecture.number}-guess-{ask}" for ask in one.asks] or [one.name]
        outputs = copy.cells[one.cell].outputs
        if one.output == len(outputs):
            outputs.append(new_output("display_data", {"text/html": ""}))
        output = outputs[one.output]
        if set(names) <= set(recorded):
            output.data = {"text/html": _place(one, names, output.data["text/html"])}
        elif "text/html" in output.data:
            output.data["text/html"] += f"<p><i>{LEFT_OUT}</i></p>"
    return copy


def document(source: str) -> str:
    """Return a document of the repository with links that hold in the site."""
    text = (CHECKOUT / source).read_text(encoding="utf-8")
    text = CODE_OR_MATHEMATICS.sub(typeset, text)
    folder = source.rpartition("/")[0]
    up = "../" * DOCUMENTS[source].count("/")
    return ADDRESS.sub(lambda m: f"]({_page_of(m[1], folder, up)})", text)


def write(path: Path, text: str) -> None:
    """Write a page's source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _place(one: Live, names: list[str], stand_in: str) -> str:
    """Return the place of a widget: what stands there until its recording is loaded, and a note."""
    said = ""
    if one.kind in ("explorer", "panel"):
        said = (
            '<p class="cs826tl-recorded">A recording answers here: it knows the settings that are '
            "offered, and the seconds are those of the machine that recorded it. For anything "
            "else, open the lecture on Binder or Colab, at the top of its page.</p>"
        )
    opened = f'data-kind="{one.kind}" data-recording="{" ".join(names)}"'
    return f'<div class="cs826tl-live" {opened}>{stand_in}{said}</div>'


def _panel(lectures: list[Lecture], recorded: Collection[str]) -> str:
    """Return the place of the first freezing panel of the course."""
    panels = ((lecture, one) for lecture in lectures for one in lecture.live if one.kind == "panel")
    for lecture, one in panels:
        if one.name in recorded:
            html = lecture.notebook.cells[one.cell].outputs[one.output].data["text/html"]
            return _place(one, [one.name], html)
    return LEFT_OUT


def _offers(lecture: Lecture) -> str:
    """Return the row of links at the top of a lecture."""
    where, path = repository(), f"notebooks/{lecture.stem}.ipynb"
    offers = {
        "Download": f"../downloads/{lecture.stem}.ipynb",
        "Slides": f"../decks/{lecture.stem}.html",
        "Binder": f"https://mybinder.org/v2/gh/{where}/HEAD?urlpath=lab/tree/{path}",
        "Colab": f"https://colab.research.google.com/github/{where}/blob/main/{path}",
    }
    links = (f'<a href="{escape(href)}">{name}</a>' for name, href in offers.items())
    return f'<p class="cs826tl-offers">{" ".join(links)}</p>'


def _page_of(address: str, folder: str, up: str = "../") -> str:
    """Return where the site shows what a file of the repository links to."""
    target, mark, anchor = address.partition("#")
    path = _normal(f"{folder}/{target}")
    if path.startswith("notebooks/trials/"):
        return f"{up}{path.removeprefix('notebooks/')}{mark}{anchor}"
    if path.startswith("notebooks/") and path.count("/") == 1:
        return f"{up}lectures/{path.removeprefix('notebooks/')}{mark}{anchor}"
    if path in DOCUMENTS:
        return f"{up}{DOCUMENTS[path]}.md{mark}{anchor}"
    return f"https://github.com/{repository()}/blob/HEAD/{path}{mark}{anchor}"


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _contents(lectures: list[Lecture]) -> str:
    tree = "\n".join(f"{one.number} · {one.title} <{one.stem}>" for one in lectures)
    rows = "".join(
        f"- [{one.number} · {one.title}]({one.stem}.ipynb). {one.one_thing}\n" for one in lectures
    )
    return (
        f"# Lectures\n\nRead them in this order.\n\n{rows}\n"
        f"```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{tree}\n```\n"
    )


def _decks(lectures: list[Lecture]) -> str:
    rows = "".join(
        f'<li><a href="decks/{one.stem}.html">{one.number} · {escape(one.title)}</a></li>'
        for one in lectures
    )
    return (
        "# Decks\n\nEach lecture is also a deck of slides, with the same live widgets. Press `s` "
        "for the speaker's view: notes, the next slide, and a clock. Arrow keys and space move "
        f"on; `f` fills the screen.\n\n<ul>{rows}</ul>\n"
    )


def _exercises() -> str:
    names = [exercise.name for exercise in for_everybody()]
    rows = "".join(f'<li><a href="downloads/exercises/{n}.ipynb">{n}</a></li>' for n in names)
    return (
        "# Exercises\n\nThese are the students' copies. Download one, open it in JupyterLab, and "
        'answer; `check("name of a question")` tries the public examples.\n\n'
        f"<ul>{rows}</ul>\n\n"
        '<p><a href="downloads/cs826tl-course.zip">The whole course as one archive</a>: all '
        "lectures with their outputs, and the students' copies of all exercises.</p>\n"
    )


def _write_plans(folder: Path, lectures: list[Lecture]) -> None:
    """Write the lecturers' pages, the plans that there are, and their contents."""
    plans = []
    for lecture in lectures:
        plan = CHECKOUT / "cs826tl" / "lectures" / lecture.room / "plan.md"
        if plan.exists():
            shutil.copy(plan, folder / "lecturers" / f"{lecture.stem}.md")
            plans.append(lecture.stem)
    index = folder / "lecturers" / "index.md"
    tree = "\n".join(["grading", "hub", *plans])
    text = index.read_text(encoding="utf-8")
    write(index, f"{text}\n```{{toctree}}\n:maxdepth: 1\n\n{tree}\n```\n")
