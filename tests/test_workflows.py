"""The workflows of a public repository: well formed, and they call what the Makefile has."""

import re
from pathlib import Path

import pytest
import yaml

from tools.actionlint import WORKFLOWS, faults
from tools.notebooks import by_number
from tools.record import asks_for_records

CHECKOUT = Path(__file__).resolve().parents[1]
FILES = sorted(WORKFLOWS.glob("*.yml"))


def lint(*paths: Path) -> list[str]:
    try:
        return faults(list(paths))
    except OSError as problem:
        pytest.skip(str(problem))


def test_actionlint_finds_nothing() -> None:
    assert len(FILES) == 3
    assert lint(*FILES) == []


def test_actionlint_would_find_a_misspelt_key(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(FILES[0].read_text(encoding="utf-8").replace("runs-on:", "run-on:", 1))
    assert any("run-on" in line for line in lint(wrong))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_workflows_call_targets_that_there_are(path: Path) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    called = set(re.findall(r"run: make (\w+)", path.read_text(encoding="utf-8")))
    assert called
    assert called <= targets


def test_every_record_is_measured_again_at_night_once() -> None:
    nightly = yaml.safe_load((WORKFLOWS / "nightly.yml").read_text(encoding="utf-8"))
    groups = nightly["jobs"]["records"]["strategy"]["matrix"]["notebooks"]
    asking = [name for name, path in by_number().items() if asks_for_records(path)]
    assert sorted(" ".join(groups).split()) == sorted(asking)
