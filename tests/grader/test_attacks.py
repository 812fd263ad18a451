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
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cs826tl_grader.sandbox.backends import NoSandbox, backend, require_open
from tests.grader.conftest import end_kept, in_sandboxes
from tests.grader.submissions import (
    ANSWER,
    HERE,
    cells_of,
    grade_all,
    grades,
    hand_in,
    notebook as submission,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]  # all are graded before the first test

EVERY_ATTACK = sorted((HERE / "attacks").glob("*.txt"))
ONCE_SUCCEEDED = {  # in some version of the sandbox, so they are tried every time
    "brother_of_its_own", "default_rights_for_files", "flags_of_files_outside", "kernel_settings",
    "landlock_rulesets", "letters_that_wait", "memory_of_the_dead", "note_in_attributes",
    "note_in_times", "reads_its_answers_back", "sockets_that_wait", "written_by_the_dead",
}  # fmt: skip
ATTACKS = [  # a fixed tenth, and all of them where somebody asks for it, as every night
    path
    for path in EVERY_ATTACK
    if os.environ.get("ATTACKS") == "all"
    or path.stem in ONCE_SUCCEEDED
    or zlib.crc32(path.stem.encode()) % 10 == 0
]
CANARIES = ("/tmp", "/var/tmp", "/dev/shm", "/root", "/home", "/usr", "/etc", "/")
GRADE = """
import sys
from pathlib import Path
from tests.grader.submissions import grade_all

grade_all(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
"""
Rows = dict[tuple[str, str], dict[str, str]]
STATUSES = {"graded", "missing", "timeout", "crashed", "tampered", "needs-review"}
TIMEOUT = 4.0
PORT, SOCKET = "38261", "mallory-listens"  # where attacks call: each run listens at its own
UNNAMED = {  # in the report, and why: nothing was denied, and nothing changed but its own answers
    "it only returns something, or raises it": {
        "always_equal", "array_without_bytes", "class_tricks", "count_without_end",
        "cyclic_answer", "group_of_exceptions", "hostile_array", "huge_items", "item_that_calls",
        "items_with_names", "leaks_by_dimensions", "leaks_by_exception", "leaks_by_kind",
        "leaks_by_shape", "leaks_by_timing", "nested_answer", "pickles", "raises_the_interrupt",
        "script_in_its_text", "strange_numbers", "strange_tensors", "system_exit",
        "tensors_without_bytes",
    },
    "it only reads differently from what it is": {
        "confusable_name", "deep_source", "defines_by_other_names", "functions_in_functions",
        "long_line_of_brackets", "marks_of_the_course", "null_in_its_source", "thousand_functions",
        "words_that_turn_around",
    },
    "it changes Python's objects of its own process, which end with it": {
        "changes_small_integers", "does_not_want_to_go", "edits_the_variant", "mask_of_its_parent",
    },
    "it looks for what is not there": {
        "imports_the_rubric", "names_that_are_not_there", "ways_up",
    },
    "it reads the cases that it is asked, and costs itself its answers": {"reads_ahead"},
    "it writes where it may, and that is gone with it": {
        "locked_folder", "long_names", "loops_of_links", "module_in_the_folder",
        "names_like_options", "prints_a_gigabyte", "symlink_in_the_folder", "threads_that_stay",
    },
    "its call succeeds and does nothing, as it does where honest libraries make it": {
        "note_in_a_lock", "note_in_modes", "note_in_times", "writes_back_for_ever",
    },
    "what it sends is a well-formed wrong answer": {"answers_by_a_child", "answers_by_two"},
    "it stops at a limit that only the kernel sees": {"many_mappings", "sockets_in_sockets"},
}  # fmt: skip
BY_BUBBLEWRAP = {  # named there only, where refused calls, full folders and limits are seen
    "huge_pages", "large_buffers", "larger_pipes", "letters_that_wait", "many_counters",
    "many_pipes", "many_servers", "many_watches", "memory_of_the_dead", "runs_as_root",
    "slows_its_parent", "sockets_full_of_bytes", "sockets_that_wait", "tables_of_empty_pages",
}  # fmt: skip
HONEST = [  # which needs an empty folder that it can write, room for a file, and some descriptors
    "import os\n\nempty = os.listdir('.') == []\n"
    "with open('notes', 'w') as stream:\n    stream.write('1' * 1000)",
    ANSWER.replace("+ 1", "+ int(empty) * int(open('notes').read()[0])"),
]


