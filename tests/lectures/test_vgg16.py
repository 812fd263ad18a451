"""Lecture 05 without a browser: the channel explorer, the counts by hand, what is measured."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from cs826tl import load_backbone
from cs826tl.data.pictures import colour_histogram
from cs826tl.data.tasks import Split
from cs826tl.lectures.vgg16.channels import channel_explorer
from cs826tl.lectures.vgg16.counting import check_counts
from cs826tl.lectures.vgg16.measures import one_kind
from cs826tl.lectures.vgg16.plots import plot_anatomy, plot_kinds, plot_networks, plot_price
from cs826tl.networks import anatomy

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
HORSES, SHIPS = 7, 8
LABELS = torch.arange(10).repeat(9)
PHOTOS = Split(torch.zeros(90, 3, 8, 8, dtype=torch.uint8), LABELS)


def likes(*classes: int) -> Tensor:
    """Return the answers of a channel that likes nine photographs of these classes best."""
    answers = torch.linspace(0, 0.1, 90)
    wanted = torch.isin(LABELS, torch.tensor(classes)).nonzero()[:9, 0]
    answers[wanted] += 1
    return answers


def table(explorer: object) -> list[str]:
    (missions,) = explorer.state["tables"]
    return [row[1] for row in missions["rows"]]


def test_the_explorer_says_what_the_nine_are() -> None:
    block5 = torch.stack([likes(HORSES), likes(SHIPS)], 1)
    explorer = channel_explorer({"block5": block5}, PHOTOS, CLASSES)
    assert explorer.state["status"] == "block5, channel 0. The nine: 9 horse."


def test_each_mission_is_met_by_what_it_asks_for_and_stays_met() -> None:
    block1 = torch.stack([likes(HORSES), likes(*range(10))], 1)
    block5 = torch.stack([likes(HORSES, SHIPS), likes(3, 4, 5), likes(SHIPS)], 1)
    explorer = channel_explorer({"block1": block1, "block5": block5}, PHOTOS, CLASSES)
    assert table(explorer) == ["open", "open", "open"]
    explorer.set("channel", 1)
    assert table(explorer) == ["✓ met", "open", "open"]
    explorer.set("block", "block5")
    assert table(explorer) == ["✓ met", "✓ met", "open"]
    explorer.set("channel", 2)
    assert table(explorer) == ["✓ met", "✓ met", "✓ met"]


def test_a_channel_that_the_next_block_does_not_have_gives_way_to_its_last() -> None:
    peaks = {"block1": torch.rand(90, 3), "block5": torch.rand(90, 5)}
    explorer = channel_explorer(peaks, PHOTOS, CLASSES)
    explorer.set("block", "block5")
    explorer.set("channel", 4)
    explorer.set("block", "block1")
    assert explorer.state["status"].startswith("block1, channel 2.")


def test_an_answer_is_needed_for_each_photograph() -> None:
    with pytest.raises(ValueError, match="each of the 90 photographs"):
        channel_explorer({"block1": torch.rand(89, 3)}, PHOTOS, CLASSES)


def test_the_counts_are_pytorch_s() -> None:
    layers = {"convolution": torch.nn.Conv2d(64, 64, 3), "fc6": torch.nn.Linear(25088, 4096)}
    counts = {name: sum(p.numel() for p in layer.parameters()) for name, layer in layers.items()}
    assert check_counts(**counts).count("✓") == 2


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"convolution": 0}, "not counted yet"),
        ({"convolution": 36864}, "64 biases are missing"),
        ({"convolution": 1792}, "first convolution"),
        ({"fc6": 512 * 4096 + 4096}, "each of their places"),
        ({"fc6": 7}, "one bias for each output"),
    ],
)
def test_a_wrong_count_is_told_why(counts: dict[str, int], words: str) -> None:
    said = check_counts(**counts)
    assert said.startswith("✗")
    assert words in said


def test_another_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="count convolution and fc6"):
        check_counts(fc9=1)


def test_one_kind_counts_channels_by_hand_and_leaves_out_the_dead() -> None:
    pure, mixed, dead = likes(HORSES), likes(HORSES, SHIPS), torch.zeros(90)
    assert one_kind({"b": torch.stack([pure, mixed, dead], 1)}, LABELS) == {"b": 50.0}


def test_a_red_picture_has_one_colour() -> None:
    red = torch.zeros(1, 3, 4, 4, dtype=torch.uint8)
    red[:, 0] = 255
    assert colour_histogram(red)[0, 3 * 16].item() == 1
    assert colour_histogram(red).sum().item() == 1


def test_shares_are_those_of_the_table() -> None:
    with torch.device("meta"):
        counted = anatomy(load_backbone("vgg16_torchvision", weights="random"))
    texts = [text.get_text() for text in plot_anatomy(counted).texts]
    fc6 = list(counted.index).index("fc6")
    assert texts[2 * fc6 : 2 * fc6 + 2] == ["74 %", "1 %"]


def test_every_point_and_line_has_its_name() -> None:
    price = plot_price({"a": 1.0, "b": 2.0}, {"a": 50.0, "b": 60.0})
    assert [text.get_text() for text in price.texts] == ["a", "b"]
    kinds = plot_kinds({"a": {"x": 1.0, "y": 2.0}, "b": {"x": 1.0, "y": 1.0}})
    assert [text.get_text() for text in kinds.texts] == ["a", "b"]


def test_networks_stand_where_work_and_accuracy_put_them() -> None:
    rows = {"top-1": [60.0, 75.0], "multiply-adds": [1e9, 1e10], "parameters": [1e7, 4e7]}
    ax = plot_networks(pd.DataFrame(rows, index=["small", "large"]))
    (circles,) = ax.collections
    assert np.asarray(circles.get_offsets()) == pytest.approx(np.array([(1e9, 60), (1e10, 75)]))
    small, large = circles.get_sizes()
    assert large == pytest.approx(4 * small)  # the area, not the diameter
    assert [text.get_text() for text in ax.texts] == ["small", "large"]
    assert [text.xy for text in ax.texts] == [(1e9, 60), (1e10, 75)]
    assert ax.get_xscale() == "log"
