"""The how-to pages run: every block of Python on them, in order, as in one notebook."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), ROOT / "benchmarks" / "README.md"]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(page: str) -> dict[str, object]:
    space: dict[str, object] = {}
    for code in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        exec(compile(code, page, "exec"), space)
    return space


def test_own_network_runs_and_nothing_frozen_moves(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    monkeypatch.setenv("TQDM_DISABLE", "1")
    from cs826tl import audit
    from cs826tl.training.auditing import Finding

    space = run("own_network.md")
    found = audit(space["model"], space["before"])["verdict"].tolist()
    assert found == [Finding.FROZEN_STILL] * 4 + [Finding.TRAINABLE_MOVED] * 2
    panel = space["panel"]
    assert panel.frozen == ["conv1", "layer1", "layer2", "layer3"]
    assert panel.state["alert"] == ""


def anchors(page: Path) -> set[str]:
    """Return where in a page a link may lead: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
        target, _, anchor = link.partition("#")
        there = page.parent / target if target else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link
