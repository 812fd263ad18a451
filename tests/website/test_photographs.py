"""The page *Your own photographs*, opened by double-click without a network, against PyTorch."""

import io
import os
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from skimage import data as photographs
from sklearn.linear_model import LogisticRegression
from torch import Tensor

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

from cs826tl import load_backbone, load_task  # noqa: E402
from cs826tl.data.pictures import read_picture  # noqa: E402
from cs826tl.networks.folding import folded  # noqa: E402
from cs826tl.networks.staging import StagedModel  # noqa: E402
from tools.chromium import OPTIONS  # noqa: E402
from tools.npm import folder_of  # noqa: E402
from tools.website.photographs import BACKEND, CORE, build  # noqa: E402

pytestmark = pytest.mark.slow
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PATIENCE = 120_000  # milliseconds, for a machine that is busy with other things
PACKED = """window.packed = (values, shape = [values.length]) => ({ shape, floats: btoa(
    Array.from(new Uint8Array(Float32Array.from(values).buffer),
        (byte) => String.fromCharCode(byte)).join("")) });"""
CODES = """state.classes.flatMap(({ pictures }, label) => pictures.map(
    ({ name, codes, heldBack }) => ({ name, label, heldBack, codes: packed(codes) })))"""
REFUSED = """new Promise((done) => {
    addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
    fetch("http://localhost/").catch(() => {});
})"""
GRADIENTS = """() => {
    const some = state.head.dealt.train.filter((_, k) => k % 6 === 0);
    const features = some.map(({ picture }) => picture.features);
    const labels = some.map(({ label }) => label);
    const tuned = startTuning(network.last, state.head, 4);
    const all = [features.map((row) => packed(row)), labels];
    for (const tensors of [tuned, gradients(tuned, features, labels)])
        all.push(Object.fromEntries(Object.entries(tensors).map(
            ([name, tensor]) => [name, packed(tensor.dataSync(), tensor.shape)])));
    tf.dispose(Object.values(tuned));
    return all;
}"""
TUNED = """[state.tuned.stageWeight, state.tuned.stageBias].map(
    (tensor) => packed(tensor.dataSync(), tensor.shape))"""
MOVED_SECRETLY = """() => {
    const bias = network.frozen[3].blocks[0].layers[0].bias, published = bias.tensor;
    bias.tensor = tf.add(published, 1e-3);
    const rows = audit(network, state.head, null);
    bias.tensor.dispose();
    bias.tensor = published;
    return rows;
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page, or skip."""
    try:
        folder_of(CORE), folder_of(BACKEND)
    except OSError as problem:
        pytest.skip(f"no TensorFlow.js in the cache, and it could not be fetched: {problem}")
    return build(tmp_path_factory.mktemp("site") / "photographs")


@pytest.fixture(scope="module")
def offline(chromium: str) -> Iterator[Any]:
    """Start a browser without a network; at the end, fail if a page asked for one."""
    troubles: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS + CAMERA)
        context = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(PACKED)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("request", lambda request: troubles.append(request.url))
        yield context
        browser.close()
    assert not [what for what in troubles if not what.startswith(("file:", "data:", "blob:"))]


@pytest.fixture
def page(offline: Any, built: Path) -> Iterator[Any]:
    """Open the page by double-click."""
    page = offline.new_page()
    page.goto(built.as_uri())
    yield page
    page.close()


@pytest.fixture(scope="module")
def trained(offline: Any, built: Path) -> Any:
    """Open the page and train a head on the sample photographs."""
    page = offline.new_page()
    page.goto(built.as_uri())
    page.get_by_role("button", name="Try four photographs").click()
    page.wait_for_function("!state.busy && state.classes.length")
    train(page)
    return page


