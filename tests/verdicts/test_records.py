"""Experiments of which only the first seed is computed: when a record is used, and when not."""

import functools
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cs826tl.training.history import History
from cs826tl.verdicts import records as recorded
from cs826tl.verdicts.records import LECTURES, RECORD_INTO, over_seeds
from tools.notebooks import by_number
from tools.record import asks_for_records, complaint, folder_of, names_in

SEEDS = range(5)
FACTOR = 2
ran: list[int] = []  # the seeds that were computed


def scaled(number: float) -> float:
    return FACTOR * number


def scaled_otherwise(number: float) -> float:
    return FACTOR * number + 1e-9  # another source, the same result


def experiment(seed: int, offset: float = 0.0) -> float:
    ran.append(seed)
    return sum([scaled(each) for each in (seed, offset)])


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


@pytest.fixture
def lecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a lecture's records, where they are read from in this test."""
    monkeypatch.setattr(recorded, "LECTURES", tmp_path)
    folder = tmp_path / "some_lecture" / "records"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def folder(lecture: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a lecture's records, with one of `experiment` over `SEEDS`."""
    record(experiment, lecture, monkeypatch)
    return lecture


def record(
    what: Callable[..., Any], into: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(RECORD_INTO, str(into))
        over_seeds(what, SEEDS, recorded="it", **settings)
    ran.clear()


EXPECTED = [0.0, 2.0, 4.0, 6.0, 8.0]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("live", [1, 2, 5])
def test_only_the_first_seeds_are_computed(live: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert over_seeds(experiment, SEEDS, recorded="it", live=live) == EXPECTED
    assert ran == list(SEEDS)[:live]
    assert capsys.readouterr().out == ""


def test_what_is_read_is_what_was_recorded(folder: Path) -> None:
    path = folder / "it.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["found"]["3"] = 6.5
    path.write_text(json.dumps(known), encoding="utf-8")
    assert over_seeds(experiment, SEEDS, recorded="it") == [0.0, 2.0, 4.0, 6.5, 8.0]


@pytest.mark.usefixtures("folder")
def test_seeds_that_are_not_recorded_are_computed() -> None:
    assert over_seeds(experiment, [3, 4, 5, 6], recorded="it") == [6.0, 8.0, 10.0, 12.0]
    assert ran == [3, 5, 6]


def everything_is_computed(why: str, capsys: pytest.CaptureFixture[str]) -> bool:
    said = capsys.readouterr().out
    return ran == [0, 1, 2, 3, 4] and said == f"All 5 seeds are computed here: {why}.\n"


CHANGED = "the experiment is not the recorded one"


@pytest.mark.usefixtures("folder")
def test_another_setting_is_another_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert over_seeds(experiment, SEEDS, recorded="it", offset=0.0) == EXPECTED
    assert everything_is_computed(CHANGED, capsys)


@pytest.mark.usefixtures("folder")
def test_so_is_another_constant_even_if_only_a_helper_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(experiment.__globals__, "FACTOR", 2.000001)
    over_seeds(experiment, SEEDS, recorded="it")
    assert everything_is_computed(CHANGED, capsys)


@pytest.mark.usefixtures("folder")
def test_so_is_another_helper_that_only_a_comprehension_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(experiment.__globals__, "scaled", scaled_otherwise)
    over_seeds(experiment, SEEDS, recorded="it")
    assert everything_is_computed(CHANGED, capsys)


@pytest.mark.usefixtures("folder")
def test_so_is_another_helper_that_remembers_its_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(experiment.__globals__, "scaled", functools.cache(scaled))
    assert over_seeds(experiment, SEEDS, recorded="it") == EXPECTED
    assert ran == [0]
    ran.clear()
    monkeypatch.setitem(experiment.__globals__, "scaled", functools.cache(scaled_otherwise))
    over_seeds(experiment, SEEDS, recorded="it")
    assert everything_is_computed(CHANGED, capsys)


def test_so_is_another_function_given_as_a_setting(
    lecture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def apply(seed: int, how: Callable[[float], float]) -> float:
        ran.append(seed)
        return how(seed)

    record(apply, lecture, monkeypatch, how=scaled)
    assert over_seeds(apply, SEEDS, recorded="it", how=scaled) == EXPECTED
    assert ran == [0]
    ran.clear()
    over_seeds(apply, SEEDS, recorded="it", how=scaled_otherwise)
    assert everything_is_computed(CHANGED, capsys)


@pytest.mark.parametrize(("off", "computed"), [(0.09, 1), (0.11, 5)])
def test_a_result_unlike_the_record_stands_beside_no_recorded_one(
    folder: Path, off: float, computed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "it.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    known["found"]["0"] = off
    path.write_text(json.dumps(known), encoding="utf-8")
    assert over_seeds(experiment, SEEDS, recorded="it") == EXPECTED
    assert len(ran) == computed
    assert bool(capsys.readouterr().out) is (computed == 5)


def test_results_of_all_kinds_come_back_alike_whether_computed_or_read(
    lecture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_all_kinds(seed: int) -> dict[str, Any]:
        rows = [{"epoch": 0, "seconds": 0.1}, {"epoch": 1, "loss": 1 / 3, "seconds": seed}]
        return {
            "array": np.arange(3) / 3,
            "number": np.float32(0.1),
            "count": np.int64(7),
            "told": np.bool_(True),
            "text": "stage9",
            "pair": (1, 2.5),
            "history": History(rows, "the loss is not finite"),
        }

    record(of_all_kinds, lecture, monkeypatch)
    computed, read, *_ = over_seeds(of_all_kinds, SEEDS, recorded="it")
    assert computed == read
    assert read == {
        "array": [0.0, 0.333333, 0.666667],
        "number": 0.1,
        "count": 7,
        "told": True,
        "text": "stage9",
        "pair": [1, 2.5],
        "history": History(
            [{"epoch": 0}, {"epoch": 1, "loss": 0.333333}], "the loss is not finite"
        ),
    }


def test_a_result_that_is_not_a_number_agrees_with_its_like() -> None:
    lost, found = {"loss": [1.0, math.nan]}, {"loss": [1.0, 2.0]}
    assert recorded.agree(lost, [lost])
    assert recorded.agree(lost, [found, lost])
    assert recorded.agree(found, [found, lost])
    assert not recorded.agree(lost, [found])
    assert not recorded.agree(found, [lost])
    assert not recorded.agree({"loss": [1.0]}, [found])


def test_a_result_may_lie_between_those_of_two_seeds_or_a_little_outside() -> None:
    known = [[0.3, 0.2], [0.6, 0.4]]  # accuracies at a rate at which every seed ends elsewhere
    assert recorded.agree([0.45, 0.3], known)
    assert recorded.agree([0.7, 0.3], known)  # 0.1 and 0 outside
    assert not recorded.agree([0.9, 0.3], known)
    assert not recorded.agree([0.0, 0.3], known)


def test_large_numbers_are_compared_by_their_ratio() -> None:
    assert recorded.agree([1050.0], [[900.0], [1000.0]])
    assert not recorded.agree([1200.0], [[900.0], [1000.0]])


def test_a_name_of_its_own_is_not_the_notebooks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def add_up(seed: int) -> int:
        ran.append(seed)
        X = [seed] * 3
        return sum(x for x in X)

    record(add_up, folder, monkeypatch)
    monkeypatch.setitem(add_up.__globals__, "X", 5)  # made by a later cell
    monkeypatch.setitem(add_up.__globals__, "x", scaled)
    assert over_seeds(add_up, SEEDS, recorded="it") == [0, 3, 6, 9, 12]
    assert ran == [0]
    assert capsys.readouterr().out == ""


def test_what_no_record_can_hold_is_refused() -> None:
    def tensor(seed: int) -> torch.Tensor:
        return torch.zeros(2)

    with pytest.raises(TypeError, match=r"numbers, texts, .*got a Tensor"):
        over_seeds(tensor, SEEDS, recorded="it")
    with pytest.raises(TypeError, match="written with def"):
        over_seeds(lambda seed: seed, SEEDS, recorded="it")
    with pytest.raises(ValueError, match="live must be at least 1"):
        over_seeds(experiment, SEEDS, recorded="it", live=0)


def test_a_record_is_checked_against_a_fresh_run(folder: Path, tmp_path: Path) -> None:
    stored, fresh = folder / "it.json", tmp_path / "fresh.json"
    assert complaint(fresh, stored) == "the notebook no longer asks for it"
    assert complaint(stored, fresh) == "not recorded"
    known = json.loads(stored.read_text(encoding="utf-8"))

    def with_changes(**changed: Any) -> str:
        fresh.write_text(json.dumps(known | changed), encoding="utf-8")
        return complaint(fresh, stored)

    assert with_changes() == ""
    assert with_changes(code="0" * 16) == "the experiment is another one"
    assert with_changes(found=known["found"] | {"9": 1.0}) == "other seeds"
    found = known["found"] | {"2": 9.0, "4": 9.0}
    assert with_changes(found=found) == "other results with seeds 2, 4"
    shifted = {seed: min(8.0, value + 2) for seed, value in known["found"].items()}
    assert with_changes(found=shifted) == "another mean over the seeds"
    exchanged = dict(zip(known["found"], reversed(known["found"].values()), strict=True))
    assert with_changes(found=exchanged) == ""  # on another machine, each may end elsewhere


STORED = sorted(LECTURES.glob("*/records/*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_every_record_is_of_a_lecture_and_is_complete(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    seeds = [int(seed) for seed in record["found"]]
    assert re.fullmatch("[0-9a-f]{16}", record["code"])
    assert len(seeds) >= 2
    assert seeds == list(range(len(seeds)))
    shapes = {json.dumps(found, default=str).count(":") for found in record["found"].values()}
    assert len(shapes) == 1  # every seed measured the same things


def test_every_record_is_asked_for_by_a_notebook_of_its_lecture() -> None:
    asking = [path for path in by_number().values() if asks_for_records(path)]
    asked = [(folder_of(path), name) for path in asking for name in names_in(path)]
    for path in STORED:
        assert any(path.parent == place and path.stem.startswith(name) for place, name in asked)
    for place, name in asked:
        assert list(place.glob(f"{name}*")), name
