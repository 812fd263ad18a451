"""The page of networks: measured once, kept, gone on with, and a dash for the rest."""

import json

import pytest

from cs826tl.assets.catalogue import ASSETS
from cs826tl.networks.shelf import BACKBONES
from tools import networks


@pytest.fixture
def docs(tmp_path, monkeypatch):
    """Return an empty folder for the page, and one measurement that can be made."""
    monkeypatch.setattr(networks, "DOCS", tmp_path)
    return tmp_path


def run(monkeypatch, *measurements, minutes: float = 1) -> None:
    monkeypatch.setattr(networks, "measurements", lambda: iter(measurements))
    monkeypatch.setattr("sys.argv", ["networks", "--minutes", str(minutes)])
    networks.main()


def test_what_was_measured_is_not_measured_again(docs, monkeypatch) -> None:
    asked: list[str] = []

    def broken() -> object:
        raise KeyboardInterrupt

    def first() -> object:
        asked.append("first")
        return [11, 19]

    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch, ("squeezenet1_1 photographs", first), ("vgg16 milliseconds", broken))
    assert json.loads((docs / "networks.json").read_text()) == {
        "squeezenet1_1 photographs": [11, 19]
    }
    accuracies = {"20": [0.5, 0.7], "500": [0.8, 0.8]}
    run(
        monkeypatch,
        ("squeezenet1_1 photographs", first),
        ("vgg16 probes 64", lambda: accuracies),
    )
    assert asked == ["first"]
    page = (docs / "networks.md").read_text()
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert rows.keys() == {name for name, spec in BACKBONES.items() if spec.asset}
    assert "11, 19" in rows["squeezenet1_1"]
    assert "| 0.600 ± 0.141 | 0.800 ± 0.000 | – | – |" in rows["vgg16"]
    assert ASSETS["vgg16_conv"].licence in rows["vgg16"]


def test_no_minutes_measure_nothing(docs, monkeypatch) -> None:
    run(monkeypatch, ("vgg16 milliseconds", lambda: 1 / 0), minutes=0)
    assert not (docs / "networks.json").exists()
