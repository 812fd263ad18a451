"""The folder for a machine without a network."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cs826tl import bundle as bundling, cli, course
from cs826tl.assets.cache import ASSETS, is_available


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pip was asked for, instead of its downloads."""
    asked: list[list[str]] = []
    really = subprocess.run

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if "pip" not in command:
            return really(command, **options)
        versions = Path(command[command.index("--constraint") + 1])
        asked.append([*command, *versions.read_text().splitlines()])
        wheels = Path(command[command.index("--wheel-dir") + 1])
        wheels.mkdir()
        (wheels / "cs826tl-0-py3-none-any.whl").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(bundling.subprocess, "run", run)
    return asked


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one lecture, one exercise and two decks, one of them with pictures."""
    notebooks = tmp_path / "checkout" / "notebooks"
    (notebooks / "exercises").mkdir(parents=True)
    (notebooks / "00_start_here.ipynb").write_text("start")
    (notebooks / "exercises" / "01_scale.ipynb").write_text("with solutions")
    slides = notebooks.parent / "build" / "slides"
    (slides / "00_start_here").mkdir(parents=True)
    (slides / "00_start_here.slides.html").write_text("deck")
    (slides / "00_start_here" / "1.png").touch()
    (slides / "reveal.js-5").mkdir()
    (slides / "reveal.js-5" / "reveal.js").touch()
    monkeypatch.setattr(course, "CHECKOUT", notebooks)
    monkeypatch.setattr(course, "PACKAGED", tmp_path / "nowhere")
    return notebooks.parent


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_bundle_holds_what_the_course_needs_and_no_solution(
    pip: list[list[str]], checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sticks" / "one"
    assert cli.main(["bundle", str(out)]) == 0
    held = files(out)
    there = {name for name in ASSETS if is_available(name)}
    assert {name.split("/")[1] for name in held if name.startswith("assets/")} == there
    assert {name for name in held if not name.startswith("assets/")} == {
        *("Makefile", "README.txt", "wheels/cs826tl-0-py3-none-any.whl"),
        *("notebooks/00_start_here.ipynb", "notebooks/.cs826tl.json"),
        *("slides/00_start_here.slides.html", "slides/reveal.js-5/reveal.js"),
    }
    assert "without site: run `make site`" in capsys.readouterr().out
    assert [path.name for path in out.parent.iterdir()] == ["one"]  # nothing half-written
    (asked,) = pip
    assert f"{checkout}[lab]" in asked
    assert f"torch=={version('torch')}" in asked
    assert not any(line.startswith("cs826tl==") for line in asked)


def test_what_the_bundle_holds_is_read_from_it(
    pip: list[list[str]], checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["bundle", str(tmp_path / "out")]) == 0
    there = {name for name in ASSETS if is_available(name)}
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "out" / "assets"))
    assert {name for name in ASSETS if is_available(name)} == there


def test_make_in_the_bundle_uses_no_network_and_no_other_python(
    pip: list[list[str]], checkout: Path, tmp_path: Path
) -> None:
    cli.main(["bundle", str(tmp_path / "out")])
    asked = _make(tmp_path / "out", "-n")
    assert "--isolated install --quiet --no-index --find-links wheels 'cs826tl[lab]'" in asked
    assert f"CS826TL_HOME='{tmp_path / 'out'}/assets' .venv/bin/cs826tl lab" in asked
    assert "make lab PYTHON=" in _make(tmp_path / "out", "PYTHON=false")


def _make(folder: Path, *words: str) -> str:
    python = f"PYTHON={sys.executable}"
    try:
        command = ["make", python, "lab", *words]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        pytest.skip("make is not installed")


def test_a_library_that_cannot_be_had_leaves_nothing_and_is_named(
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "…\nERROR: No match for torch==9+cpu\n")

    monkeypatch.setattr(bundling.subprocess, "run", run)
    assert cli.main(["bundle", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "No match for torch==9+cpu" in said
    assert "PIP_EXTRA_INDEX_URL" in said
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(
    pip: list[list[str]], checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").touch()
    assert cli.main(["bundle", str(tmp_path)]) == 1
    assert "holds something: name a new folder" in capsys.readouterr().err
    assert pip == []
