"""Give the notebooks under nbval the surroundings in which their stored outputs were made."""

import os

import pytest

from tools.notebooks import ENVIRONMENT


def pytest_configure(config: pytest.Config) -> None:
    if config.option.nbval:
        os.environ.update(ENVIRONMENT)  # kernels inherit it
