"""Corruptions: the published definitions, one picture at a time, and what they leave alone."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.filters import gaussian

from cs826tl.data.corruptions import CORRUPTIONS, corrupted, plasma
from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Task

SEVERITIES = range(1, 6)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    """Crops of photographs, of the size of CIFAR-10's pictures."""
    return load_task("photos").test.inputs[::30, :, :32, :32]


def rows(image: torch.Tensor) -> np.ndarray:
    return image.permute(1, 2, 0).numpy()


def by_definition(corruption: str, image: torch.Tensor, severity: int) -> np.ndarray:
    """Do as Hendrycks and Dietterich's script does to one picture, height x width x channels."""
    x = rows(image) / 255.0
    if corruption == "gaussian_blur":
        x = gaussian(x, sigma=[0.4, 0.6, 0.7, 0.8, 1][severity - 1], channel_axis=2)
    elif corruption == "contrast":
        means = x.mean((0, 1), keepdims=True)
        x = (x - means) * [0.75, 0.5, 0.4, 0.3, 0.15][severity - 1] + means
    else:
        file = BytesIO()
        quality = [80, 65, 58, 50, 40][severity - 1]
        Image.fromarray(rows(image)).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file))
    return x.clip(0, 1) * 255


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("corruption", ["gaussian_blur", "contrast", "jpeg_compression"])
def test_what_is_not_random_is_as_published(
    images: torch.Tensor, corruption: str, severity: int
) -> None:
    for image, ours in zip(images, corrupted(images, corruption, severity, 0), strict=True):
        wanted = by_definition(corruption, image, severity)
        assert np.abs(rows(ours) - np.floor(wanted + 1e-6)).max() <= 1
        assert np.abs(rows(ours) - np.floor(wanted + 1e-6)).mean() < 0.01


@pytest.mark.parametrize("severity", SEVERITIES)
def test_noise_has_the_published_width(severity: int) -> None:
    grey = torch.full((50, 3, 32, 32), 128, dtype=torch.uint8)
    noise = corrupted(grey, "gaussian_noise", severity, 0).double() - 128
    assert float(noise.std()) / 255 == pytest.approx(
        [0.04, 0.06, 0.08, 0.09, 0.10][severity - 1], rel=0.01
    )
    assert float(noise.mean()) == pytest.approx(-0.5, abs=0.2)  # fractions are cut off


def cloud_point_by_point(side: int, decay: float, generator: np.random.Generator) -> np.ndarray:
    """Compute one cloud as a textbook has it: every point by its four neighbours."""
    cloud, step, wobble = np.zeros((side, side)), side, 100.0
    while step >= 2:
        half, shape = step // 2, (side // step, side // step)
        for down, right, corners in (
            (half, half, [(-1, -1), (-1, 1), (1, -1), (1, 1)]),
            (0, half, [(-1, 0), (1, 0), (0, -1), (0, 1)]),
            (half, 0, [(-1, 0), (1, 0), (0, -1), (0, 1)]),
        ):
            draws = generator.uniform(-wobble, wobble, shape)
            for (i, j), draw in np.ndenumerate(draws):
                y, x = i * step + down, j * step + right
                near = [cloud[(y + a * half) % side, (x + b * half) % side] for a, b in corners]
                cloud[y, x] = sum(near) / 4 + wobble * draw
        step, wobble = half, wobble / decay
    cloud -= cloud.min()
    return cloud / cloud.max()


@pytest.mark.parametrize(("side", "decay"), [(32, 3), (32, 1.75), (8, 2)])
def test_a_cloud_is_the_textbook_s(side: int, decay: float) -> None:
    ours = plasma(1, side, decay, np.random.default_rng(5))[0]
    np.testing.assert_allclose(
        ours, cloud_point_by_point(side, decay, np.random.default_rng(5)), atol=1e-9
    )


@pytest.mark.parametrize("severity", SEVERITIES)
def test_fog_lies_over_the_picture_as_published(images: torch.Tensor, severity: int) -> None:
    thickness, decay = [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)][severity - 1]
    clouds = plasma(len(images), 32, decay, np.random.default_rng((7, 0)))
    for image, cloud, ours in zip(
        images, clouds, corrupted(images, "fog", severity, 7), strict=True
    ):
        x = rows(image) / 255.0
        foggy = (x + thickness * cloud[..., None]) * x.max() / (x.max() + thickness)
        assert np.abs(rows(ours) - np.floor(foggy.clip(0, 1) * 255 + 1e-6)).max() <= 1


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_every_severity_is_worse_than_the_one_before(images: torch.Tensor, corruption: str) -> None:
    changed = [corrupted(images, corruption, s, 0).float() - images.float() for s in SEVERITIES]
    harm = [float((change**2).mean()) for change in changed]
    assert harm == sorted(set(harm))
    assert harm[0] > 0


@pytest.mark.parametrize("corruption", CORRUPTIONS)
@pytest.mark.parametrize("shape", [(2, 1, 28, 28), (2, 3, 30, 50), (0, 3, 32, 32)])
def test_pictures_of_every_size_and_grey_ones(corruption: str, shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    worse = corrupted(images, corruption, 5, 0)
    assert worse.shape == images.shape
    assert worse.dtype == torch.uint8


# A task in another domain


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("photos", shots=5)


def test_training_knows_nothing_of_it_unless_it_is_asked_to(task: Task) -> None:
    foggy = task.corrupted("fog", severity=3)
    assert foggy.name == "photos (fog 3)"
    assert torch.equal(foggy.train.inputs, task.train.inputs)
    for name in ("validation", "test"):
        assert not torch.equal(foggy.split(name).inputs, task.split(name).inputs)
        assert torch.equal(foggy.split(name).labels, task.split(name).labels)
    trained = task.corrupted("fog", severity=3, training=True)
    assert not torch.equal(trained.train.inputs, task.train.inputs)
    assert torch.equal(trained.test.inputs, foggy.test.inputs)


def test_a_seed_draws_the_same_and_every_split_draws_its_own() -> None:
    grey = torch.full((20, 3, 8, 8), 128, dtype=torch.uint8)
    task = Task.from_dataset((grey, [0, 1] * 10))
    once, again, other = (task.corrupted("gaussian_noise", seed=s).test.inputs for s in (1, 1, 2))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    worse = task.corrupted("gaussian_noise")
    assert not torch.equal(worse.test.inputs, worse.validation.inputs)


@pytest.mark.parametrize(
    ("corruption", "severity", "seed", "said"),
    [
        ("frog", 3, 0, r"no corruption named 'frog'\. Did you mean 'fog'"),
        ("fog", 0, 0, r"severity=0: give 1 \(slight\) to 5 \(severe\)"),
        ("fog", 3.0, 0, r"severity=3\.0: give 1"),
        ("fog", 3, -1, r"seed=-1: give a whole number from 0 on"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    task: Task, corruption: str, severity: int, seed: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        task.corrupted(corruption, severity, seed=seed)
