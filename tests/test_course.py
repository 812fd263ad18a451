from pathlib import Path

import pytest

from cs826tl import course


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebooks of an installed package: two, one of them in a folder."""
    folder = tmp_path / "package" / "_notebooks"
    (folder / "more").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "exercises").mkdir()
    (folder / "exercises" / "01.py").write_text("solution")
    (folder / "00_start_here.ipynb").write_text("start")
    (folder / "more" / "01.ipynb").write_text("another")
    (folder / ".ipynb_checkpoints" / "00_start_here-checkpoint.ipynb").write_text("old")
    monkeypatch.setattr(course, "PACKAGED", folder)
    return folder


def test_the_packaged_notebooks_come_first_then_the_checkout(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "notebooks"
    checkout.mkdir()
    (checkout / "00_start_here.ipynb").touch()
    monkeypatch.setattr(course, "CHECKOUT", checkout)
    assert course.notebooks_dir() == packaged
    (packaged / "00_start_here.ipynb").unlink()
    assert course.notebooks_dir() == checkout
    (checkout / "00_start_here.ipynb").unlink()
    with pytest.raises(FileNotFoundError, match=r"no notebooks in .*install cs826tl again"):
        course.notebooks_dir()


def test_a_fresh_copy_has_every_notebook_but_no_checkpoints_and_no_solutions(
    packaged: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "deep" / "mine"
    assert course.copy_notebooks(mine) == []
    assert (mine / "00_start_here.ipynb").read_text() == "start"
    assert (mine / "more" / "01.ipynb").read_text() == "another"
    names = {path.name for path in mine.iterdir()}
    assert names == {"00_start_here.ipynb", "more", ".cs826tl.json"}


def test_a_newer_version_updates_what_was_not_changed_and_keeps_what_was(
    packaged: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    course.copy_notebooks(mine)
    changed = mine / "more" / "01.ipynb"
    changed.write_text("my answer")
    (packaged / "00_start_here.ipynb").write_text("start, version 2")
    (packaged / "more" / "01.ipynb").write_text("another, version 2")
    for _ in range(2):  # the second time too: the student's file never becomes "ours"
        assert course.copy_notebooks(mine) == [changed]
        assert changed.read_text() == "my answer"
        assert (mine / "00_start_here.ipynb").read_text() == "start, version 2"
    changed.unlink()
    assert course.copy_notebooks(mine) == []
    assert changed.read_text() == "another, version 2"


def test_a_changed_notebook_is_kept_where_the_course_did_not_change(
    packaged: Path, tmp_path: Path
) -> None:
    course.copy_notebooks(tmp_path / "mine")
    changed = tmp_path / "mine" / "00_start_here.ipynb"
    changed.write_text("my notes")
    assert course.copy_notebooks(tmp_path / "mine") == [changed]
    assert changed.read_text() == "my notes"


@pytest.mark.parametrize("manifest", [None, "{ half a"])
def test_files_of_unknown_origin_are_kept(
    packaged: Path, tmp_path: Path, manifest: str | None
) -> None:
    own = tmp_path / "00_start_here.ipynb"
    own.write_text("not from the course")
    if manifest:
        (tmp_path / ".cs826tl.json").write_text(manifest)
    assert course.copy_notebooks(tmp_path) == [own]
    assert own.read_text() == "not from the course"


def test_a_file_in_the_way_is_an_error(packaged: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        course.copy_notebooks(tmp_path / "file")
