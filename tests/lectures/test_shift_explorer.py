"""The shift explorer without a browser: what each slider does, and what is measured."""

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter
from skimage.transform import rotate
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score

from cs826tl import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.lectures.why_transfer import shift_explorer
from cs826tl.lectures.why_transfer.explorer import SLIDERS, ShiftController, _table
from cs826tl.lectures.why_transfer.pictures import (
    GRID,
    SHOWN,
    SIDE,
    balanced,
    features,
    grey,
    montage,
    plane,
    shifted,
)
from cs826tl.methods.shift import shift_auc

STILL = {name: start for name, (*_, start) in SLIDERS.items()}


@pytest.fixture(scope="module")
def digits() -> Task:
    return load_task("digits")


@pytest.fixture(scope="module")
def negatives(digits: Task) -> Task:
    """The same digits, dark on light."""
    inverted = {
        name: Split(255 - digits.split(name).inputs, digits.split(name).labels)
        for name in ("train", "validation", "test")
    }
    return Task("negatives", digits.classes, origin="negatives of UCI's digits", **inverted)


@pytest.fixture
def controller(digits: Task, negatives: Task) -> ShiftController:
    return ShiftController(digits, negatives)


@pytest.fixture(scope="module")
def pictures(digits: Task) -> torch.Tensor:
    return grey(digits.validation.inputs)


# --- pictures ---------------------------------------------------------------------------------


def test_colour_becomes_grey_from_0_to_1() -> None:
    colour = torch.tensor([255, 0, 51], dtype=torch.uint8).view(1, 3, 1, 1).expand(2, 3, 40, 40)
    assert grey(colour).shape == (2, 1, SIDE, SIDE)
    assert torch.allclose(grey(colour), torch.tensor(0.4))


def test_sliders_at_their_start_change_nothing(pictures: torch.Tensor) -> None:
    assert torch.equal(shifted(pictures, STILL), pictures.clamp(0, 1))


def test_brightness_is_added(pictures: torch.Tensor) -> None:
    brighter = shifted(pictures, STILL | {"brightness": 0.25})
    assert torch.allclose(brighter, (pictures + 0.25).clamp(0, 1))
    assert shifted(pictures, STILL | {"brightness": -0.5}).min() == 0


def test_rotation_is_scikit_images(pictures: torch.Tensor) -> None:
    ours = shifted(pictures[:8], STILL | {"rotation": 30})[:, 0].numpy()
    theirs = np.stack([rotate(p, 30, order=1) for p in pictures[:8, 0].numpy()])
    middle = np.s_[:, 3:-3, 3:-3]  # the border is filled in other ways
    assert np.abs(ours - theirs)[middle].mean() < 0.01


def test_blur_is_scipys(pictures: torch.Tensor) -> None:
    ours = shifted(pictures[:8], STILL | {"blur": 1.0})[:, 0].numpy()
    theirs = np.stack([gaussian_filter(p, 1.0, mode="mirror") for p in pictures[:8, 0].numpy()])
    assert np.abs(ours - theirs).max() < 0.01


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 1])
def test_the_balance_is_what_was_asked_for(share: float) -> None:
    labels = torch.tensor([0, 1, 2, 3] * 30 + [3] * 40)
    rows = torch.arange(len(labels)).view(-1, 1)
    kept = balanced(Split(rows, labels), share, classes=4)
    assert (kept.labels < 2).float().mean() == pytest.approx(share, abs=0.01)
    assert torch.equal(labels[kept.inputs[:, 0]], kept.labels)  # inputs and labels stay together
    assert kept.inputs.unique().numel() == len(kept)  # no row twice
    most = {0: 100, 0.1: 111, 0.5: 120, 0.9: 67, 1: 60}
    assert len(kept) == pytest.approx(most[share], abs=1)


def test_the_montage_has_the_classes_in_order(pictures: torch.Tensor, digits: Task) -> None:
    rows, columns = SHOWN
    shown = montage(Split(pictures, digits.validation.labels))
    assert shown.shape == (rows * SIDE, columns * SIDE)
    labels = digits.validation.labels[: 2 * rows * columns]
    tiles = [shown[:SIDE, k * SIDE : (k + 1) * SIDE] for k in range(columns)]
    found = [int(labels[[np.array_equal(t, p[0]) for p in pictures[:30]]][0]) for t in tiles]
    assert found == sorted(found)


def test_the_plane_is_that_of_principal_components(pictures: torch.Tensor) -> None:
    ours, theirs = plane(features(pictures)), PCA(2).fit_transform(features(pictures))
    assert np.abs(ours) == pytest.approx(np.abs(theirs), abs=1e-4)


# --- what is measured -------------------------------------------------------------------------


