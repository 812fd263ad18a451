"""Hostile submissions: none gains, none harms, none stays, and everybody gets a verdict."""

import html
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cs826tl.grading.sandbox.backends import NoSandbox, backend, require_open
from tests.grading.submissions import (
    ANSWER,
    HERE,
    cells_of,
    grade_all,
    grades,
    hand_in,
    notebook as submission,
)

pytestmark = pytest.mark.slow

ATTACKS = sorted((HERE / "attacks").glob("*.txt"))
CANARIES = ("/tmp", "/var/tmp", "/dev/shm", "/root", "/home", "/usr", "/etc", "/")
GRADE = """
import sys
from pathlib import Path
from tests.grading.submissions import grade_all

grade_all(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
"""
Rows = dict[tuple[str, str], dict[str, str]]
STATUSES = {"graded", "missing", "timeout", "crashed", "tampered", "needs-review"}
TIMEOUT = 4.0
PORT = 38261  # where `calls_home` calls
SOCKETS = ("\0mallory-listens", "/tmp/mallory-listens")
NAMED = {  # with what their sandbox denied, as counted
    "writes_outside", "reads_the_key", "calls_home", "sockets_of_the_machine", "kernel_settings",
    "settings_of_other_processes", "kills_its_parents", "looks_into_its_parent",
}  # fmt: skip
HONEST = [  # which needs an empty folder that it can write, room for a file, and some descriptors
    "import os\n\nempty = os.listdir('.') == []\n"
    "with open('notes', 'w') as stream:\n    stream.write('1' * 1000)",
    ANSWER.replace("+ 1", "+ int(empty) * int(open('notes').read()[0])"),
]


class Graded:
    """What came of grading all attacks, with an honest student after each."""

    def __init__(self, how: str, jobs: int, user: int | None, folder: Path) -> None:
        submissions, self.report = folder / "in", folder / "out"
        (folder / "course.key").write_text("reads_the_key wants this")
        for number, path in enumerate(ATTACKS):
            hand_in(submissions, f"{number:02}a_{path.stem}", submission(cells_of(path)))
            hand_in(submissions, f"{number:02}b_honest", submission(HONEST))
        self.calls: list[object] = []
        with _listener(self.calls), pytest.MonkeyPatch.context() as patch:
            patch.setenv("MALLORY_WANTS", "reads_the_environment wants this")
            start = time.monotonic()
            self.rows = _grade_as(user, folder, how, jobs)
            self.seconds = time.monotonic() - start

    def incidents(self) -> set[str]:
        """Return the attacks that the report names."""
        page = (self.report / "report.html").read_text()
        table = page.partition("Incidents")[2].partition("Alike")[0]
        return {path.stem for path in ATTACKS if f"a_{path.stem}<" in table}

    def row(self, attack: Path, question: str = "scale") -> dict[str, str]:
        return self.rows[f"{ATTACKS.index(attack):02}a_{attack.stem}", question]


class _listener:
    """Notes whoever calls, over the network or a socket of the machine."""

    def __init__(self, calls: list[object]) -> None:
        Path(SOCKETS[1]).unlink(missing_ok=True)  # of a run that was killed
        self._servers = [socket.create_server(("127.0.0.1", PORT))]
        for place in SOCKETS:
            self._servers.append(socket.socket(socket.AF_UNIX))
            self._servers[-1].bind(place)
            self._servers[-1].listen()
        self._calls = calls

    def __enter__(self) -> None:
        for server in self._servers:
            threading.Thread(target=self._listen, args=(server,), daemon=True).start()

    def _listen(self, server: socket.socket) -> None:
        while True:
            try:
                self._calls.append(server.accept())
            except OSError:
                return

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            server.close()
        os.unlink(SOCKETS[1])


