"""Give notebooks under nbval their surroundings, and tests in parallel their groups."""

import os

import pytest

from tools.notebooks import ENVIRONMENT


def pytest_configure(config: pytest.Config) -> None:
    if config.option.nbval:
        os.environ.update(ENVIRONMENT)  # kernels inherit it


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, and all of grading, whose tests look at processes."""
    for item in items:
        grading = "grading" in item.path.parts and "tests" in item.path.parts
        item.add_marker(pytest.mark.xdist_group("grading" if grading else str(item.path)))
