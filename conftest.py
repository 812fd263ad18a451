"""Give notebooks under nbval their surroundings."""

import os

import pytest

from tools.notebooks import ENVIRONMENT


def pytest_configure(config: pytest.Config) -> None:
    if config.option.nbval:
        os.environ.update(ENVIRONMENT)  # kernels inherit it
