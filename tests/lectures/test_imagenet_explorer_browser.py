"""The ImageNet explorer in a real JupyterLab: search, walk, upload, by keyboard."""

import io

import pytest
from PIL import Image

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

# A network of one stage, so that no weights need be fetched: only the front end is on trial.
CELLS = [
    """import torch
from torch import nn
from torchvision.models import VGG16_Weights
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import StagedModel
from cs826tl.data.tasks import Split, Task
from cs826tl.lectures.imagenet import imagenet_explorer

classes = tuple(VGG16_Weights.IMAGENET1K_V1.meta["categories"])
torch.manual_seed(0)
stage = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
pixels = Preprocess([127.0] * 3, [128.0] * 3, None)
model = StagedModel("Tiny", pixels, {"only": stage}, nn.Linear(8, 1000), classes, "random")
images = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
split = Split(images, torch.tensor([281, 609]))
task = Task("noise", classes, split, split, split, "made here")""",
    "imagenet_explorer(model, task, word='cat')",
]


def test_search_walk_and_upload_by_keyboard(notebook: Page) -> None:
    explorer = run_all(notebook, 1)
    status, alert = explorer.get_by_role("status"), explorer.get_by_role("alert")
    expect(status).to_contain_text("cat: 7 of the 1000 classes.")

    explorer.get_by_label("Search for a word").focus()
    notebook.keyboard.press("Control+A")
    notebook.keyboard.type("canine")
    notebook.keyboard.press("Enter")
    expect(status).to_contain_text("canine: 130 of the 1000 classes.")

    explorer.get_by_role("radio", name="dog", exact=True).focus()
    notebook.keyboard.press("Space")
    down = explorer.get_by_role("button", name="Down to this kind")
    down.focus()
    notebook.keyboard.press("Enter")
    expect(status).to_contain_text("dog: 118 of the 1000 classes.")
    explorer.get_by_role("button", name="Up", exact=True).focus()
    notebook.keyboard.press("Enter")
    expect(status).to_contain_text("canine: 130")

    stream = io.BytesIO()
    Image.new("RGB", (120, 80), "red").save(stream, "PNG")
    own = {"name": "own.png", "mimeType": "image/png", "buffer": stream.getvalue()}
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture at all"}
    upload = explorer.get_by_label("Upload a picture")
    upload.set_input_files(own)
    expect(status).to_contain_text("your own picture: the network's best guess is")
    upload.set_input_files(broken)
    expect(alert).to_contain_text("your file cannot be read as a picture")

    explorer.get_by_role("radio", name="your own picture").focus()
    notebook.keyboard.press("ArrowUp")
    expect(status).to_contain_text("2. jeep: the network's best guess is")
    expect(alert).to_be_empty()
    assert check_accessible(notebook) > 10