def test_accuracies_and_auc_are_those_of_scikit_learn(controller: ShiftController) -> None:
    controller.set("target", "digits")
    controller.set("rotation", 20)
    measured = controller.measure()
    source, target = controller.source, controller.target
    guessed = source.classifier.predict(features(target.inputs))
    assert measured.there == accuracy_score(target.labels, guessed)
    guessed = source.classifier.predict(features(source.validation.inputs))
    assert measured.home == accuracy_score(source.validation.labels, guessed)
    rows = features(source.train.inputs)[:200], features(target.inputs)[:200]
    assert measured.shift == shift_auc(*rows)


def test_negatives_are_a_plain_shift_that_costs_nearly_all(controller: ShiftController) -> None:
    home, there, shift = controller.measure()
    assert home > 0.8
    assert there < 0.4
    assert shift.low > 0.99


def test_more_rotation_costs_more_and_is_plainer(controller: ShiftController) -> None:
    controller.set("target", "digits")
    measured = []
    for degrees in (0, 20, 60):
        controller.set("rotation", degrees)
        measured.append(controller.measure())
    assert measured[0].home == pytest.approx(measured[0].there, abs=0.01)
    assert [m.home for m in measured] == [measured[0].home] * 3
    assert measured[0].there > measured[1].there > measured[2].there
    assert measured[0].shift.auc < measured[1].shift.auc < measured[2].shift.auc


def test_the_source_can_be_chosen_too(controller: ShiftController) -> None:
    controller.set("source", "negatives")
    home, there, shift = controller.measure()
    assert home == pytest.approx(there, abs=0.01)  # the balance leaves out a few pictures
    assert controller.source.train.inputs.mean() > 0.5
    assert {c.name: c.value for c in controller.controls()}["source"] == "negatives"
    assert shift.high < 0.9


def test_the_view_says_what_was_measured(controller: ShiftController) -> None:
    home, there, shift = controller.measure()
    view = controller.view()
    assert view.status.startswith(f"The shift can be seen: AUC {shift.auc:.2f}.")
    assert view.status.endswith(f"Accuracy {home:.2f} at home, {there:.2f} there.")
    told = dict(view.tables[1].rows)
    assert told["accuracy there"] == f"{there:.2f}"
    assert told["what the shift costs"] == f"{home - there:.2f}"
    ax = Figure().add_subplot()
    assert view.draw is not None
    view.draw(ax)
    left, middle, points = ax.child_axes
    for inset, split in ((left, controller.source.train), (middle, controller.target)):
        assert np.array_equal(inset.images[0].get_array(), montage(split))
    counts = [len(cloud.get_offsets()) for cloud in points.collections]
    assert counts == [200, min(200, len(controller.target))]


def test_every_end_of_every_slider_can_be_shown(controller: ShiftController) -> None:
    for name, (_, low, high, *_) in SLIDERS.items():
        for value in (low, high):
            controller.set(name, value)
            assert "Accuracy" in controller.view().status


def test_validation_is_shown_and_never_trained_on(digits: Task, negatives: Task) -> None:
    other = Task(
        "digits", digits.classes, digits.train, digits.validation, digits.train, digits.origin
    )
    first, second = (ShiftController(task, negatives).measure() for task in (digits, other))
    assert first == second  # the test split plays no part


def test_a_stored_notebook_keeps_a_picture_and_what_can_be_set(
    digits: Task, negatives: Task
) -> None:
    stored = shift_explorer(digits, negatives).stand_in()
    assert "<b>Domain shift.</b>" in stored
    assert 'alt="Pictures to train on' in stored
    assert "-90 to 90 in steps of 5" in stored
    assert "0." not in stored.split("base64,")[0]


@pytest.mark.parametrize("other", ["digits", "digits_0_4"])
def test_other_classes_or_the_same_name_are_refused(digits: Task, other: str) -> None:
    with pytest.raises(ValueError, match="different names with the same classes"):
        shift_explorer(digits, load_task(other))


def test_features_are_a_grid_of_means(pictures: torch.Tensor) -> None:
    step = SIDE // GRID
    means = pictures.reshape(-1, GRID, step, GRID, step).mean((2, 4))
    assert features(pictures) == pytest.approx(means.flatten(1).numpy(), abs=1e-6)


def test_a_gain_below_the_last_digit_costs_nothing(controller: ShiftController) -> None:
    measured = controller.measure()._replace(home=0.9, there=0.902)
    assert dict(_table(measured).rows)["what the shift costs"] == "0.00"


def test_a_mission_is_met_once_and_stays_met(digits: Task) -> None:
    controller = ShiftController(load_task("mnist"), digits)

    def marks() -> list[str]:
        return [mark for _, mark in controller.view().tables[0].rows]

    assert marks() == ["open", "open"]
    controller.set("target", controller.controls()[0].value)
    controller.set("brightness", 0.05)
    assert marks() == ["✓ met", "open"]
    controller.set("brightness", 0.0)
    controller.set("rotation", 20.0)
    assert marks() == ["✓ met", "✓ met"]