class Graded:
    """What came of grading all attacks, with an honest student after each."""

    def __init__(self, how: str, jobs: int, user: int | None, folder: Path) -> None:
        submissions, self.report, self.how = folder / "in", folder / "out", how
        (folder / "course.key").write_text("reads_the_key wants this")
        self.calls: list[object] = []
        with _listener(self.calls) as port, pytest.MonkeyPatch.context() as patch:
            for number, path in enumerate(ATTACKS):
                cells = [
                    cell.replace(PORT, port).replace(SOCKET, f"{SOCKET}-{port}")
                    for cell in cells_of(path)
                ]
                hand_in(submissions, f"{number:03}a_{path.stem}", submission(cells))
                hand_in(submissions, f"{number:03}b_honest", submission(HONEST))
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
        return self.rows[f"{ATTACKS.index(attack):03}a_{attack.stem}", question]


class _listener:
    """Notes whoever calls, over the network or a socket of the machine; entered, says its port."""

    def __init__(self, calls: list[object]) -> None:
        self._servers, self._calls = [socket.create_server(("127.0.0.1", 0))], calls
        self._port = str(self._servers[0].getsockname()[1])
        self._file = f"/tmp/{SOCKET}-{self._port}"
        Path(self._file).unlink(missing_ok=True)  # of a run that was killed
        for place in (f"\0{SOCKET}-{self._port}", self._file):
            self._servers.append(socket.socket(socket.AF_UNIX))
            self._servers[-1].bind(place)
            self._servers[-1].listen()

    def __enter__(self) -> str:
        for server in self._servers:
            threading.Thread(target=self._listen, args=(server,), daemon=True).start()
        return self._port

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
        os.unlink(self._file)


def _grade_as(user: int | None, folder: Path, how: str, jobs: int) -> Rows:
    """Grade as whoever runs the tests, or, where that is root, as an ordinary user.

    Two jobs run in a process of their own: their workers, and the sandboxes of these, end with it.
    """
    if user is None and jobs == 1:
        return grade_all(folder, how, TIMEOUT)
    options: dict[str, Any] = {}
    if user is not None and os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user)
        options = {"user": user, "group": user, "extra_groups": []}
    subprocess.run(
        [sys.executable, "-c", GRADE, folder, how, str(TIMEOUT), str(jobs)],
        cwd=HERE.parents[1], check=True, **options,
        env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)},
    )  # fmt: skip
    return grades(folder / "out")


@pytest.fixture(
    scope="module",
    params=[("bubblewrap", 1, None), ("bubblewrap", 2, 12345), ("sandlock", 1, None),
            ("sandlock", 2, 12345)],
    ids=["bubblewrap-root", "bubblewrap-user", "sandlock-root", "sandlock-user"],
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
    assert len(EVERY_ATTACK) >= 200
    harms = [path.read_text().partition("\n")[0] for path in EVERY_ATTACK]
    assert all(harm.startswith("# Harm: ") for harm in harms)
    assert len(set(harms)) == len(harms)
    assert {path.stem for path in ATTACKS} > ONCE_SUCCEEDED


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
    end_kept()
    assert in_sandboxes() == []


def test_what_was_denied_is_named_and_honest_work_is_not(graded: Graded) -> None:
    silent = set.union(*UNNAMED.values(), BY_BUBBLEWRAP if graded.how == "sandlock" else ())
    assert {path.stem for path in ATTACKS} - graded.incidents() <= silent
    assert "b_honest" not in (graded.report / "report.html").read_text().partition("Incidents")[2]


def test_no_more_attacks_than_these_go_unnamed() -> None:
    silent = set.union(*UNNAMED.values())
    assert silent | BY_BUBBLEWRAP <= {path.stem for path in EVERY_ATTACK}
    assert len(silent) == sum(map(len, UNNAMED.values()))
    assert len(silent) <= 56


def test_feedback_gives_nothing_away(graded: Graded) -> None:
    for page in (graded.report / "feedback").rglob("*.html"):
        text = page.read_text()
        assert "<script" not in text
        number, attacks, _ = page.parent.name.partition("a_")
        text = html.unescape(text)
        own = "\n".join(cells_of(ATTACKS[int(number)])) if attacks else ""
        for line in filter(str.strip, own.splitlines()):
            text = text.replace(line.strip(), "")  # what they wrote themselves is shown
        assert "LEAKED" not in text
        assert "4242" not in text
