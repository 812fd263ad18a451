"""What a recording holds: what the controllers say, each setting once, and small pictures."""

import io
import json
import time
from base64 import b64decode, b64encode
from concurrent.futures import Future
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from cs826tl import load_backbone, load_task
from cs826tl.training.costs import Cost
from cs826tl.verdicts import records
from cs826tl.widgets import freezing_panel, guess, quiz
from cs826tl.widgets.controllers import Progress, Table, View, Worth
from cs826tl.widgets.controls import Choice, Number, Press
from cs826tl.widgets.explorer import Explorer
from cs826tl.widgets.freezing.controller import FreezingRun
from tools.notebooks import CHECKOUT, course_notebooks, execute
from tools.website import panels
from tools.website.__main__ import _recorded, build
from tools.website.answers import record_guess, record_quiz
from tools.website.book import small
from tools.website.explorers import ExplorerRecorder
from tools.website.live import Lecture
from tools.website.panels import ATTEMPTS, _misfit, record_panel
from tools.website.record import _run, _write
from tools.website.sizes import check_sizes, longest_first

QUIZZES = sorted((CHECKOUT / "cs826tl" / "lectures").glob("*/quiz.toml"))


class Counter:
    """Counts by hand: `far` also sets `how`; a press adds to a history."""

    title, help = "Counter", "Count."
    worth = Worth({"far": (0, 5, 10)})

    def __init__(self) -> None:
        self.far, self.how, self.history = 5, "up", []

    def controls(self) -> tuple[object, ...]:
        return (
            Number("far", "How far", 0, 10, 1, self.far),
            Choice("how", "How", ("up", "down"), self.how),
            Press("count", "Count"),
        )

    def set(self, name: str, value: object) -> None:
        setattr(self, name, value)
        if name == "far":
            self.how = "up"

    def press(self, name: str):
        for k in range(3):
            yield Progress(k / 3, f"counting {k}")
        self.history.append(self.far)

    def view(self) -> View:
        rows = tuple((str(k),) for k in self.history)
        return View(f"{self.how} to {self.far}", (Table("History", ("far",), rows),))


def state(recording: dict, number: int) -> dict:
    row = recording["states"][number]
    return {f: recording["pool"][k] for f, k in zip(recording["fields"], row, strict=True)}


@pytest.fixture(scope="module")
def counted() -> dict:
    return json.loads(json.dumps(ExplorerRecorder(Explorer(Counter())).record()))


def test_every_setting_is_recorded_as_the_controller_shows_it(counted: dict) -> None:
    assert len(counted["settings"]) == 6
    for text, number in counted["settings"].items():
        settings = dict(json.loads(text))
        assert state(counted, number)["status"] == f"{settings['how']} to {settings['far']}"


def test_a_page_offers_what_was_recorded(counted: dict) -> None:
    far, how, button = state(counted, counted["start"])["controls"]
    assert (far["low"], far["high"], far["step"]) == (0, 10, 5)
    assert how["options"] == ["up", "down"]
    assert button["kind"] == "Press"


def test_a_control_that_changes_another_leads_where_the_controller_went(counted: dict) -> None:
    down = counted["settings"]['[["far", 5], ["how", "down"]]']
    reached = counted["moves"][str(down)]['["far", 10]']
    assert state(counted, reached)["status"] == "up to 10"


def test_a_press_starts_afresh_and_keeps_its_progress(counted: dict) -> None:
    for text, number in counted["settings"].items():
        done = counted["presses"][str(number)]["count"]
        assert [label for *_, label in done["frames"][1:]] == [f"counting {k}" for k in range(3)]
        (table,) = state(counted, done["to"])["tables"]
        assert table["rows"] == [[str(dict(json.loads(text))["far"])]]


