"""The sandbox: what it must read is read, what lies hidden in there is not."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cs826tl_grader.sandbox import backends
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from cs826tl_grader.sandbox.isolation import Sandbox

LOOK = """
import os


def look(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return None
"""


@pytest.fixture
def among_packages() -> Iterator[Path]:
    """A folder with a secret, in a place that every sandbox has to read."""
    folder = Path(tempfile.mkdtemp(dir=sys.prefix, prefix="hidden-"))
    folder.chmod(0o755)  # the sandbox has to be what hides it
    (folder / "rubric.py").write_text("secret")
    yield folder
    shutil.rmtree(folder)


def seen(how: str, folder: Path, hidden: list[Path]) -> object:
    try:
        sandbox = Sandbox(backend(how), hidden)
    except NoSandbox as problem:
        pytest.skip(str(problem))
    cells = [{"kind": "code", "source": LOOK}]
    try:
        sandbox.begin(60)
        job = {"cells": cells, "questions": [], "released": [], "care": 0, "seconds": 60.0}
        sandbox.send(job)
        assert sandbox.receive(60) == {}  # no question, no answer
        assert sandbox.receive(60) == "ran"
        sandbox.send({"name": "look", "arguments": [str(folder)], "as_set": False})
        return sandbox.receive(60)["value"]
    finally:
        sandbox.end()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["bubblewrap", "sandlock"])
def test_a_sandbox_reads_packages_but_not_what_lies_elsewhere(
    how: str, among_packages: Path, tmp_path: Path
) -> None:
    (tmp_path / "rubric.py").write_text("secret")
    assert seen(how, among_packages, []) == ["rubric.py"]
    assert seen(how, tmp_path, []) is None


@pytest.mark.slow
def test_bubblewrap_covers_what_is_hidden_among_packages(among_packages: Path) -> None:
    assert seen("bubblewrap", among_packages, [among_packages]) == []


@pytest.mark.slow
def test_sandlock_refuses_what_it_cannot_hide(among_packages: Path) -> None:
    with pytest.raises(NoSandbox, match="move it"):
        seen("sandlock", among_packages, [among_packages])


def test_folders_of_the_system_are_in_sight_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from cs826tl_grader.sandbox.backends import in_sight

    share, home = Path("/usr/share/course"), Path("/home/ada/course")
    assert in_sight([share, home]) == [share]


def test_without_bubblewrap_root_needs_folders_that_others_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(backends, "_readable", lambda: [str(closed)])
    with pytest.raises(NoSandbox, match=r"never run as root.*chmod o\+x"):
        backends.require_open()


TRIES = """
import os

for _ in range(3):
    try:
        open('/usr/x', 'w')
    except OSError:
        try:
            os.memfd_create('x')
        except OSError:
            pass
try:
    for k in range(6):
        with open(f'large{k}', 'wb', 0) as stream:
            stream.write(bytes(60 << 20))
except OSError:
    pass
"""


@pytest.mark.slow
def test_what_was_denied_is_told_once() -> None:
    try:
        sandbox = Sandbox(backend("bubblewrap"), [])
    except NoSandbox as problem:
        pytest.skip(str(problem))
    job = {"cells": [{"kind": "code", "source": TRIES}], "questions": [], "released": []}
    sandbox.begin(60)
    sandbox.send({**job, "care": 0, "seconds": 60.0})
    assert [sandbox.receive(60), sandbox.receive(60)] == [{}, "ran"]
    sandbox.finish()
    assert sandbox.denied() == (
        "denied: the system call memfd_create; denied: to write outside; filled its folders"
    )
    assert sandbox.denied() == ""
    sandbox.end()
