"""Fixed views: each is a shift of its image, seeds decide, and frozen stages run them once."""

import numpy as np
import pytest
import torch
from torch import Tensor

from cs826tl.data.augmentation import augmented
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.published import load_backbone
from cs826tl.training import codes
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze


def small_task(number: int = 40, height: int = 16, width: int = 24) -> Task:
    generator = torch.Generator().manual_seed(0)
    shape = (number, 3, height, width)
    images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    split = Split(images, torch.arange(number) % 10)
    return Task("noise", tuple("0123456789"), split, split, split, "a generator")


def possible(image: Tensor, mirror: bool) -> dict[bytes, tuple[int, int, bool]]:
    """Return every shift of one image by NumPy's own padding."""
    height, width = image.shape[1:]
    down, right = height // 8, width // 8
    views = {}
    padded = np.pad(image.numpy(), ((0, 0), (down, down), (right, right)), mode="edge")
    for y in range(2 * down + 1):
        for x in range(2 * right + 1):
            crop = padded[:, y : y + height, x : x + width]
            views[crop.tobytes()] = (y, x, False)
            if mirror:
                views[crop[:, :, ::-1].tobytes()] = (y, x, True)
    return views


@pytest.mark.parametrize("mirror", [False, True])
def test_every_view_is_a_shift_of_its_image_and_all_shifts_occur(mirror: bool) -> None:
    task = small_task()
    given = augmented(task, 6, mirror=mirror).train
    assert torch.equal(given.inputs[: len(task.train)], task.train.inputs)
    assert torch.equal(given.labels, task.train.labels.repeat(7))
    seen = set()
    for k, image in enumerate(task.train.inputs):
        views = possible(image, mirror)
        for view in range(1, 7):
            seen.add(views[given.inputs[view * 40 + k].numpy().tobytes()])
    assert {y for y, _, _ in seen} == set(range(5))
    assert {x for _, x, _ in seen} == set(range(7))
    assert {flip for _, _, flip in seen} == ({False, True} if mirror else {False})


def test_the_seed_decides_and_only_training_is_enlarged() -> None:
    task = small_task()
    one, same, other = (augmented(task, 2, mirror=True, seed=seed).train for seed in (1, 1, 2))
    assert torch.equal(one.inputs, same.inputs)
    assert not torch.equal(one.inputs, other.inputs)
    assert augmented(task, 1, mirror=True).validation is task.validation
    with pytest.raises(ValueError, match="views=0"):
        augmented(task, 0, mirror=True)


def test_frozen_stages_run_every_view_once(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    monkeypatch.setattr(codes, "quicker", lambda prefix, *_: prefix)  # compares two images
    codes.clear_codes()
    seen: list[int] = []
    model = freeze(load_backbone("small_vgg", weights="random"))
    model.stages.block1.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    task = augmented(small_task(), 2, mirror=True)
    fit(model, task, epochs=4, progress=False, device="cpu")
    assert sum(seen) == 3 * 40 + 40 + 1  # and one to see how large codes are
