"""Write `docs/social_preview.png`, the picture that a link to the repository shows.

Usage: `python -m tools.social_preview`. GitHub takes it in the repository's settings.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from tools.notebooks import CHECKOUT

PANEL = CHECKOUT / "docs" / "freezing_panel.png"
WRITTEN = CHECKOUT / "docs" / "social_preview.png"
SIZE = (1280, 640)  # what GitHub asks for
MARGIN = 40
TITLE = "Transfer learning, a lecture that you run"
BELOW = "Every claim is an experiment on real weights, with an honest verdict."
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def preview() -> Image.Image:
    """Return the picture: the title, one line below it, and the top of the freezing panel."""
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    pen.text((MARGIN, 36), TITLE, "black", ImageFont.truetype(FONTS / "DejaVuSans-Bold.ttf", 50))
    pen.text((MARGIN, 112), BELOW, "#333333", ImageFont.truetype(FONTS / "DejaVuSans.ttf", 30))
    panel = Image.open(PANEL).convert("RGB")
    width = SIZE[0] - 2 * MARGIN
    panel = panel.resize((width, round(width * panel.height / panel.width)))
    picture.paste(panel, (MARGIN, 176))
    return picture


def main() -> int:
    """Write the picture."""
    preview().quantize(128).save(WRITTEN, optimize=True)
    print(WRITTEN.relative_to(CHECKOUT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
