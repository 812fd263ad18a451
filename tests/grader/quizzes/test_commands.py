"""`cs826tl quiz` from the command line: both files, twice the same, complete or as they were."""

import stat
import sys
import zipfile
from pathlib import Path

import pytest

from cs826tl import cli
from cs826tl.widgets.quiz_files import quiz_names
from cs826tl_grader import commands
from cs826tl_grader.quizzes.gift import to_gift
from cs826tl_grader.quizzes.lectures import lectures_with_quiz
from cs826tl_grader.quizzes.qti import to_qti


def test_both_files_hold_every_quiz_and_a_second_run_writes_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lectures = lectures_with_quiz()
    assert sorted(lecture.name.partition("_")[2] for lecture in lectures) == quiz_names()
    assert "13b Adapting at test time" in [lecture.title for lecture in lectures]
    gift, qti = tmp_path / "new" / "quizzes.txt", tmp_path / "quizzes.zip"
    before = []
    for _ in range(2):
        assert cli.main(["quiz", "--gift", str(gift), "--qti", str(qti)]) == 0
        before.append((gift.read_bytes(), qti.read_bytes()))
        said = capsys.readouterr().out
        assert said.startswith(f"{sum(len(one.questions) for one in lectures)} questions in ")
    assert before[0] == before[1]
    assert gift.read_text(encoding="utf-8") == to_gift(lectures)
    with zipfile.ZipFile(qti) as package:
        assert {name: package.read(name) for name in package.namelist()} == to_qti(lectures)
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in (gift, qti)} == {0o600}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "quizzes.zip"]


def test_an_older_file_is_replaced_or_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gift = tmp_path / "quizzes.txt"
    gift.write_text("older")
    with monkeypatch.context() as patched:
        patched.setattr(commands, "to_gift", lambda lectures: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cli.main(["quiz", "--gift", str(gift)])
    assert gift.read_text() == "older"
    assert cli.main(["quiz", "--gift", str(gift)]) == 0
    assert gift.read_text(encoding="utf-8").startswith("$CATEGORY: $course$/top/cs826tl/00 Start")
    assert [path.name for path in tmp_path.iterdir()] == ["quizzes.txt"]


def test_without_a_file_the_options_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["quiz"]) == 1
    assert capsys.readouterr().err == "cs826tl: say where to write: --gift or --qti\n"
