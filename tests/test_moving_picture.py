"""The moving picture of the panel: small, half a minute, and it does not start by itself."""

import re

from PIL import Image, ImageSequence

from tools.moving_picture import WRITTEN
from tools.notebooks import CHECKOUT


def test_it_is_small_moves_and_lasts_half_a_minute() -> None:
    assert WRITTEN.stat().st_size <= 1e6
    with Image.open(WRITTEN) as film:
        seconds = [frame.info["duration"] / 1000 for frame in ImageSequence.Iterator(film)]
    assert len(seconds) >= 15
    assert 25 <= sum(seconds) <= 35


def test_the_readme_describes_it_and_keeps_it_closed() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    (closed,) = re.findall(r"<details>.*?</details>", readme, re.S)
    (text,) = re.findall(rf"!\[([^]]*)\]\(docs/{WRITTEN.name}\)", closed)
    assert len(text) > 100
    assert readme.index("docs/freezing_panel.png") < readme.index("<details>")
