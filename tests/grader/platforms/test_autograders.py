"""Autograders on other machines: what is uploaded, what it gives back, what a student can reach."""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from cs826tl_grader.autograders import running
from cs826tl_grader.sandbox.backends import NoSandbox, require_open
from tests.grader.submissions import ANSWER, EXERCISE, hand_in, notebook
from tests.grader.test_grading import KEY, command, sandboxed  # noqa: F401

SECRETS = ("factor + 1", "draw_variant", "some_numbers", 'variant["factor"] - 1', "uniform")
ENVIRONMENT = {
    "CLASSROOM": "cs826", "ASSIGNMENT": "scale", "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a",
    "COMMIT_URL": "https://github.com/o/r/commit/a", "RELEASE_URL": "https://github.com/o/r/releases",
}  # fmt: skip
CONTRACT = {  # the fields of Classroom 50's result.json, and their types
    "schema": str, "classroom": str, "assignment": str, "submission": str, "commit": str,
    "release": str, "review": str, "datetime": str, "score": int, "max-score": int, "tests": list,
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Lay out `/autograder` as Gradescope does, for a student with the address of ada."""
    (tmp_path / "roster.csv").write_text("student,email\ns1,ada@uni.example\n")
    (tmp_path / "course.key").write_bytes(KEY)
    secrets = ["--roster", tmp_path / "roster.csv", "--key-file", tmp_path / "course.key"]
    assert command("release", "--gradescope", tmp_path / "out.zip", *secrets) == 0
    root = tmp_path / "autograder"
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        zipped.extractall(root / "source")
        modes = {m.filename: m.external_attr >> 16 & 0o111 for m in zipped.infolist()}
    assert {name for name, mode in modes.items() if mode} == {"setup.sh", "run_autograder"}
    for folder in ("submission", "results"):
        (root / folder).mkdir()
    metadata = {"id": 7, "users": [{"email": "ADA@uni.example", "id": 3, "name": "Ada"}]}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    return root


def submit(root: Path, cells: list[str]) -> None:
    hand_in(root, "submission", notebook(cells))


def results(root: Path) -> dict:
    found = json.loads((root / "results" / "results.json").read_text())
    assert {*found} <= {"score", "output", "output_format", "visibility", "tests"}
    return found


@pytest.mark.slow
def test_gradescope_gets_results_for_every_question(root: Path, sandboxed: None) -> None:  # noqa: F811
    submit(root, [ANSWER])
    running.gradescope(root)
    found = results(root)
    assert "confined by" in found["output"]
    scores = {test["name"]: (test["score"], test["max_score"]) for test in found["tests"]}
    assert scores[f"{EXERCISE}: scale"] == (3, 3)
    assert scores[f"{EXERCISE}: why"] == (0, 2)
    assert all(test["output"] for test in found["tests"])


def test_gradescope_is_told_of_a_stranger(root: Path) -> None:
    (root / "submission_metadata.json").write_text('{"users": [{"email": "eve@uni.example"}]}')
    with pytest.raises(ValueError, match="not on the roster"):
        running.gradescope(root)
    assert results(root) == {
        "score": 0.0, "tests": [], "output_format": "text", "visibility": "visible",
        "output": "Not graded: not on the roster: eve@uni.example. Ask your lecturer",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_scripts_parse_and_name_what_they_need(root: Path, name: str) -> None:
    text = (root / "source" / name).read_text()
    assert "@" not in text.replace(" @ ", "").replace("@-", "")
    subprocess.run(["bash", "-n", root / "source" / name], check=True)


def nothing_confines(*_: object) -> str:
    raise NoSandbox("nothing here")


def test_without_a_sandbox_nobody_but_root_grades(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "backend", nothing_confines)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    submit(root, [ANSWER])
    with pytest.raises(NoSandbox):
        running.gradescope(root)
    assert results(root)["output"] == "Not graded: nothing here"


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_without_a_sandbox_a_submission_still_cannot_read_the_rubric(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "backend", nothing_confines)
    try:
        require_open()
    except NoSandbox as problem:
        pytest.skip(str(problem))
    for folder in (
        root / "source",
        root / "results",
        root / "submission",
    ):  # as run_autograder does
        subprocess.run(["chmod", "-R", "go-rwx", folder], check=True)
    places = [f"{root}/source/exercises/{EXERCISE}.py", f"{root}/source/exercises/course.key"]
    reading = (
        "def scale(x, factor):\n"
        f"    for place in {places!r}:\n"
        "        try:\n            open(place).read()\n            return 'read'\n"
        "        except OSError:\n            pass\n"
        "    return x * factor + 1\n"
    )
    submit(root, [reading])
    running.gradescope(root)
    found = results(root)
    assert "ran as a user who cannot read rubrics" in found["output"]
    assert found["tests"][0]["score"] == 3


def test_what_classroom_50_publishes_holds_no_secret(tmp_path: Path) -> None:
    assert command("release", "--classroom50", tmp_path / "scale") == 0
    written = {p.relative_to(tmp_path / "scale").as_posix(): p.read_text()
               for p in (tmp_path / "scale").rglob("*") if p.is_file()}  # fmt: skip
    assert set(written) == {
        "autograder.py",
        f"exercises/{EXERCISE}.py",
        f"exercises/{EXERCISE}.ipynb",
    }
    for name, text in written.items():
        assert not [secret for secret in SECRETS if secret in text], name
    compile(written["autograder.py"], "autograder.py", "exec")
    assert not re.search(r"@\w+@", written["autograder.py"])


@pytest.mark.slow
def test_classroom_50_gets_the_result_that_its_contract_asks_for(
    tmp_path: Path,
    sandboxed: None,  # noqa: F811
) -> None:
    command("release", "--classroom50", tmp_path / "scale")
    hand_in(tmp_path, "checkout", notebook([ANSWER]))
    running.classroom50(tmp_path / "scale", tmp_path / "checkout", ENVIRONMENT)
    result = json.loads((tmp_path / "checkout" / "result.json").read_text())
    assert {key: type(value) for key, value in result.items()} == CONTRACT
    assert result["schema"] == "classroom50/result/v1"
    assert (result["score"], result["max-score"]) == (1, 1)
    (test,) = result["tests"]
    assert (test["test-name"], test["passed"]) == (f"{EXERCISE}: scale", True)


def test_release_says_where_it_can_write(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--out, --gradescope or --classroom50"):
        command("release")
