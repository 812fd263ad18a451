"""No public name equals a module's: a lazy package would answer with whichever came first."""

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import cs826tl
import cs826tl_grader

PACKAGES = ["cs826tl", "cs826tl_grader"] + [
    found.name
    for whole in (cs826tl, cs826tl_grader)
    for found in pkgutil.walk_packages(whole.__path__, f"{whole.__name__}.")
    if found.ispkg and "templates" not in found.name
]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_public_name_is_that_of_another_thing_than_its_module(name: str) -> None:
    package = importlib.import_module(name)
    modules = {found.name for found in pkgutil.iter_modules(package.__path__)}
    clashing = [
        public
        for public in sorted(modules & set(getattr(package, "__all__", [])))
        if not isinstance(getattr(package, public), ModuleType)
    ]
    assert clashing == []


ORDERS = [
    "import cs826tl.networks.structure, cs826tl.training.freezing, cs826tl.training.auditing",
    "import cs826tl.training.loop; import cs826tl.widgets; import cs826tl.plots",
    "from cs826tl import methods, widgets, training, networks",
    "",
]
ASK = """
import cs826tl as tl
for name in sorted(tl.__all__):
    value = getattr(tl, name)
    print(name, type(value).__name__, getattr(value, "__module__", ""))
"""


def test_names_mean_the_same_in_whatever_order_modules_are_imported() -> None:
    answers = set()
    for order in ORDERS:
        done = subprocess.run(
            [sys.executable, "-c", order + ASK], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answers.add(done.stdout)
    assert len(answers) == 1
    assert "freeze function cs826tl.training.freezing" in answers.pop()
