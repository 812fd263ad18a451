"""Lecture 06 from the top on a checkpoint of VGG16's shape.

No machine that builds this project can have VGG16's own weights. So these are random: what the
lecture counts must stay, and what it says a network has *learnt* must not be claimed any more.
"""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from torchvision.models import vgg16

from cs826tl.assets import cache, downloads, fetch
from cs826tl.verdicts.verdict import METADATA, WITHDRAWN
from tools.normalise import code_cells
from tools.notebooks import CHECKOUT, ENVIRONMENT, PeakMemory, execute

ASSETS = ("efficientnet_lite0", "mnist_5k")
SIMPLE = "Train a linear SVM or a softmax on the CNN codes of the new data set."
# The slides whose verdict is measured on the weights in use.
MEASURED_ON_THE_WEIGHTS = {
    "06_cnn_codes": {
        "The ConvNet serves as a fixed feature extractor.",
        "Mid-level representations, learnt on ImageNet, transfer to other tasks.",
        "Learning and transferring mid-level image representations (Oquab et al. 2014).",
        SIMPLE,
        "These features, the activations before the classifier, are CNN codes. "
        "(They describe what is in the picture, so moving it should cost little.)",
    },
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that holds a checkpoint of VGG16's shape, its hash not asked for."""
    fetch(*ASSETS, progress=False)
    place = tmp_path_factory.mktemp("home")
    for asset in ASSETS:
        shutil.copytree(cache.cache_dir() / asset, place / asset)

    def made_here(source: object, part: Path, bar: object) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            torch.save(vgg16().state_dict(), part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CS826TL_HOME", str(place))
        patch.setattr(downloads, "download_file", made_here)
        fetch("vgg16", progress=False)
    return place


def verdicts(notebook: nbformat.NotebookNode) -> dict[str, dict[str, Any]]:
    """Return the verdicts of the last table of findings, by their slides."""
    tables = [
        output.metadata[METADATA]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if METADATA in output.get("metadata", {})
    ]
    return {verdict["slide"]: dict(verdict) for verdict in tables[-1]}


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED_ON_THE_WEIGHTS)
def test_lecture_runs_on_vgg16_and_names_it_where_the_weights_matter(name: str, home: Path) -> None:
    path = CHECKOUT / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    stored = verdicts(notebook)
    memory = PeakMemory()
    memory.start()
    execute(notebook, path.parent, environment={**ENVIRONMENT, "CS826TL_HOME": str(home)})
    assert memory.stop() <= 3.0
    fresh = verdicts(notebook)
    on_weights = {s for s in fresh if fresh[s]["conditions"].startswith("VGG16, ImageNet weights")}
    assert on_weights == MEASURED_ON_THE_WEIGHTS[name]
    for slide in fresh.keys() - on_weights:
        assert fresh[slide] == stored[slide]
    for slide in on_weights:
        pairs = zip(fresh[slide]["checks"], stored[slide]["checks"], strict=True)
        assert [new for new, old in pairs if new["how"] != "measured" and new != old] == []
    assert fresh[SIMPLE]["verdict"] == WITHDRAWN  # random weights have learnt nothing
