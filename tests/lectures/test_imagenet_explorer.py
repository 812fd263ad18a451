"""The ImageNet explorer without a browser, over a network whose answers are known."""

import io
from html import escape
from typing import Any

import pytest
import torch
from PIL import Image
from torch import nn
from torchvision.models import VGG16_Weights

from cs826tl.data.tasks import Split, Task
from cs826tl.lectures.imagenet import imagenet_explorer
from cs826tl.networks import wordnet
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import clear_codes
from cs826tl.widgets.explorer import Explorer

CLASSES = tuple(VGG16_Weights.IMAGENET1K_V1.meta["categories"])
TABBY, TIGER_CAT, LYNX, JEEP, PUG = (
    wordnet.search(name)[0].label or 0 for name in ("tabby", "tiger cat", "lynx", "jeep", "pug")
)
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def colour_expert() -> StagedModel:
    """A network to which red is a tabby or another cat, green a jeep, blue a pug."""
    head = nn.Linear(3, 1000)
    with torch.no_grad():
        head.weight.zero_()
        head.bias.fill_(-9)
        for label, score in [(TABBY, 14.0), (TIGER_CAT, 13.0), (LYNX, 12.0)]:
            head.weight[label, 0] = score
        head.weight[JEEP, 1] = head.weight[PUG, 2] = 14
    same = nn.Conv2d(3, 3, 1, bias=False)
    nn.init.dirac_(same.weight)
    average = nn.Sequential(same, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    pixels = Preprocess([0.0] * 3, [255.0] * 3, None)
    return StagedModel("Colour expert", pixels, {"average": average}, head, CLASSES, "by hand")


def plain(colour: tuple[int, int, int]) -> torch.Tensor:
    return torch.tensor(colour, dtype=torch.uint8).view(3, 1, 1).expand(3, 32, 32).contiguous()


def uploaded(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def colours() -> Task:
    images, labels = torch.stack([plain(RED), plain(GREEN)]), torch.tensor([LYNX, JEEP])
    nothing = Split(images[:0], labels[:0])
    return Task("colours", CLASSES, nothing, nothing, Split(images, labels), "made here")


@pytest.fixture
def explorer() -> Explorer:
    clear_codes()
    return imagenet_explorer(colour_expert(), colours(), word="cat")


def control(explorer: Explorer, name: str) -> dict[str, Any]:
    return next(c for c in explorer.state["controls"] if c["name"] == name)


def table(explorer: Explorer, caption: str) -> list[tuple[str, ...]]:
    return next(t["rows"] for t in explorer.state["tables"] if t["caption"].startswith(caption))


def test_it_opens_at_the_word_and_on_the_first_photograph(explorer: Explorer) -> None:
    assert explorer.state["status"] == (
        "cat: 7 of the 1000 classes. 1. lynx: the network's best guess is tabby."
    )
    assert control(explorer, "photo")["options"] == ("1. lynx", "2. jeep")


def test_the_five_best_are_shown_with_their_probabilities(explorer: Explorer) -> None:
    rows = table(explorer, "The best five")
    assert [row[0] for row in rows[:3]] == ["tabby", "tiger cat", "lynx"]
    assert len(rows) == 5
    scores = torch.tensor([5.0, 4.0, 3.0, *[-9.0] * 997])
    wanted = [f"{100 * p:.1f} %" for p in scores.softmax(0)[:3].tolist()]
    assert [row[1] for row in rows[:3]] == wanted
    assert [row[2] for row in rows] == ["", "", "✓", "", ""]  # the photograph's label


def test_where_the_five_stand_sums_what_is_below(explorer: Explorer) -> None:
    rows = dict(table(explorer, "Where the five stand"))
    below = {name.removeprefix("· " * name.count("· ")): share for name, share in rows.items()}
    shares = torch.tensor([5.0, 4.0, 3.0, *[-9.0] * 997]).softmax(0)
    assert below["domestic cat"] == f"{100 * (shares[0] + shares[1] + 3 * shares[3]):.1f} %"
    assert [name for name in rows if name.endswith("tabby")] == ["· · · tabby"]


def missions(explorer: Explorer) -> list[str]:
    return [row[1] for row in table(explorer, "Missions")]


def test_each_mission_is_met_by_what_it_asks_for_and_stays_met(explorer: Explorer) -> None:
    # the network takes the lynx for a tabby, and is sure of a cat
    assert missions(explorer) == ["open", "open", "✓ met"]
    explorer.set("word", "crane")
    assert missions(explorer) == ["open", "✓ met", "✓ met"]
    explorer.set("word", "artifact")
    assert missions(explorer) == ["✓ met", "✓ met", "✓ met"]


def test_a_right_name_and_the_root_meet_no_mission() -> None:
    explorer = imagenet_explorer(colour_expert(), colours(), word="jeep", photo=1)
    explorer.set("word", "entity")
    assert missions(explorer) == ["open", "open", "open"]


def test_walking_down_and_up_again(explorer: Explorer) -> None:
    kinds = control(explorer, "kind")
    assert kinds["label"] == "Kinds of cat"
    assert kinds["options"] == ("domestic cat", "wildcat")
    explorer.set("kind", "domestic cat")
    assert "cat: 7" in explorer.state["status"]  # choosing does not go yet
    explorer.press("down")
    assert explorer.state["status"].startswith("domestic cat: 5 of the 1000 classes.")
    explorer.press("up")
    explorer.press("up")
    assert explorer.state["status"].startswith("feline: ")
    path = dict(table(explorer, "You are at: feline"))["Path"]
    assert path.startswith("entity › physical entity ›")
    assert path.endswith("carnivore › feline")


def test_at_either_end_of_the_tree_there_is_nothing_further(explorer: Explorer) -> None:
    explorer.set("word", "tabby")
    assert not [c for c in explorer.state["controls"] if c["name"] == "kind"]
    explorer.press("down")
    assert "'tabby' is one of the 1000 classes" in explorer.state["alert"]
    explorer.set("word", "entity")
    assert explorer.state["alert"] == ""
    explorer.press("up")
    assert "'entity' is the root" in explorer.state["alert"]


def test_a_word_of_two_meanings_gives_a_choice(explorer: Explorer) -> None:
    explorer.set("word", "crane")
    found = control(explorer, "found")
    assert found["options"] == ("crane (wading bird)", "crane (lifting device)")
    explorer.set("found", "crane (lifting device)")
    assert "517" in repr(explorer.controller.here)
    assert control(explorer, "found")["value"] == "crane (lifting device)"


def test_an_unknown_word_is_an_alert_and_changes_nothing(explorer: Explorer) -> None:
    before = explorer.state["status"]
    explorer.set("word", "dalmation")
    assert "did you mean 'dalmatian'" in explorer.state["alert"]
    assert explorer.state["status"] == before
    explorer.set("word", "dalmatian")
    assert explorer.state["alert"] == ""


def test_ones_own_picture_is_guessed_at_and_has_no_truth(explorer: Explorer) -> None:
    explorer.set("upload", uploaded(Image.new("RGB", (300, 200), BLUE)))
    assert explorer.state["status"].endswith("your own picture: the network's best guess is pug.")
    assert [row[2] for row in table(explorer, "The best five")] == [""] * 5
    assert control(explorer, "photo")["options"] == ("1. lynx", "2. jeep", "your own picture")
    explorer.set("photo", "2. jeep")
    assert table(explorer, "The best five")[0][::2] == ("jeep", "✓")
    explorer.set("upload", uploaded(Image.new("RGB", (50, 50), RED)))
    assert table(explorer, "The best five")[0][0] == "tabby"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no format that Pillow knows"),
        (b"not a picture", "no format that Pillow knows"),
        (uploaded(Image.new("RGB", (64, 64), RED))[:80], "trunc"),
        (uploaded(Image.new("1", (20_000, 10_000))), "exceeds limit"),
        (uploaded(Image.new("1", (12_000, 9_000))), "exceeds limit"),
    ],
    ids=["empty", "text", "cut off", "a bomb", "very large"],
)
def test_a_broken_or_huge_picture_is_an_alert_and_changes_nothing(
    explorer: Explorer, content: bytes, reason: str
) -> None:
    before, picture = explorer.state["status"], explorer.picture
    explorer.set("upload", content)
    assert "your file cannot be read as a picture" in explorer.state["alert"]
    assert reason in explorer.state["alert"]
    assert "0x" not in explorer.state["alert"]
    assert (explorer.state["status"], explorer.picture) == (before, picture)
    assert len(control(explorer, "photo")["options"]) == 2


