"""A bar is made only when there is something to wait for, and then it is tqdm's."""

from typing import Any

import pytest
import tqdm.notebook

from cs826tl import progress
from cs826tl.progress import progress_bar


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    return now


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the bars that are made, as in a notebook."""
    made: list[Any] = []

    def bar(**how: Any) -> Any:
        made.append(tqdm.notebook.tqdm(**how, display=False))
        return made[-1]

    monkeypatch.setattr(progress, "tqdm", bar)
    return made


def test_in_a_notebook_a_short_run_makes_no_widget(clock: list[float], bars: list[Any]) -> None:
    with progress_bar("quick", unit=" items", total=3) as bar:
        for _ in range(3):
            clock[0] += 0.3
            bar.update(1)
    assert bars == []


def test_a_longer_run_shows_all_that_was_counted(clock: list[float], bars: list[Any]) -> None:
    with progress_bar("slow", unit=" items", total=10) as bar:
        for _ in range(4):
            clock[0] += 0.4
            bar.update(2)
        bar.describe("slower")
        (shown,) = bars
        assert (shown.n, shown.total, shown.unit) == (8, 10, " items")
        assert shown.desc.startswith("slower")
        bar.update(2)
        assert shown.n == 10
    assert shown.container.comm is None  # closed: it leaves nothing behind


def test_what_is_not_to_be_shown_is_never_made(
    clock: list[float], bars: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")
    asked = progress_bar("off", unit="", total=1)
    monkeypatch.delenv("TQDM_DISABLE")
    hidden = progress_bar("hidden", unit="", total=1, show=False)
    clock[0] = 100.0
    for bar in (asked, hidden):
        bar.update(1)
    assert bars == []
