"""What a user installs: the wheel, its requirements, conda and Binder environments, the links."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from PIL import Image

from cs826tl.assets.cache import ASSETS, FIRST_LECTURES, LECTURES
from tools import links, lowest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CORE = [Requirement(r) for r in PROJECT["dependencies"]]
EXTRAS = {
    name: [Requirement(r) for r in rows] for name, rows in PROJECT["optional-dependencies"].items()
}

# What Colab's own list of its packages said on 19 August 2026 (Python 3.13, IPython 7.34).
COLAB = {
    "anywidget": "0.9.21",
    "filelock": "3.32.3",
    "h5py": "3.16.0",
    "huggingface-hub": "1.27.0",
    "ipython": "7.34.0",
    "ipywidgets": "7.7.1",
    "lazy-loader": "0.5",
    "matplotlib": "3.10.0",
    "numpy": "2.1.3",
    "pandas": "2.2.3",
    "pillow": "11.3.0",
    "platformdirs": "4.11.3",
    "psutil": "5.9.5",
    "safetensors": "0.8.0",
    "scikit-image": "0.25.2",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
    "threadpoolctl": "3.6.0",
    "timm": "1.0.28",
    "torch": "2.11.0",
    "torchvision": "0.26.0",
    "tqdm": "4.67.3",
    "traitlets": "5.7.1",
}
ADDED_IN_COLAB = {"latex2mathml"}  # pure Python, needs nothing else


def run(*command: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    whole = os.environ | env
    return subprocess.run(command, cwd=cwd, env=whole, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources in which someone has been working."""
    source = tmp_path_factory.mktemp("source")
    for name in ("cs826tl", "cs826tl_grader", "notebooks"):
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-PROSE", ".gitignore"):
        shutil.copy(ROOT / name, source)
    checkpoints = source / "notebooks" / ".ipynb_checkpoints"
    checkpoints.mkdir(exist_ok=True)
    (checkpoints / "00_start_here-checkpoint.ipynb").write_text("{}")
    done = run(
        *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "."),
        *("--wheel-dir", "dist"),
        cwd=source,
    )
    assert done.returncode == 0, done.stderr
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(built: Path) -> list[str]:
    """The names in the wheel."""
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def readme_on_the_index(built: Path) -> str:
    """The README as the package index shows it, where no other file is beside it."""
    with zipfile.ZipFile(built) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        return archive.read(name).decode("utf-8").partition("\n\n")[2]


def test_wheel_holds_every_file_of_the_package(wheel: list[str]) -> None:
    kinds = {".py", ".pyi", ".typed", ".js", ".css", ".html", ".json", ".md", ".toml", ".tsv"}
    sources = (p for name in ("cs826tl", "cs826tl_grader") for p in (ROOT / name).rglob("*"))
    expected = {str(p.relative_to(ROOT)) for p in sources if p.suffix in kinds}
    expected.add("cs826tl/py.typed")  # the suffix of `py.typed` is `.typed`, but say it
    assert expected <= set(wheel)


def test_wheel_holds_the_notebooks_and_no_checkpoint(wheel: list[str]) -> None:
    notebooks = {p.name for p in (ROOT / "notebooks").glob("*.ipynb")}
    assert "00_start_here.ipynb" in notebooks
    assert {f"cs826tl/_notebooks/{name}" for name in notebooks} <= set(wheel)
    assert not [name for name in wheel if "checkpoint" in name]


def test_wheel_holds_nothing_else(wheel: list[str]) -> None:
    assert {name.split("/")[0] for name in wheel} == {
        "cs826tl",
        "cs826tl_grader",
        "cs826tl-0.1.0.dist-info",
    }


LINK = re.compile(r"(!?)\[[^]]*\]\(([^)]+)\)")


def test_every_link_on_the_package_index_leads_to_the_file(readme_on_the_index: str) -> None:
    here = LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    there = LINK.findall(readme_on_the_index)
    assert len(here) == len(there) > 20
    home = f"https://github.com/{links.repository()}"
    for (picture, file), (_, address) in zip(here, there, strict=True):
        if file.startswith("https://"):
            assert address == file
        else:
            assert (ROOT / file).exists()
            assert address == f"{home}/{'raw' if picture else 'blob'}/HEAD/{file}"


def test_import_is_light() -> None:
    heavy = "{'torch', 'torchvision', 'timm', 'matplotlib', 'sklearn', 'skimage', 'ipywidgets'}"
    done = run(sys.executable, "-c", f"import cs826tl, sys; print({heavy} & set(sys.modules))")
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize("requirement", [*CORE, *EXTRAS["lab"], *EXTRAS["dev"]], ids=str)
def test_requirements_are_lower_bounds_only(requirement: Requirement) -> None:
    operators = {s.operator for s in requirement.specifier}
    assert operators == ({">="} if requirement.name != PROJECT["name"] else set())


