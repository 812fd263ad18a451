"""A real JupyterLab in headless Chromium: for tests of widgets, as a learner meets them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from tools.chromium import OPTIONS

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
Page, Locator, expect = sync_api.Page, sync_api.Locator, sync_api.expect

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE = 20_000  # milliseconds, for a machine that is busy with other things
READY = "jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
ENDED = "[...jupyterapp.serviceManager.sessions.running()].length === 0"
EXECUTED = """([command, given, seconds]) => Promise.race([
    jupyterapp.commands.execute(command, given).then(() => null),
    new Promise((_, reject) => setTimeout(
        () => reject(new Error(`${command} is not done after ${seconds} s`)), 1000 * seconds
    )),
])"""
THEMES = ("JupyterLab Light", "JupyterLab Dark")
BLIND_DIGITS = """from cs826tl import load_task
from cs826tl.methods.adaptation.pairs import BlindPair, Sealed

digits = load_task("digits")  # comes with scikit-learn: this JupyterLab has fetched nothing
grey = {n: digits.split(n).inputs.flatten(1).numpy() / 255 for n in ("train", "test")}
labels = {name: digits.split(name).labels.numpy() for name in ("train", "test")}
sealed = Sealed(labels["train"][500:], grey["test"], labels["test"])
half = grey["train"][:500], labels["train"][:500], grey["train"][500:]
pair = BlindPair("digits", digits.classes, *half, sealed)
"""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, the folder of its notebooks, the browser to open it in."""

    address: str
    folder: Path
    chromium: str


@contextlib.contextmanager
def running_lab(home: Path, chromium: str) -> Iterator[Lab]:
    """Start a JupyterLab that touches nothing outside `home`, its kernels neither."""
    folder = home / "notebooks"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", home / "server.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--expose-app-in-browser", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.user_settings_dir={home / 'settings'}",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
    ]  # fmt: skip
    with log.open("w") as stream:
        server = subprocess.Popen(
            command, env=_environment(home), stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        _wait_for(address, server, log)
        yield Lab(address, folder, chromium)
    finally:
        server.terminate()  # it ends its kernels itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def _environment(home: Path) -> dict[str, str]:
    own = {f"JUPYTER_{n}_DIR": str(home / n.lower()) for n in ("CONFIG", "DATA", "RUNTIME")}
    return os.environ | own | {
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "CS826TL_HOME": str(home / "cache"),
        "OMP_NUM_THREADS": "1",  # so small a network gains nothing from more
        "PYTHONPATH": str(CHECKOUT),
    }  # fmt: skip


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(450):
        assert server.poll() is None, log.read_text()[-3000:]
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-3000:]}")


@contextlib.contextmanager
def open_notebook(lab: Lab, name: str, cells: Sequence[str]) -> Iterator[Page]:
    """Open a notebook of these code cells; at the end, fail if anything went wrong unseen."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, lab.folder / f"{name}.ipynb")
    troubles: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=lab.chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1300, "height": 2400})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((lab.address, "data:", "blob:"))
                else troubles.append(f"asks for {request.url}")
            ),
        )
        # a workspace of its own, or Lab would open again what the tests before had open
        page.goto(f"{lab.address}/lab/workspaces/{name}/tree/{name}.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").nth(len(cells) - 1).wait_for()
        # what is asked of a kernel that dies at its start and is started again is never answered
        page.wait_for_function(READY, timeout=3 * PATIENCE)
        yield page
        found = [t for t in troubles if "ResizeObserver" not in t]
        # from here on not the notebook's: a kernel ended at work may leave half a message
        page.evaluate("void jupyterapp.serviceManager.sessions.shutdownAll()")
        with contextlib.suppress(sync_api.TimeoutError):  # the server ends with all that it started
            page.wait_for_function(ENDED)
        browser.close()
    assert not found, found


def execute(page: Page, command: str, seconds: int = 120, **given: str) -> None:
    """Have Lab carry out a command, and wait until it has, which Playwright would do for ever."""
    page.evaluate(EXECUTED, [command, given, seconds])


def run_all(page: Page, widgets: int) -> Locator:
    """Run all cells, and return the fresh widgets, which must be `widgets` in number."""
    page.evaluate("document.querySelectorAll('.cs826tl').forEach(w => w.dataset.old = 1)")
    execute(page, "notebook:run-all-cells")
    fresh = page.locator(".jp-OutputArea .cs826tl:not([data-old])")
    expect(fresh).to_have_count(widgets)
    expect(page.locator(".cs826tl")).to_have_count(widgets)
    return fresh


def use_theme(page: Page, theme: str) -> None:
    """Change Lab's theme to one of `THEMES`."""
    execute(page, "apputils:change-theme", theme=theme)
    light = str(theme.endswith("Light")).lower()
    page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")


def check_accessible(page: Page, unsure: tuple[str, ...] = ()) -> int:
    """Fail where axe finds anything serious in a widget; give how many texts' contrast it judged.

    `unsure`: beginnings of elements of which axe cannot tell, and which somebody has looked at.
    """
    # Lab's body has no height, so axe would take all that is in it for hidden and skip contrast
    page.evaluate("document.body.style.height = '100vh'")
    whole = {"resultTypes": ["violations", "incomplete", "passes"]}  # else the first node only
    found = axe.Axe().run(page, context=".cs826tl", options=whole).response
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, [(v["id"], [n["html"] for n in v["nodes"]]) for v in grave]
    doubtful = [node["html"] for v in found["incomplete"] for node in v["nodes"]]
    assert all(html.startswith(unsure) for html in doubtful), doubtful
    return sum(len(p["nodes"]) for p in found["passes"] if p["id"] == "color-contrast")