def test_no_choice_anywhere_in_the_tree_has_an_option_twice(explorer: Explorer) -> None:
    for synset in wordnet.synsets().values():
        explorer.controller._go_to(synset)  # type: ignore[attr-defined]
        kinds = [c for c in explorer.controller.controls() if c.name == "kind"]
        count = len(kinds[0].options) if kinds else 0  # type: ignore[union-attr]
        assert count == len(wordnet.children(synset))


def test_the_stand_in_has_a_text_for_its_picture_and_nothing_measured(explorer: Explorer) -> None:
    stand_in = explorer.stand_in()
    alt = "1. lynx: the picture, and a bar for each of the network's best five."
    assert f'alt="{escape(alt)}"' in stand_in
    assert "%" not in stand_in


def test_walking_does_not_run_the_network_again(explorer: Explorer) -> None:
    passes = []
    explorer.controller.model.stages.average.register_forward_hook(lambda *_: passes.append(1))  # type: ignore[attr-defined]
    explorer.set("word", "dog")
    explorer.press("up")
    assert passes == []
    explorer.set("photo", "2. jeep")
    assert len(passes) == 1


def test_another_networks_classes_are_refused() -> None:
    model = colour_expert()
    model.classes = model.classes[:10]
    with pytest.raises(ValueError, match="10 classes, not ImageNet's 1000"):
        imagenet_explorer(model, colours())