def test_make_offers_the_small_build_of_torch(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    small = "-m pip install --quiet torch torchvision --index-url https://download.pytorch.org/whl/"
    for goal in ("lab", "test"):
        for asked in (
            run("make", "-n", goal, "TORCH=cpu", cwd=tmp_path).stdout,
            run("make", "-n", goal, cwd=tmp_path, TORCH="cpu").stdout,
        ):
            assert asked.index(small + "cpu\n") < asked.index("pip install --quiet -e")
        for other in ((), ("TORCH=cuda",)):
            assert small not in run("make", "-n", goal, *other, cwd=tmp_path).stdout


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 14), (3, 15)])
def test_make_takes_the_pythons_that_are_supported(version: tuple[int, int]) -> None:
    probe = re.search(r"^PROBE = (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert probe is not None
    code = f"import sys; sys.version_info = {version!r}; {probe[1]}"
    assert (run(sys.executable, "-c", code).returncode == 0) == ((3, 11) <= version <= (3, 14))


def test_the_pythons_that_are_supported_are_the_same_everywhere() -> None:
    supported = ["3.11", "3.12", "3.13", "3.14"]
    named = [c.rpartition(" :: ")[2] for c in PROJECT["classifiers"] if "Python :: 3." in c]
    assert named == supported
    assert list(SpecifierSet(PROJECT["requires-python"]).filter(["3.10", *supported])) == supported
    # a pinned one would read the newest packages' stubs as an old Python, and fail
    assert "python_version" not in PYPROJECT["tool"]["mypy"]


def test_the_readme_says_how_much_make_lab_fetches() -> None:
    megabytes = sum(ASSETS[name].megabytes for name in LECTURES)
    small = sum(ASSETS[name].megabytes for name in FIRST_LECTURES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"fetches {megabytes:.0f} MB of weights and data" in readme
    assert f"`cs826tl fetch --small`, {small:.0f} MB" in readme


@pytest.mark.parametrize(
    ("where", "what"), [("shutil.which", "uv is not installed"), (None, "no network")]
)
def test_what_is_missing_to_test_the_lowest_versions_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where, what
) -> None:
    monkeypatch.setattr(lowest, "why_pip_cannot_download", lambda folder: "no network")
    monkeypatch.setattr("shutil.which", lambda *a, **k: None if where else "/usr/bin/uv")
    assert lowest.main() == 0
    assert capsys.readouterr().out == f"the lowest versions were not tested: {what}\n"


@pytest.mark.parametrize("requirement", CORE, ids=str)
def test_the_plain_package_changes_nothing_that_colab_has(requirement: Requirement) -> None:
    if requirement.name not in ADDED_IN_COLAB:
        assert requirement.specifier.contains(COLAB[requirement.name])


def test_conda_environment_asks_for_the_same_packages() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip_names = {
        "pytorch-cpu": "torch",
        "matplotlib-base": "matplotlib",
        "huggingface_hub": "huggingface-hub",
    }
    conda = {}
    for row in environment["dependencies"]:
        name, operator, version = re.fullmatch(r"([\w-]+)(>=|=|$)(.*)", row).groups()
        conda[pip_names.get(name, name)] = operator + version
    assert conda.pop("python") == "=3.12"
    assert conda.pop("pip") == ""
    pip = {r.name: str(r.specifier) for r in [*CORE, *EXTRAS["lab"]]}  # lab's bound is the higher
    assert conda == pip


def test_binder_uses_the_conda_environment() -> None:
    link = ROOT / "binder" / "environment.yml"
    assert link.is_symlink()
    assert link.readlink() == Path("../environment.yml")
    assert (ROOT / "binder" / "postBuild").stat().st_mode & 0o111


def test_repo2docker_accepts_the_repository() -> None:
    command = Path(sys.executable).with_name("jupyter-repo2docker")
    if not command.exists():
        pytest.skip("jupyter-repo2docker is not installed")
    done = run(str(command), "--no-build", "--debug", ".")
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "Building conda environment for python=3.12" in said
    assert "binder/postBuild" in said


def test_every_link_names_the_repository_of_pyproject() -> None:
    addresses = re.compile(links.PREFIX + r"([\w.-]+/cs826tl)(?![\w-])")
    for path in links.linking_files():
        found = {match[2] for match in addresses.finditer(path.read_text(encoding="utf-8"))}
        assert found <= {links.repository()}, path


def test_readme_has_both_badges() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"https://mybinder.org/v2/gh/{links.repository()}/" in readme
    assert f"https://colab.research.google.com/github/{links.repository()}/" in readme
    opened = re.findall(r"https://\S+?/(notebooks/[\w/]+\.ipynb)\)", readme)
    assert len(opened) == 2
    assert all((ROOT / notebook).is_file() for notebook in opened)


def test_the_readmes_moving_picture_is_described_can_be_closed_and_stops() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<details open>.*?</details>", readme, re.S)
    ((text, file),) = re.findall(r"!\[([^]]*)\]\((docs/\S+\.gif)\)", shown)
    assert len(text) > 100
    assert (ROOT / file).stat().st_size <= 1e6
    with Image.open(ROOT / file) as film:
        assert film.n_frames >= 15
        assert "loop" not in film.info  # it plays once


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with every kind of file that holds the address, and one foreign link."""
    url = "https://github.com/old/name"
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").write_text(f'[project.urls]\nRepository = "{url}"\n')
    (tmp_path / "CITATION.cff").write_text(f"repository-code: {url}\n")
    (tmp_path / "README.md").write_text(
        f"({url}.git) (https://mybinder.org/v2/gh/old/name/HEAD) (https://github.com/old/name-too)"
    )
    (tmp_path / "notebooks" / "a.ipynb").write_text(
        f'"https://colab.research.google.com/github/old/name/blob/main/a", "git+{url}"'
    )
    return tmp_path


def test_links_are_stamped_everywhere_and_once(checkout: Path) -> None:
    assert len(links.stamp("new/home", checkout)) == 4
    assert links.repository(checkout) == "new/home"
    texts = [path.read_text() for path in links.linking_files(checkout)]
    assert sum(text.count("new/home") for text in texts) == 6
    assert sum(text.count("old/name") for text in texts) == 1  # the foreign link
    assert links.stamp("new/home", checkout) == []


@pytest.mark.parametrize("given", ["", "name", "https://github.com/a/b", "a/b/c"])
def test_links_refuse_what_is_no_repository(given: str) -> None:
    done = run(sys.executable, "-m", "tools.links", given)
    assert done.returncode == 2
    assert "owner/name" in done.stdout
