"""The freezing panel in a real JupyterLab in headless Chromium, as a learner meets it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from cs826tl import fit, freeze, load_backbone, load_task, with_head

pytest.importorskip("jupyterlab")
sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
Page, Locator, expect = sync_api.Page, sync_api.Locator, sync_api.expect

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE = 20_000  # milliseconds, for a machine that is busy with other things
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync"]
CELLS = [
    """from cs826tl import load_backbone, load_task
from cs826tl.widgets import freezing_panel

backbone = load_backbone("small_vgg", weights="random")  # random weights: only the panel counts
task = load_task("digits", shots=20)""",
    """panel = freezing_panel(backbone, task, through="block2", epochs=3)
panel""",
    """endless = freezing_panel(backbone, task, epochs=1_000_000)
endless""",
    """broken = freezing_panel(backbone, task)
broken.controller.lr = 'fast'
broken""",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a JupyterLab of its own on a notebook of its own; give its address."""
    home = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    (home / "notebooks").mkdir()
    nbformat.write(notebook, home / "notebooks" / "panel.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", home / "server.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--expose-app-in-browser", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={home / 'notebooks'}",
        f"--LabApp.user_settings_dir={home / 'settings'}",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
    ]  # fmt: skip
    with log.open("w") as stream:
        server = subprocess.Popen(
            command, env=_environment(home), stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        _wait_for(address, server, log)
        yield address
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


@pytest.fixture(scope="module")
def notebook(lab: str, chromium: str) -> Iterator[Page]:
    """Open the notebook, and say at the end whether anything went wrong behind the scenes."""
    troubles: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1300, "height": 2400})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((lab, "data:", "blob:"))
                else troubles.append(f"asks for {request.url}")
            ),
        )
        page.goto(f"{lab}/lab/tree/panel.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").nth(len(CELLS) - 1).wait_for()
        page.get_by_title("Python 3").first.wait_for()
        yield page
        browser.close()
    assert not [t for t in troubles if "ResizeObserver" not in t]


@pytest.fixture
def panels(notebook: Page) -> Locator:
    """Run all cells, and give the three fresh panels."""
    notebook.evaluate(
        "document.querySelectorAll('.cs826tl-freezing').forEach(p => p.dataset.old = 1)"
    )
    notebook.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    fresh = notebook.locator(".jp-OutputArea .cs826tl-freezing:not([data-old])")
    expect(fresh).to_have_count(3)
    expect(notebook.locator(".cs826tl-freezing")).to_have_count(3)
    return fresh


@pytest.fixture
def panel(panels: Locator) -> Locator:
    return panels.nth(0)


def tile(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("listitem").get_by_role("button", name=f"{name} ").first


def press(panel: Locator, name: str) -> None:
    panel.get_by_role("button", name=name).click()


def frozen(panel: Locator) -> list[str]:
    return panel.locator(".tile[aria-pressed=true] b").all_inner_texts()


def trainable(panel: Locator) -> Locator:
    return panel.locator(".cards > div").first.locator("dd b")


def expected_trainable(*stages: str) -> str:
    model = load_backbone("small_vgg", weights="random")
    if stages:
        freeze(model, *stages)
    return f"{sum(p.numel() for p in model.parameters() if p.requires_grad):,}"


def test_a_click_freezes_a_stage_and_the_numbers_follow(panel: Locator) -> None:
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2"))
    tile(panel, "fc").click()
    expect(tile(panel, "fc")).to_have_attribute("aria-pressed", "true")
    expect(tile(panel, "fc")).to_contain_text("frozen")
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2", "fc"))
    tile(panel, "block1").click()
    expect(tile(panel, "block1")).to_contain_text("fine-tuned")
    expect(trainable(panel)).to_have_text(expected_trainable("block2", "fc"))
    expect(panel.get_by_role("status")).to_contain_text("Run in every epoch: block1 to head")


def test_one_press_freezes_up_to_a_stage(panel: Locator) -> None:
    press(panel, "freeze to here: up to fc")
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2", "block3", "fc"))
    assert frozen(panel) == ["block1", "block2", "block3", "fc"]
    press(panel, "freeze to here: up to block1")
    expect(trainable(panel)).to_have_text(expected_trainable("block1"))
    assert frozen(panel) == ["block1"]
    press(panel, "freeze none")
    expect(trainable(panel)).to_have_text(expected_trainable())
    assert frozen(panel) == []


def test_the_keyboard_alone_is_enough(notebook: Page, panel: Locator) -> None:
    keys = notebook.keyboard
    panel.get_by_role("button", name="freeze none").focus()
    keys.press("Tab")
    expect(tile(panel, "block1")).to_be_focused()
    keys.press("Space")
    expect(trainable(panel)).to_have_text(expected_trainable("block2"))
    expect(tile(panel, "block1")).to_be_focused()
    keys.press("Enter")
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2"))
    for key in ["d", "d", "x", "a", "b", "ArrowDown"]:  # Lab: delete, cut, insert, insert, move
        keys.press(key)
    expect(notebook.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))
    expect(tile(panel, "block1")).to_be_focused()
    for _ in range(9):  # three more stages and the head, four times "freeze to here", Train
        keys.press("Tab")
    expect(panel.get_by_role("button", name="Train")).to_be_focused()
    keys.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("Run 1: validation accuracy")
    expect(panel.get_by_role("button", name="Train")).to_be_focused()


