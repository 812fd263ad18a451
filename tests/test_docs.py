"""The how-to pages run: every block of Python on them, in order, as in one notebook."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
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
    from cs826tl.training import Finding

    space = run("own_network.md")
    found = audit(space["model"], space["before"])["verdict"].tolist()
    assert found == [Finding.FROZEN_STILL] * 4 + [Finding.TRAINABLE_MOVED] * 2
    panel = space["panel"]
    assert panel.frozen == ["conv1", "layer1", "layer2", "layer3"]
    assert panel.state["alert"] == ""


@pytest.mark.parametrize("page", sorted(p.name for p in DOCS.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        assert (DOCS / target).exists(), target
