"""What many tests need: figures that open no window and are closed, and a browser or a reason."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import matplotlib
import pytest

from tools.chromium import ABSENT, find_chromium

if TYPE_CHECKING:
    from tests.browser import Lab, Page

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Let a test draw the same numbers whichever ran before it, in whichever process."""
    import torch

    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, or skip."""
    return find_chromium() or pytest.skip(ABSENT)


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Lab]":
    """Start one JupyterLab for all tests that open a notebook in it, or skip."""
    pytest.importorskip("jupyterlab")
    from tests.browser import running_lab

    with running_lab(tmp_path_factory.mktemp("lab"), chromium) as running:
        yield running


@pytest.fixture(scope="module")
def notebook(lab: "Lab", request: pytest.FixtureRequest) -> "Iterator[Page]":
    """Open a notebook of the cells that the test's own module gives as `CELLS`."""
    from tests.browser import open_notebook

    with open_notebook(
        lab, request.module.__name__.rpartition(".")[2], request.module.CELLS
    ) as page:
        yield page
