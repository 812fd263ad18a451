"""The run over mutants: every module has tests to try its mutants with, and the bar is kept."""

import sys
from pathlib import Path

import pytest

from tools import mutation


def test_a_module_is_tried_with_the_file_of_its_name_or_those_that_import_it() -> None:
    assert mutation.tests_of(Path("cs826tl/training/costs.py")) == ["tests/training/test_costs.py"]
    assert "tests/training/test_freezing.py" in mutation.tests_of(
        Path("cs826tl/training/groups.py")
    )


def test_every_module_of_the_rooms_has_tests() -> None:
    tried = mutation.modules(mutation.ROOMS)
    assert Path("cs826tl/methods/text/tokenizer.py") in tried
    assert [module for module in tried if not mutation.tests_of(module)] == []


@pytest.mark.parametrize(("killed", "status"), [(84, 1), (85, 0)])
def test_survivors_are_named_and_too_many_of_them_fail(
    monkeypatch, capsys, killed: int, status: int
) -> None:
    ends = [1] * (killed - 1) + [36] + [0] * (99 - killed) + [33]  # 36: out of time, 33: no test
    codes = {f"mutant_{k}": code for k, code in enumerate(ends)}
    monkeypatch.setattr(mutation, "try_module", lambda module: codes)
    monkeypatch.setattr(sys, "argv", ["mutation", "cs826tl/training/costs.py"])
    assert mutation.main() == status
    said = capsys.readouterr().out.splitlines()
    alive = [f"  survived: mutant_{k}" for k in range(killed, 100)]
    assert said[1:-1] == alive
    assert said[-1] == f"{killed} of 100 killed; the bar is 85%"
