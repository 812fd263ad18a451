"""What a stored notebook keeps of its outputs: the part that is the same on every machine.

Usage: `python -m tools.normalise NOTEBOOK ...` rewrites stored notebooks without running them,
after this module has changed.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from PIL import Image

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
IGNORED = "nbval-ignore-output"  # the tag of cells whose output differs by machine

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {  # without the version of Python, which would change from machine to machine
    "file_extension": ".py",
    "name": "python",
    "pygments_lexer": "ipython3",
}

INLINE_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\s]+")
INLINE_PNG = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")
# What two machines may differ in, as `tests/nbval_sanitize.cfg` says to nbval.
MEASURED = re.compile(
    r"(?<=: )[−\d][\d.,]*(?: \[[^\]]*\])?(?: [^:;<\n]+)?(?=; bar )"
    r"|[✓✗?](?= [^<\n]*; bar )"
    r"|<!--measured-->[\s\S]*?<!--/measured-->"
)
MACHINE_PATH = re.compile(r"/home/|/root/|/Users/|/tmp/|/private/var/|[A-Z]:\\+Users")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells that hold something."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def normalise(notebook: NotebookNode) -> None:
    """Change an executed notebook, in place, into the form in which it is stored."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.update(
        kernelspec=NotebookNode(KERNELSPEC), language_info=NotebookNode(LANGUAGE)
    )
    for cell in notebook.cells:
        for noise in ("execution", "ExecuteTime", "collapsed", "scrolled"):
            cell.metadata.pop(noise, None)
    for cell in code_cells(notebook):
        for output in cell.outputs:
            _normalise_output(output)


def _normalise_output(output: NotebookNode) -> None:
    if output.output_type == "error":  # only where the cell is tagged raises-exception
        output.traceback = [f"{output.ename}: {output.evalue}"]
    data = output.get("data", {})
    data.pop(WIDGET_VIEW, None)
    if "text/html" in data:
        data["text/html"] = INLINE_PNG.sub(lambda found: smaller_png(found[0]), data["text/html"])
        if len(pictures := INLINE_PNG.findall(data["text/html"])) == 1:
            data["image/png"] = pictures[0]  # for LaTeX and PDF, which cannot show HTML


def smaller_png(encoded: str) -> str:
    """Return a base64 PNG with a palette of 256 colours, if that is smaller and looks the same.

    The pixels decide, so the same picture gives the same bytes, and a second pass changes nothing.
    """
    original = base64.b64decode(encoded)
    picture = Image.open(io.BytesIO(original))
    if picture.mode == "P":
        return encoded
    truecolour = picture.convert("RGBA")
    if truecolour.getextrema()[3] != (255, 255):  # see-through pictures stay as they are
        return encoded
    truecolour = truecolour.convert("RGB")
    palette = truecolour.quantize(256, method=Image.Quantize.MEDIANCUT)
    difference = np.asarray(truecolour, float) - np.asarray(palette.convert("RGB"), float)
    visible = np.sqrt((difference**2).mean()) > 2  # of 255; bands in a photograph's sky are more
    stream = io.BytesIO()
    (truecolour if visible else palette).save(stream, "PNG", optimize=True)
    if stream.tell() >= len(original):
        return encoded
    return base64.b64encode(stream.getvalue()).decode("ascii")


def comparable(cell: NotebookNode) -> list[NotebookNode]:
    """Return a cell's outputs without what may differ between two machines."""
    if IGNORED in cell.metadata.get("tags", []):
        return []
    return [_without_numbers(_without_pictures(output)) for output in cell.outputs]


def has_picture(cell: NotebookNode) -> bool:
    """Tell whether any output of a cell holds a picture."""
    return any(_without_pictures(output) != output for output in cell.outputs)


def _without_pictures(output: NotebookNode) -> NotebookNode:
    if "data" not in output:
        return output
    data = {
        mime: INLINE_PICTURE.sub("", str(value))
        for mime, value in output.data.items()
        if not mime.startswith("image/")
    }
    return NotebookNode({**output, "data": data})


def _without_numbers(output: NotebookNode) -> NotebookNode:
    if "data" not in output:
        return output
    data = {mime: MEASURED.sub("", str(value)) for mime, value in output.data.items()}
    return NotebookNode({**output, "data": data, "metadata": {}})


def complaints(notebook: NotebookNode, checkout: Path) -> list[str]:
    """Return what no stored notebook may hold, in words, with the number of its code cell."""
    found = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        for output in cell.outputs:
            found += [f"code cell {number}: {what}" for what in _faults(output, str(checkout))]
    return found


def _faults(output: NotebookNode, checkout: str) -> list[str]:
    faults = []
    if output.get("name") == "stderr":
        faults.append(f"writes on stderr: {output.text[:200]!r}; fix the cause")
    data = output.get("data", {})
    if WIDGET_VIEW in data and "text/html" not in data:
        faults.append("shows a widget with no static text/html in the same output")
    if any(mime.startswith("image/") for mime in data) and "<img alt=" not in data.get(
        "text/html", ""
    ):
        faults.append("shows a picture that no text describes: use `show`")
    shown = str({**_without_pictures(output), "traceback": ""})  # normalise drops the frames
    if MACHINE_PATH.search(shown) or checkout in shown:
        faults.append(f"names a folder of this machine: {shown[:300]}")
    if ADDRESS.search(shown):
        faults.append(f"shows a memory address, which every run changes: {shown[:300]}")
    return faults


def main() -> int:
    """Rewrite the notebooks that the command line names."""
    for path in map(Path, sys.argv[1:]):
        notebook = nbformat.read(path, as_version=4)
        normalise(notebook)
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