@pytest.fixture(scope="module")
def network() -> StagedModel:
    return load_backbone("efficientnet_lite0").eval()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of pictures of many sizes, in the formats that people have."""
    root = tmp_path_factory.mktemp("mine")
    generator = np.random.default_rng(0)
    for name, picture in (("cat", photographs.chelsea()), ("coffee", photographs.coffee())):
        (root / name).mkdir()
        for number, suffix in enumerate(("png", "jpg", "webp", "png", "jpg", "png"), 1):
            high, wide = 60 + 35 * number, 60 + 40 * number
            y, x = generator.integers(0, [picture.shape[0] - high, picture.shape[1] - wide])
            crop = picture[y : y + high, x : x + wide]
            lossless = {"lossless": True} if suffix == "webp" else {"quality": 95}
            Image.fromarray(crop).save(root / name / f"{number}.{suffix}", **lossless)
        (root / name / ".DS_Store").write_bytes(b"not a picture")
    return root


def choose(page: Any, folder: Path) -> None:
    page.locator("#folder").set_input_files(folder)
    page.wait_for_function("!state.busy && state.classes.length + state.troubles.length")


def train(page: Any) -> None:
    page.get_by_role("button", name="Train a new head").click()
    page.locator("#head-result table").first.wait_for()
    page.wait_for_function("!state.busy")


def codes_of(network: StagedModel, images: Tensor) -> Tensor:
    with torch.no_grad():
        codes: Tensor = network.stages(network.preprocess(images))
    return codes


def unpacked(given: dict[str, Any]) -> Tensor:
    floats = np.frombuffer(b64decode(given["floats"]), np.float32)
    return torch.tensor(floats).reshape(given["shape"])


def relative(found: Tensor, wanted: Tensor) -> float:
    difference = found.double() - wanted.double()
    return float((difference.norm(dim=-1) / wanted.double().norm(dim=-1)).max())


def test_what_it_loads_is_small_enough_and_stays_here(page: Any, built: Path) -> None:
    assert sum(file.stat().st_size for file in built.parent.iterdir()) <= 35e6
    assert page.evaluate(REFUSED) == "connect-src"


def test_codes_of_chosen_pictures_are_pytorchs(
    page: Any, folders: Path, network: StagedModel
) -> None:
    choose(page, folders)
    train(page)
    found = page.evaluate(CODES)
    files = [folders / ("cat", "coffee")[one["label"]] / one["name"] for one in found]
    assert len(files) == 12
    wanted = codes_of(network, torch.stack([read_picture(file, 224) for file in files]))
    assert relative(torch.stack([unpacked(one["codes"]) for one in found]), wanted) <= 1e-3


def test_pixels_are_the_courses_to_rounding(page: Any, tmp_path: Path) -> None:
    # Pillow's releases differ in which direction they resize first, so upright ones by one level
    (tmp_path / "upright").mkdir()
    upright, turned, clear = (tmp_path / "upright" / f"{name}.png" for name in ("a", "b", "c"))
    picture = Image.fromarray(photographs.chelsea()[:, 100:340])
    picture.save(upright)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    picture.save(turned, exif=exif)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(clear)
    choose(page, tmp_path / "upright")
    found = page.evaluate("state.classes[0].pictures.map(({ pixels }) => packed(pixels))")
    for pixels, file in zip(found, (upright, turned, clear), strict=True):
        wanted = read_picture(file, 224).permute(1, 2, 0).flatten().int()
        assert (unpacked(pixels) - wanted).abs().max() <= 1, file.name


def test_the_head_is_as_good_as_scikit_learns(trained: Any) -> None:
    rows = trained.evaluate(CODES)
    codes = np.stack([unpacked(one["codes"]).numpy() for one in rows])
    labels = np.array([one["label"] for one in rows])
    held = np.array([one["heldBack"] for one in rows])
    theirs = LogisticRegression(C=1, tol=1e-6, max_iter=5000).fit(codes[~held], labels[~held])
    said = trained.evaluate("state.head.judged.map(({ said, sure }) => [said, sure])")
    ours = np.mean([label == one for label, (one, _) in zip(labels[held], said, strict=True)])
    assert ours == pytest.approx(theirs.score(codes[held], labels[held]), abs=0.01)
    sure = theirs.predict_proba(codes[held]).max(1)
    assert [s for _, s in said] == pytest.approx(sure.tolist(), abs=1e-2)


def test_the_gradients_of_the_last_stage_are_pytorchs(trained: Any) -> None:
    features, labels, start, found = trained.evaluate(GRADIENTS)
    mine = {name: unpacked(values).requires_grad_() for name, values in start.items()}
    places = torch.stack(list(map(unpacked, features))).reshape(len(labels), 49, -1)
    codes = F.relu6(places @ mine["stageWeight"] + mine["stageBias"]).mean(1)
    F.cross_entropy(codes @ mine["headWeight"] + mine["headBias"], torch.tensor(labels)).backward()
    for name, tensor in mine.items():
        assert tensor.grad is not None
        assert relative(unpacked(found[name]).flatten(), tensor.grad.flatten()) <= 1e-4, name


def test_tuning_forgets_what_pytorch_says_it_forgets(trained: Any, network: StagedModel) -> None:
    page = trained
    page.get_by_label("Learning rate").select_option("0.03")
    page.get_by_label("Epochs").select_option("5")
    page.get_by_role("button", name="Unfreeze").click()
    page.locator("#tuned-result table").first.wait_for()
    seen = page.evaluate("state.after.seen")
    task = load_task("imagenet_photos")
    with torch.no_grad():
        before = network(task.test.inputs).argmax(1)
        weight, bias = map(unpacked, page.evaluate(TUNED))
        convolution = folded(network.stages.stage9)[0]
        convolution.weight.copy_(weight.T[..., None, None])
        convolution.bias.copy_(bias)
        places = network.stages[:-1](network.preprocess(task.test.inputs))
        after = network.head(F.relu6(convolution(places)).mean((2, 3))).argmax(1)
    names = [[one[when]["name"] for one in seen] for when in ("before", "after")]
    assert names == [[task.classes[k] for k in said] for said in (before, after)]
    right = [[one[when]["right"] for one in seen].count(True) for when in ("before", "after")]
    assert right[1] < right[0]
    stages = page.locator("#stages li").all_inner_texts()
    assert [text.split()[1] for text in stages] == ["frozen"] * 8 + ["fine-tuned", "new"]
    verdicts = page.locator("#tuned-result .scrolled").last.locator("tr td:last-child")
    assert verdicts.all_inner_texts() == ["✓ frozen, did not move"] * 8 + ["✓ trainable, moved"] * 2


def test_the_audit_finds_a_frozen_stage_that_moved(trained: Any) -> None:
    rows = trained.evaluate(MOVED_SECRETLY)
    moved = {row[0] for row in rows if row[-1] == "✗ claimed frozen, in fact moved"}
    assert moved == {"stage4"}


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(page: Any, tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.fromarray(photographs.coffee()).save(stream, "PNG")
    picture, other = stream.getvalue(), io.BytesIO()
    Image.fromarray(photographs.coffee()[:, ::-1]).save(other, "PNG")
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    files = {
        "good.png": picture,
        "broken.png": picture[: len(picture) // 2],
        "notes.jpg": b"not a picture at all",
        "empty.png": b"",
        "unfolds.png": bomb.getvalue(),
        "heavy.png": bytes(41_000_000),
        "twin.png": picture,
        "well.png": other.getvalue(),
    }
    (tmp_path / "mugs").mkdir()
    for name, content in files.items():
        (tmp_path / "mugs" / name).write_bytes(content)
    choose(page, tmp_path / "mugs")
    assert page.locator("#troubles li").all_inner_texts() == [
        "broken.png is broken: it cannot be read to its end",
        "empty.png is empty",
        "heavy.png is of 41 MB; at most 40 MB are read",
        "notes.jpg is no picture that this browser can read",
        "twin.png is the same picture as good.png, and is left out",
        "unfolds.png has 9000 × 9000 pixels; at most 50 million are read",
    ]
    assert page.evaluate("state.classes.map(({ name, pictures }) => [name, pictures.length])") == [
        ["mugs", 2]
    ]
    page.get_by_role("button", name="Train a new head").click()
    assert "needs two classes" in page.locator("#training [role=alert]").inner_text()
    page.get_by_role("button", name="Unfreeze").click()
    assert "Train a new head first" in page.locator("#tuning [role=alert]").inner_text()


def test_a_burst_lies_on_one_side_and_a_class_of_one_burst_is_named(
    page: Any, tmp_path: Path
) -> None:
    generator = np.random.default_rng(0)

    def save(name: str, picture: np.ndarray, second: int) -> None:
        grainy = np.clip(picture + generator.normal(0, 4, picture.shape), 0, 255)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(grainy.astype(np.uint8)).save(tmp_path / name)
        os.utime(tmp_path / name, (10**9 + second, 10**9 + second))

    coffee, cat = photographs.coffee(), photographs.chelsea()
    for k in range(4):  # four bursts of three, each of another part; and four single pictures
        for number in range(3):
            save(f"many/{k}{number}.png", coffee[50 * k :, 80 * k : 80 * k + 300], 100 * k + number)
        save(f"many/late{k}.png", coffee[50 * k :, 80 * k : 80 * k + 300], 10_000 * (k + 1))
        save(f"one/{k}.png", cat, k)
    choose(page, tmp_path)
    sides = page.evaluate("""[...Array(30).keys()].map((seed) => deal(state.classes, seed).heldBack
        .filter(({ label }) => label === 0).map(({ picture }) => picture.name))""")
    for held in sides:
        assert held  # a quarter of sixteen at most
        assert len(held) <= 4
        for k in range(4):
            assert sum(name.startswith(str(k)) for name in held) in {0, 3}
    assert len({tuple(held) for held in sides}) > 4  # drawn by the seed
    train(page)
    said = page.locator("#training [role=status]").inner_text()
    assert "All of “one” was taken in one burst" in said
    assert "“many”" not in said


def test_folders_are_dropped_and_the_ninth_class_is_named(page: Any, tmp_path: Path) -> None:
    for number in range(1, 10):
        (tmp_path / f"class {number}").mkdir()
        Image.new("RGB", (30, 30), (20 * number, 0, 0)).save(tmp_path / f"class {number}" / "1.png")
    paths = [str(tmp_path / f"class {number}") for number in range(1, 10)]
    chromium = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": paths, "dragOperationsMask": 1}
        event = {"type": kind, "x": 300, "y": 300, "data": data}
        chromium.send("Input.dispatchDragEvent", event)
    page.wait_for_function("!state.busy && state.troubles.length")
    assert page.evaluate("state.classes.map(({ name }) => name)") == [
        f"class {number}" for number in range(1, 9)
    ]
    trouble = page.locator("#troubles li").inner_text()
    assert trouble == "1.png is of class “class 9”, but there are 8 classes already"


def test_the_keyboard_reaches_everything_and_keeps_its_place(page: Any, folders: Path) -> None:
    page.get_by_role("button", name="Add a class").focus()
    page.keyboard.press("Enter")
    name = page.get_by_label("Name, class 1")
    sync_api.expect(name).to_be_focused()
    name.fill("cats")
    page.keyboard.press("Tab")
    sync_api.expect(page.get_by_label("Pictures, class 1", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    files = page.get_by_label("Add pictures, class 1")
    sync_api.expect(files).to_be_focused()
    files.set_input_files([folders / "cat" / "1.png"])
    page.wait_for_function("!state.busy && state.classes[0].pictures.length")
    sync_api.expect(page.get_by_label("Add pictures, class 1")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Take a picture").focus()
    page.wait_for_function("document.querySelector('video').videoWidth")
    page.keyboard.press("Enter")
    page.get_by_text("1 picture taken.").wait_for()
    page.keyboard.press("Escape")
    sync_api.expect(page.get_by_role("button", name="Camera, class 1")).to_be_focused()
    assert page.evaluate("state.classes.map(({ name, pictures }) => [name, pictures.length])") == [
        ["cats", 2]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_shows_it_all(trained: Any, scheme: str) -> None:
    page = trained
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not grave, [(v["id"], [n["html"] for n in v["nodes"]]) for v in grave]
    page.set_viewport_size({"width": 1200, "height": 900})
