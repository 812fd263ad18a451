"""What an administrator prepares for a class: the lectures run once, everybody may read."""

import json
import os
import stat
from pathlib import Path

import pytest

from cs826tl import cli, course
from cs826tl.assets.cache import LECTURES

CODES = """
import torch
import cs826tl as tl
from cs826tl.training import storage

storage.WORTH_A_FILE = 0.0
images = torch.arange(40 * 256).reshape(40, 1, 16, 16).to(torch.uint8)
tl.encode(tl.load_backbone("small_vgg", weights="random"), images)
"""


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of two lectures, one of which fails, and the folder to prepare for it."""
    lectures = tmp_path / "package"
    lectures.mkdir()
    write(lectures / "00_start_here.ipynb", CODES)
    write(lectures / "01_broken.ipynb", "raise ValueError('no such luck')")
    monkeypatch.setattr(course, "PACKAGED", lectures)
    monkeypatch.setattr("cs826tl.prepare.fetch", lambda *names: fetched.extend(names))
    fetched.clear()
    return tmp_path / "shared"


fetched: list[str] = []


def write(path: Path, code: str) -> None:
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(notebook))


@pytest.mark.slow
def test_lectures_leave_their_codes_where_all_may_read_them(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(shared.parent / "mine"))
    monkeypatch.setenv("CS826TL_SHARED", str(shared.parent / "of last year"))
    before = dict(os.environ)
    mask = os.umask(0o077)
    try:
        assert cli.main(["prepare", str(shared), "vgg16"]) == 1  # one of them failed
    finally:
        os.umask(mask)
    assert fetched == [*LECTURES, "vgg16"]
    (codes,) = (shared / "codes").glob("*.npy")
    for path in (shared, codes.parent, codes):
        wanted = 0o555 if path.is_dir() else 0o444
        assert stat.S_IMODE(path.stat().st_mode) & wanted == wanted
    said = capsys.readouterr().out
    assert "01_broken: FAILED: ValueError: no such luck" in said
    assert said.endswith(f"give every user CS826TL_SHARED={shared}\n")
    assert dict(os.environ) == before
    assert not (shared.parent / "mine").exists()


def test_one_lecture_can_be_prepared_and_an_unknown_one_is_refused(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["prepare", str(shared), "--lecture", "00_start"]) == 1
    assert "Did you mean '00_start_here'?" in capsys.readouterr().err
    assert fetched == []
    assert cli.main(["prepare", str(shared), "--lecture", "01_broken"]) == 1
    assert "start" not in capsys.readouterr().out
