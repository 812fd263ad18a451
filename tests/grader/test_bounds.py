"""What the grader works out for an answer ends in time, and takes no more than it may."""

import os
import sys
import time
from collections.abc import Callable

import numpy as np
import psutil
import pytest
import torch

from cs826tl_grader.sandbox import bounds
from cs826tl_grader.sandbox.bounds import in_bounds
from cs826tl_grader.sandbox.channel import Died, TookTooLong

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="submissions run on Linux only")


def test_what_is_worked_out_comes_back_as_plain_data() -> None:
    assert in_bounds(lambda: ("", "right")) == ["", "right"]
    assert in_bounds(torch.get_num_threads) == 1


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (lambda: np.ones(2**30), "MemoryError"),
        (lambda: torch.ones(2**30), "RuntimeError"),
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: int("x"), r"^invalid literal"),
    ],
)
def test_what_fails_or_takes_too_much_memory_is_said(work: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        in_bounds(work)


def test_what_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.5)
    before = psutil.Process().children()  # a sandbox that an earlier test keeps, for one
    with pytest.raises(TookTooLong):
        in_bounds(lambda: time.sleep(1000))
    with pytest.raises(Died):
        in_bounds(lambda: os._exit(0))
    assert psutil.Process().children() == before
