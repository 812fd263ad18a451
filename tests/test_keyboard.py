"""What a learner with only a keyboard finds wrong with a page, and what not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

from tools.chromium import offline_page  # noqa: E402
from tools.keyboard.learner import Learner, Visit  # noqa: E402
from tools.notebooks import CHECKOUT  # noqa: E402

pytestmark = pytest.mark.slow

WIDGET = """<!doctype html><title>page</title><a href="#">before</a>
<div class="cs826tl-live" data-kind="explorer" data-recording="one" data-alive="true">
<p role="status" id="status">nothing yet</p><p role="alert" id="alert"></p>{}</div>
<a href="#">after</a>"""
GOOD = "<button onclick='status.textContent += 1'>good</button>".replace(
    "status.", "document.getElementById(`status`)."
)


def visit(chromium: str, folder: Path, control: str) -> Visit:
    path = folder / "page.html"
    path.write_text(WIDGET.format(control), encoding="utf-8")
    with offline_page(chromium) as (page, _):
        return Learner(page).visit(path.as_uri())


def test_what_answers_is_no_trouble_and_is_timed(chromium: str, tmp_path: Path) -> None:
    seen = visit(chromium, tmp_path, GOOD)
    assert seen.troubles == []
    (answer,) = seen.answers
    assert (answer.control, answer.key) == ("good (submit)", "Enter")
    assert answer.milliseconds is not None


@pytest.mark.parametrize(
    ("control", "trouble"),
    [
        ("<button>dead</button>", "one: dead (submit), Enter: does not answer"),
        (
            "<select><option>a</option><option>b</option></select>",
            "does not answer",  # the browser shows the new value, and the widget knows nothing
        ),
        (GOOD.replace("+= 1", "+= 1, this.remove()"), "one: good (submit), Enter: loses the focus"),
        (GOOD.replace("<button", "<button tabindex=-1"), "one: good: no key leads there"),
    ],
)
def test_what_is_wrong_is_named(chromium: str, tmp_path: Path, control: str, trouble: str) -> None:
    troubles = visit(chromium, tmp_path, control).troubles
    assert troubles
    assert all(words.endswith(trouble) for words in troubles)


def test_an_alert_that_asks_for_python_is_an_answer(chromium: str, tmp_path: Path) -> None:
    says = "document.getElementById(`alert`).textContent = `it needs Python`"
    seen = visit(chromium, tmp_path, f"<button onclick='{says}'>ask</button>")
    assert seen.troubles == []
    assert [answer.needs_python for answer in seen.answers] == [True]


def test_a_widget_that_never_wakes_is_named(chromium: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(WIDGET.format("").replace("data-alive", "data-dead"), encoding="utf-8")
    with offline_page(chromium) as (page, _):
        troubles = Learner(page).visit(path.as_uri()).troubles
    assert troubles == ["one: asleep: no key leads there"]


@pytest.mark.usefixtures("chromium")
def test_the_benchmark_counts_keys_and_names_troubles(tmp_path: Path) -> None:
    for name, control in {"good": GOOD, "dead": "<button>dead</button>"}.items():
        (tmp_path / f"{name}.html").write_text(WIDGET.format(control), encoding="utf-8")
    call = [sys.executable, "-m", "benchmarks.site_widgets", "--json", str(tmp_path)]
    done = subprocess.run(call, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    result = json.loads(done.stdout)
    assert (result["pages"], result["kinds"]["explorer"]["keys"]) == (2, 2)
    (trouble,) = result["troubles"]
    assert trouble.endswith("dead.html: one: dead (submit), Enter: does not answer")
    assert done.returncode == 1