def _grade_as(user: int | None, folder: Path, how: str, jobs: int) -> Rows:
    """Grade as whoever runs the tests, or, where that is root, as an ordinary user."""
    if user is None or os.geteuid() != 0:
        return grade_all(folder, how, TIMEOUT, jobs)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user)
    subprocess.run(
        [sys.executable, "-c", GRADE, folder, how, str(TIMEOUT), str(jobs)],
        user=user, group=user, extra_groups=[], cwd=HERE.parents[1], check=True,
        env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)},
    )  # fmt: skip
    return grades(folder / "out")


@pytest.fixture(
    scope="module",
    params=[("bubblewrap", 1, None), ("bubblewrap", 2, 12345), ("sandlock", 1, None),
            ("sandlock", 2, 12345)],
    ids=["bubblewrap", "bubblewrap-user", "sandlock", "sandlock-user"],
)  # fmt: skip
def graded(request: pytest.FixtureRequest) -> Iterator[Graded]:
    how, jobs, user = request.param
    try:
        backend(how)
        if user is not None and os.geteuid() == 0:
            require_open()
    except NoSandbox as problem:
        pytest.skip(str(problem))
    folder = Path(tempfile.mkdtemp(prefix="attacks-"))
    folder.chmod(0o755)
    yield Graded(how, jobs, user, folder)
    shutil.rmtree(folder)


@pytest.fixture(params=ATTACKS, ids=lambda path: path.stem)
def attack(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_many_attacks() -> None:
    assert len(ATTACKS) >= 40
    assert all(path.read_text().startswith("# Harm: ") for path in ATTACKS)


def test_an_attack_wins_no_points(graded: Graded, attack: Path) -> None:
    row = graded.row(attack)
    assert float(row["points"]) == 0
    assert row["status"] in STATUSES
    assert row["reason"]


def test_no_attack_changes_another_mark(graded: Graded) -> None:
    honest = {k: r for k, r in graded.rows.items() if k[0].endswith("b_honest")}
    assert len(honest) == 3 * len(ATTACKS)
    for (_, question), row in honest.items():
        expected = {"scale": 3.0, "smallest": 1.0, "why": 0.0}[question]
        assert float(row["points"]) == expected, row


def test_no_attack_holds_up_the_run(graded: Graded) -> None:
    """Each may use up a few time limits, and the start of a new sandbox, and no more."""
    assert graded.seconds < len(ATTACKS) * (4 * TIMEOUT + 44)


def test_nothing_is_written_outside(graded: Graded) -> None:
    assert not [p for p in CANARIES if os.path.exists(os.path.join(p, "mallory-was-here"))]


def test_nothing_calls_home(graded: Graded) -> None:
    assert graded.calls == []


def test_no_process_is_left_over(graded: Graded) -> None:
    from cs826tl.grading.marking import cohort

    for sandbox in cohort._SANDBOXES.values():
        sandbox.end()
    mine = psutil.Process()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _inside(mine):
        time.sleep(0.1)
    assert _inside(mine) == []


def _inside(mine: psutil.Process) -> list[str]:
    """Return what still runs in a sandbox of ours, or of nobody's who is still there."""
    commands = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            ours = process.ppid() == 1 or mine in process.parents()
        except psutil.Error:
            continue
        if ours and "cs826tl.grading.sandbox.inside" in command:
            commands.append(command)
    return commands


def test_what_was_denied_is_named_and_honest_work_is_not(graded: Graded) -> None:
    assert graded.incidents() >= NAMED
    assert "b_honest" not in (graded.report / "report.html").read_text().partition("Incidents")[2]


def test_feedback_gives_nothing_away(graded: Graded) -> None:
    for page in (graded.report / "feedback").rglob("*.html"):
        text = page.read_text()
        assert "<script" not in text
        number, attacks, _ = page.parent.name.partition("a_")
        text = html.unescape(text)
        for cell in cells_of(ATTACKS[int(number)]) if attacks else ():
            text = text.replace(cell, "")  # what they wrote themselves is shown, word for word
        assert "LEAKED" not in text
        assert "4242" not in text