def test_pictures_become_small_and_stay_true() -> None:
    shades = np.linspace(0, 255, 200).astype("uint8")
    red, blue = np.tile(shades, (100, 1)), np.tile(shades[::-1], (100, 1))
    wide = np.stack([red, np.zeros_like(red), blue], axis=2)
    stream = io.BytesIO()
    Image.fromarray(wide).save(stream, "PNG", compress_level=0)
    address = "data:image/png;base64," + b64encode(stream.getvalue()).decode()
    made = small(address)
    shown = Image.open(io.BytesIO(b64decode(made.partition(",")[2]))).convert("RGB")
    assert len(made) < len(address) / 2
    assert np.abs(np.asarray(shown).astype(int) - wide).mean() < 2


def test_a_panel_knows_every_plan_and_trains_every_prefix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "perf_counter", time.process_time)  # as the recorder does
    backbone = load_backbone("small_vgg", weights="random")
    panel = freezing_panel(backbone, load_task("digits", shots=2), epochs=1)
    made = json.loads(json.dumps(record_panel(panel)))
    names = list(backbone.parts)
    assert len(made["plans"]) == 2 ** len(names)
    runs = {tuple(filter(None, text.split(","))): run for text, run in made["runs"].items()}
    assert len(runs) == len(names) + 1
    assert "Nothing can be trained" in runs[tuple(names)]["shown"]["alert"]
    for frozen, run in runs.items():
        if "head" not in frozen:
            _, all_runs, audit = run["shown"]["tables"]
            assert len(all_runs["rows"]) == 1
            claimed = {row[0] for row in audit["rows"] if row[1] == "frozen"}
            assert claimed == set(frozen)
    plan = state(made, made["plans"]["block1,fc"])
    assert "Frozen, but above a trainable part: fc" in plan["status"]


@pytest.mark.parametrize(("codes", "fits"), [(0.0, False), (6.0, True), (30.0, False)])
def test_a_run_that_took_twice_or_half_of_what_was_predicted_is_named(
    codes: float, fits: bool
) -> None:
    run = FreezingRun(("block1",), 1, Cost(1, 1, 1, 1, codes_seconds=codes, epoch_seconds=1.0))
    run.history.rows += [{"seconds": 6.0}, {"seconds": 8.0}]
    named = _misfit(run, epochs=2)
    assert (not named) if fits else named.startswith("frozen block1: predicted")


@pytest.mark.parametrize("odd", [1, ATTEMPTS + 1])
def test_odd_seconds_are_measured_again_and_never_cost_the_panel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], odd: int
) -> None:
    calibrated: list[object] = []
    monkeypatch.setattr(panels, "_misfit", lambda run, _: "odd" if len(calibrated) < odd else "")
    measure = panels.quick_stage_seconds
    monkeypatch.setattr(
        panels, "quick_stage_seconds", lambda *a: calibrated.append(a) or measure(*a)
    )
    backbone = load_backbone("small_vgg", weights="random")
    made = record_panel(freezing_panel(backbone, load_task("digits", shots=2), epochs=1))
    assert len(made["runs"]) == len(backbone.parts) + 1
    assert "kept from before" not in json.dumps(made["runs"])
    assert len(calibrated) == min(odd, ATTEMPTS)
    assert ("odd" in capsys.readouterr().out) == (odd > ATTEMPTS)


def test_a_lecture_that_cannot_be_recorded_is_left_out_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lecture, failed = Lecture.read(course_notebooks()[0]), Future()
    failed.set_exception(ValueError("the recording 00-heavy has 5.0 MB"))
    assert _recorded(lecture, failed) is None
    assert "00_start_here: LEFT OUT" in capsys.readouterr().out


def test_a_guess_says_to_every_answer_what_the_widget_says() -> None:
    ask = guess("How much?", low=0, high=1, step=0.25)
    made = record_guess(ask, 0.6, 0.2)
    assert list(made["answers"]) == ["0.0", "0.25", "0.5", "0.75", "1.0"]
    for value, answer in made["answers"].items():
        again = guess("How much?", low=0, high=1, step=0.25)
        again.commit(value)
        again.reveal(0.6, within=0.2)
        assert answer["guessed"] == again.state["guessed"]
        assert answer["surprised"] == again.surprised
    assert made["measured"] == again.state["measured"]
    assert record_guess(ask, None, None)["measured"] is None


@pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.parent.name)
def test_a_quiz_judges_as_the_widget_does(path: Path) -> None:
    made = record_quiz(quiz(path.parent.name))
    rng = np.random.default_rng(0)
    for number, recorded in enumerate(made["answers"]):
        asked = quiz(path.parent.name)
        if "said" in recorded:
            chosen = rng.choice(list(recorded["said"]))
            asked.answer(number, [int(k) for k in chosen.split(",")])
            assert recorded["said"][chosen] == asked.state["results"][number]
        else:
            asked.answer(number, str(recorded["answer"]))
            assert recorded["right"] == asked.state["results"][number]
            asked.answer(number, str(recorded["answer"] + 2 * recorded["within"] + 1))
            assert recorded["wrong"] == asked.state["results"][number]


def test_a_recording_that_is_too_heavy_is_refused_by_name(tmp_path: Path) -> None:
    _write(tmp_path, "00-fits", {"picture": "x" * 3_999_900})
    with pytest.raises(ValueError, match=r"the recording 00-heavy has 4\.0 MB; at most 4 are"):
        _write(tmp_path, "00-heavy", {"picture": "x" * 4_000_000})
    assert [path.name for path in tmp_path.iterdir()] == ["00-fits.js"]


def test_a_widget_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no widget named '02-explorer-6'. Did you mean '02-expl"):
        build(tmp_path / "site", ["02-explorer-6"])
    assert not list(tmp_path.iterdir())


def test_where_one_lecture_fails_the_others_are_still_recorded(monkeypatch) -> None:
    tried = []

    def fails(lecture: Lecture, few: object) -> Path:
        tried.append(lecture.stem)
        raise OSError(lecture.stem)

    monkeypatch.setattr("tools.website.__main__.recordings", fails)
    first = longest_first([Lecture.read(path) for path in course_notebooks()])[0]
    with pytest.raises(OSError, match=first.stem):
        build(few=[])
    assert sorted(tried) == [path.stem for path in course_notebooks()]


def test_recordings_that_are_too_heavy_together_are_refused_the_heaviest_named(
    tmp_path: Path,
) -> None:
    sizes = {"00-a": 9, "01-b": 12, "02-c": 11, "03-d": 8, "04-e": 1}
    scripts = [tmp_path / f"{name}.js" for name in sizes]
    for script, megabytes in zip(scripts, sizes.values(), strict=True):
        with script.open("wb") as stream:
            stream.truncate(megabytes * 1_000_000)  # no room is taken
    check_sizes(scripts[:4])
    with pytest.raises(ValueError, match=r"41 MB; at most 40 .*: 01-b \(12\.0 MB\), 02-c \(11"):
        check_sizes(scripts)


def test_a_recording_reads_what_a_lecture_reads_from_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "import cs826tl as tl\n"
        "from cs826tl.devices import one_blas_thread\n"
        "OFFSET = 1\n"
        "ran = []\n"
        "\n"
        "\n"
        "@one_blas_thread()  # as a lecture may have it\n"
        "def add(seed):\n"
        "    ran.append(seed)  # which seeds are computed\n"
        "    return seed + OFFSET\n"
        "\n"
        "\n"
        "found = tl.over_seeds(add, range(3), recorded='it')\n"
        "(found, ran)"
    )
    path = tmp_path / "99_lecture.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), path)
    folder = tmp_path / "lecture" / "records"
    folder.mkdir(parents=True)
    monkeypatch.setattr(records, "LECTURES", tmp_path)
    with monkeypatch.context() as patch:
        patch.setenv(records.RECORD_INTO, str(folder))
        execute(nbformat.read(path, as_version=4), tmp_path)
    lecture = Lecture.read(path)
    last = lecture.code[-1]
    assert _run(lecture, [last])[last] == ([1, 2, 3], [0])