def test_training_shows_accuracy_time_and_audit(panel: Locator) -> None:
    press(panel, "Train 3 epochs")
    expect(panel.get_by_role("status")).to_contain_text("Nothing frozen moved.")
    task = load_task("digits", shots=20)
    model = with_head(load_backbone("small_vgg", weights="random"), task.classes)
    history = fit(freeze(model, through="block2"), task, epochs=3, progress=False)
    curve = panel.get_by_role("img").get_attribute("aria-label") or ""
    shown = [float(value) for value in curve.partition(": ")[2].split(", ")]
    assert shown == pytest.approx(history["validation_accuracy"], abs=0.03)
    rows = panel.get_by_role("table", name="audit").get_by_role("row").all_inner_texts()
    verdicts = {row.split()[0]: row.split("\t")[-1] for row in rows[1:]}
    assert verdicts["block1"] == verdicts["block2"] == "✓ frozen, did not move"
    assert verdicts["block3"] == verdicts["head"] == "✓ trainable, moved"
    expect(panel.get_by_role("table", name="time").get_by_role("row")).to_have_count(4)
    press(panel, "freeze none")
    press(panel, "Train 3 epochs")
    expect(panel.get_by_role("table", name="All runs").get_by_role("row")).to_have_count(3)
    expect(panel.get_by_role("progressbar")).to_be_hidden()


def test_stop_ends_training_and_toggles_wait_meanwhile(panels: Locator) -> None:
    endless = panels.nth(1)
    press(endless, "Train")
    expect(endless.get_by_role("progressbar")).to_be_visible()
    expect(endless.locator(".run")).to_contain_text("epoch")
    before = frozen(endless)
    tile(endless, "block1").click(force=True)  # it is marked as disabled
    assert frozen(endless) == before
    press(endless, "Stop")
    expect(endless.get_by_role("status")).to_contain_text("stopped by you")
    tile(endless, "block1").click()
    expect(tile(endless, "block1")).to_have_attribute("aria-pressed", "false")


def test_what_goes_wrong_is_shown_in_the_panel(panels: Locator) -> None:
    panel, broken = panels.nth(0), panels.nth(2)
    press(panel, "freeze none")
    for name in ("block1", "block2", "block3", "fc", "head"):
        tile(panel, name).click()
    press(panel, "Train")
    expect(panel.get_by_role("alert")).to_contain_text("Nothing can be trained")
    tile(panel, "head").click()
    expect(panel.get_by_role("alert")).to_be_empty()
    press(broken, "Train")
    expect(broken.get_by_role("alert")).to_contain_text("Error: ")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(notebook: Page, panels: Locator, theme: str) -> None:
    notebook.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    light = str(theme.endswith("Light")).lower()
    notebook.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
    press(panels.nth(0), "Train")  # one panel with results, one as it starts, one with an alert
    expect(panels.nth(0).get_by_role("status")).to_contain_text("Run 1")
    panels.nth(2).evaluate("panel => panel.querySelector('.alert').textContent = 'an alert'")
    # Lab's body has no height, so axe would take all that is in it for hidden and skip contrast
    notebook.evaluate("document.body.style.height = '100vh'")
    whole = {"resultTypes": ["violations", "incomplete", "passes"]}  # else the first node only
    found = axe.Axe().run(notebook, context=".cs826tl-freezing", options=whole).response
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, [(v["id"], [n["html"] for n in v["nodes"]]) for v in grave]
    unsure = [node["html"] for v in found["incomplete"] for node in v["nodes"]]
    assert all(html.startswith("<text") for html in unsure), unsure  # one digit beside an axis
    contrast = next(p for p in found["passes"] if p["id"] == "color-contrast")
    assert len(contrast["nodes"]) > 150
