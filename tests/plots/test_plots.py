"""Pictures: what the artists hold is what was given; words and patterns, never colour alone."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from PIL import Image

from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.plots import (
    plot_history,
    plot_images,
    plot_spread,
    plot_spreads,
    plot_stages,
    show,
)
from cs826tl.plots.picture import Picture
from cs826tl.plots.stages import ROLES, stage_role
from cs826tl.plots.style import MARKERS
from cs826tl.training.adapters import add_lora
from cs826tl.training.freezing import freeze
from cs826tl.training.history import History


def history(*accuracies: tuple[float, float]) -> History:
    return History(
        [
            {"epoch": k, "validation_accuracy": a, "source_accuracy": b, "loss": 2.0 - a}
            for k, (a, b) in enumerate(accuracies)
        ]
    )


RUN = history((0.1, 0.9), (0.5, 0.7), (0.8, 0.6))


def lines(ax: Axes) -> dict[str, list[tuple[float, float]]]:
    return {line.get_label(): list(map(tuple, line.get_xydata())) for line in ax.lines}


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_an_empty_history_and_an_unknown_column_are_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="the history is empty: train first"):
        plot_history(History())
    with pytest.raises(ValueError, match=r"no column named 'acuracy'. Did you mean"):
        plot_history(RUN, ["acuracy"])
    assert plt.get_fignums() == []  # no empty figure is left for the notebook to show


def test_a_history_is_drawn_column_by_column() -> None:
    ax = plot_history(RUN)
    assert lines(ax) == {
        "validation accuracy": [(0, 0.1), (1, 0.5), (2, 0.8)],
        "source accuracy": [(0, 0.9), (1, 0.7), (2, 0.6)],
    }
    assert ax.get_xlabel() == "epoch"
    assert legend(ax) == list(lines(ax))
    assert len({line.get_marker() for line in ax.lines}) == 2  # not told by colour alone
    assert ax.get_ylim() == (0, 1.02)


def test_a_loss_has_its_own_range() -> None:
    ax = plot_history(RUN, ["loss"])
    assert lines(ax) == {"loss": [(0, 1.9), (1, 1.5), (2, 1.2)]}
    assert ax.get_ylim()[1] > 1.9


def test_everything_draws_into_the_axes_given() -> None:
    _, ax = plt.subplots()
    model = load_backbone("small_vgg", weights="random")
    assert plot_history(RUN, ax=ax) is ax
    assert plot_stages(model, ax) is ax
    assert plot_spread({"a": [1.0]}, ax) is ax
    assert plt.get_fignums() == [ax.figure.number]


@pytest.mark.parametrize(
    ("frozen", "roles"),
    [
        ((), ["fine-tuned"] * 4 + ["new head"]),
        (("block1", "fc"), ["frozen", "fine-tuned", "fine-tuned", "frozen", "new head"]),
        (("head",), ["fine-tuned"] * 4 + ["frozen"]),
    ],
)
def test_every_stage_has_the_colour_the_pattern_and_the_word_of_its_role(frozen, roles) -> None:
    model = load_backbone("small_vgg", weights="random")
    model = freeze(model, *frozen) if frozen else model
    ax = plot_stages(model)
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    names = list(model.parts)
    assert [stage_role(model, name) for name in names] == roles
    assert [(to_hex(b.get_facecolor()).upper(), b.get_hatch() or "") for b in bars] == [
        ROLES[role] for role in roles
    ]
    words = {"frozen": "frozen", "fine-tuned": "fine-tuned", "new head": "new"}
    assert [text.get_text() for text in ax.texts] == [
        f"{name}\n{words[role]}" for name, role in zip(names, roles, strict=True)
    ]
    assert legend(ax) == list(ROLES)


def test_a_stage_of_which_only_adapters_learn_says_so() -> None:
    model = add_lora(load_backbone("small_vgg", weights="random"), "block3")
    assert plot_stages(model).texts[2].get_text() == "block3\nadapter"


def test_the_roles_differ_in_colour_and_in_pattern() -> None:
    colours, hatches = zip(*ROLES.values(), strict=True)
    assert len(set(colours)) == len(set(hatches)) == 3
    assert len(set(MARKERS)) == 6


def test_a_spread_is_a_dot_a_seed_and_a_bar_at_the_mean() -> None:
    results = {"frozen": [0.8, 0.9, 0.4], "fine-tuned": [0.5]}
    ax = plot_spread(results, label="accuracy on validation")
    assert [list(line.get_xdata()) for line in ax.lines] == list(results.values())
    assert [set(line.get_ydata()) for line in ax.lines] == [{0}, {1}]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.7, 0.5])
    assert [label.get_text() for label in ax.get_yticklabels()] == list(results)
    assert ax.get_xlabel() == "accuracy on validation"
    assert ax.yaxis_inverted()  # the first is on top


@pytest.mark.parametrize("second", ["a", "b"])
def test_spreads_name_their_rows_once_where_they_are_the_same(second: str) -> None:
    panels = {"left": {"a": [0.4]}, "right": {second: [0.6]}, "below": {"a": [0.1]}}
    figure = plot_spreads(panels, label="share", limits=(0, 1)).figure
    drawn = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title() for ax in drawn] == list(panels)
    assert [ax.patches[0].get_width() for ax in drawn] == [0.4, 0.6, 0.1]
    names = [[text.get_text() for text in ax.get_yticklabels()] for ax in drawn]
    assert names == [["a"], [""] if second == "a" else ["b"], ["a"]]
    assert {(ax.get_xlabel(), ax.get_xlim()) for ax in drawn} == {("share", (0, 1))}


def shown(ax: Axes) -> list[np.ndarray]:
    return [np.asarray(a.images[0].get_array()) for a in ax.figure.axes if a.images]


@pytest.mark.parametrize("shape", [(5, 1, 6, 7), (5, 6, 7)])
def test_grey_pictures_are_drawn_grey_in_their_own_range(shape: tuple[int, ...]) -> None:
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 40 - 20
    ax = plot_images(images, titles=["a", "b"], columns=2)
    drawn = shown(ax)
    assert len(drawn) == 5
    assert len(ax.figure.axes) == 6  # three rows of two
    assert ax.images[0].get_cmap().name == "gray"
    assert [a.get_title() for a in ax.figure.axes] == ["a", "b", "", "", "", ""]
    for image, picture in zip(images.reshape(5, 6, 7).numpy(), drawn, strict=True):
        assert picture == pytest.approx((image - image.min()) / np.ptp(image), abs=1e-6)
    assert not any(a.axison for a in ax.figure.axes)


@pytest.mark.parametrize(
    ("dtype", "drawn"), [(torch.uint8, [200 / 255, 0, 50 / 255]), (torch.float32, [1, 0, 0.25])]
)
def test_colour_pictures_keep_their_channels(dtype: torch.dtype, drawn: list[float]) -> None:
    images = torch.zeros(1, 3, 4, 4, dtype=dtype)
    images[0, 0] = 200
    images[0, 2] = 50
    (picture,) = shown(plot_images(images))
    assert picture.shape == (4, 4, 3)
    assert picture[0, 0].tolist() == pytest.approx(drawn)


def test_grey_bytes_are_drawn_as_they_are() -> None:
    ax = plot_images(torch.full((1, 1, 3, 3), 51, dtype=torch.uint8))
    assert ax.images[0].get_clim() == (0, 1)
    assert shown(ax)[0] == pytest.approx(0.2)


def test_a_picture_of_one_brightness_is_drawn_all_the_same() -> None:
    (picture,) = shown(plot_images(torch.full((1, 1, 3, 3), 7.0)))
    assert np.isfinite(picture).all()


def test_showing_gives_the_picture_with_its_text_and_closes_it(monkeypatch) -> None:
    displayed: list[Picture] = []
    monkeypatch.setattr("cs826tl.plots.picture.display", displayed.append)
    show(plot_history(RUN), "Accuracy rises.")
    (picture,) = displayed
    assert plt.get_fignums() == []
    assert repr(picture) == "Accuracy rises."
    assert picture._repr_html_().startswith('<img alt="Accuracy rises." src="data:image/png')
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.format == "PNG"
        assert image.convert("L").getextrema()[0] < 128  # there is something on it
    stored, _ = DisplayFormatter().format(picture)
    assert set(stored) == {"text/plain", "text/html", "image/png"}  # LaTeX cannot show HTML


def test_a_model_without_a_linear_head_is_drawn_too() -> None:
    model = load_backbone("small_vgg", weights="random")
    stages = dict(model.stages.named_children())
    head = torch.nn.Sequential(torch.nn.Linear(128, 2))
    other = StagedModel("other", model.preprocess, stages, head, "ab", "none")
    assert len(plot_stages(other).texts) == 5


def test_without_a_panel_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="nothing to draw: give the results of a panel"):
        plot_spreads({})
