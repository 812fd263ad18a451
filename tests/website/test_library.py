"""The reference: one page for each thing, and ways back from the source that lead there."""

from pathlib import Path

from tools.website.library import mend_ways_back, write_library


def test_what_two_rooms_have_is_listed_once(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# The library\n", encoding="utf-8")
    write_library(tmp_path, whole=True)
    text = (tmp_path / "index.md").read_text(encoding="utf-8")
    assert "   cs826tl.show\n" in text
    assert "   cs826tl.plots.show\n" not in text
    assert "   cs826tl.plots.plot_bands\n" in text
    assert "   cs826tl.methods.forgetting.EWC\n" in text
    assert "   cs826tl.lectures.imagenet.imagenet_explorer\n" in text


def test_a_way_back_leads_to_a_page_and_other_links_stay(tmp_path: Path) -> None:
    page = tmp_path / "_modules" / "tl" / "show.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<a class="viewcode-back" href="../api/show.html#wrong">[docs]</a><a href="#here">a</a>',
        encoding="utf-8",
    )
    mend_ways_back(tmp_path)
    assert page.read_text(encoding="utf-8") == (
        '<a class="viewcode-back" href="../api/show.html">[docs]</a><a href="#here">a</a>'
    )
