"""The built site, opened by double click in a real browser that has no network."""

import json
import random
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

from cs826tl.lectures.kinds_of_transfer import kind_sorter  # noqa: E402
from cs826tl.widgets.explorer import Explorer  # noqa: E402
from tools.chromium import offline_page  # noqa: E402
from tools.keyboard.learner import Learner  # noqa: E402
from tools.notebooks import by_number, course_notebooks  # noqa: E402
from tools.npm import folder_of  # noqa: E402
from tools.slides import REVEAL  # noqa: E402
from tools.website.__main__ import build  # noqa: E402
from tools.website.live import Lecture  # noqa: E402

pytestmark = pytest.mark.slow


def named(number: str, kind: str) -> str:
    """Return the name of a lecture's first widget of a kind."""
    return next(one.name for one in Lecture.read(by_number()[number]).live if one.kind == kind)


FEW = [named("02", "explorer"), named("07", "panel")]  # those that take least to record
PAGES = ("index.html", "lectures/02_kinds_of_transfer.html", "claims.html", "exercises.html")
HEAVIEST = 3e6  # bytes of a page with all that it loads, without its recordings
WANTING = "was not recorded"
PATIENCE = 60_000  # milliseconds, for a machine that is busy with other things


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        folder_of(REVEAL)
    except OSError as problem:
        pytest.skip(f"no reveal.js in the cache, and it could not be fetched: {problem}")
    return build(tmp_path_factory.mktemp("built") / "site", FEW).parent


@pytest.fixture(scope="module")
def page(chromium: str) -> "Iterator[sync_api.Page]":
    """Open a browser without a network; at the end, fail if a page asked for it or raised."""
    with offline_page(chromium, viewport={"width": 1280, "height": 900}) as (page, troubles):
        page.set_default_timeout(PATIENCE)
        sync_api.expect.set_options(timeout=PATIENCE)
        yield page
    assert not troubles


class Addresses(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.unnamed: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {given.get("id") or "", given.get("name") or ""}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(given.get("href") or "")
        elif given.get("src"):
            self.loads.append(given["src"] or "")
        if tag == "img" and given.get("alt") is None:
            self.unnamed.append(given.get("src") or "")


@pytest.fixture(scope="module")
def read(site: Path) -> dict[Path, Addresses]:
    return {path: Addresses(path) for path in site.rglob("*.html") if "reveal.js" not in str(path)}


def inside(path: Path, address: str) -> tuple[Path, str] | None:
    """Return the file and the anchor that an address within the site means; None for outside."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    return (path.parent / unquote(parts.path)).resolve() if parts.path else path, parts.fragment


def test_every_link_anchor_and_picture_is_there(read: dict[Path, Addresses]) -> None:
    broken = []
    for path, found in read.items():
        for address in [*found.links, *found.loads]:
            if (meant := inside(path, address)) is None:
                continue
            target, anchor = meant
            known = read[target].anchors if target in read else {anchor}
            if not target.is_file() or (anchor and unquote(anchor) not in known):
                broken.append((path.name, address))
    assert not broken


def test_nothing_is_loaded_from_elsewhere_and_pictures_have_a_text(
    read: dict[Path, Addresses],
) -> None:
    for path, found in read.items():
        absolute = [a for a in found.loads if urlsplit(a).scheme not in ("", "data")]
        assert not absolute, path
        assert not found.unnamed, path


def test_a_page_is_light(site: Path, read: dict[Path, Addresses]) -> None:
    for path, found in read.items():
        files = {
            path,
            *(m[0] for a in set(found.loads) if (m := inside(path, a)) and m[0].is_file()),
        }
        assert sum(file.stat().st_size for file in files) <= HEAVIEST, path


def test_every_lecture_has_a_page_a_deck_and_a_download(site: Path) -> None:
    for path in course_notebooks():
        assert (site / "lectures" / f"{path.stem}.html").is_file()
        assert (site / "decks" / f"{path.stem}.html").is_file()
        assert (site / "downloads" / path.name).read_bytes() == path.read_bytes()
    copies = sorted((site / "downloads" / "exercises").glob("*.ipynb"))
    ours = Path(course_notebooks()[0]).parent.glob("exercises/*.ipynb")
    assert {c.name for c in copies} == {path.name for path in ours} - {"90_exam.ipynb"}
    assert not any("BEGIN SOLUTION" in copy.read_text(encoding="utf-8") for copy in copies)


def open_page(page: "sync_api.Page", site: Path, name: str) -> None:
    page.goto((site / name).as_uri())
    page.evaluate("localStorage.clear()")
    page.reload()


def awake(page: "sync_api.Page", kind: str, number: int = 0) -> "sync_api.Locator":
    """Scroll to a widget, so that its recording is loaded; return its place."""
    place = page.locator(f"[data-kind={kind}]").nth(number)
    place.scroll_into_view_if_needed()
    sync_api.expect(place).to_have_attribute("data-alive", "true")
    return place


def test_the_home_page_shows_a_panel_that_freezes_and_trains(
    page: "sync_api.Page", site: Path
) -> None:
    open_page(page, site, "index.html")
    panel = awake(page, "panel")
    assert (panel.bounding_box() or {"y": 900})["y"] < 500  # above the fold
    status, alert = panel.get_by_role("status"), panel.get_by_role("alert")
    tiles = panel.locator("button.tile")
    for number in range(tiles.count()):
        before = tiles.nth(number).get_attribute("aria-pressed")
        tiles.nth(number).click()
        assert tiles.nth(number).get_attribute("aria-pressed") != before
        sync_api.expect(alert).to_be_empty()
    for run, name in enumerate(["freeze none", "freeze to here: up to stage9"], start=1):
        panel.get_by_role("button", name=name).click()
        panel.get_by_role("button", name="Train").click()
        sync_api.expect(status).to_contain_text(f"Run {run}: validation accuracy")
        rows = panel.get_by_role("table", name="All runs").get_by_role("row")
        sync_api.expect(rows).to_have_count(run + 1)
    sync_api.expect(panel.get_by_role("table", name="Run 2: audit")).to_be_visible()


def test_every_control_of_an_explorer_answers(page: "sync_api.Page", site: Path) -> None:
    open_page(page, site, "lectures/02_kinds_of_transfer.html")
    sorter = awake(page, "explorer")
    alert = sorter.get_by_role("alert")
    cases = sorter.get_by_role("combobox").locator("option").all_inner_texts()
    assert len(cases) == 13
    for case in cases:
        sorter.get_by_role("combobox").select_option(case)
        for radio in sorter.get_by_role("radio").all():
            radio.check()
            assert radio.is_checked()
            assert WANTING not in alert.inner_text()
    sorter.get_by_role("combobox").select_option(cases[0])
    for radio in sorter.get_by_label("yes").all():
        radio.check()
    sorter.get_by_role("button", name="Check").click()
    sync_api.expect(sorter.get_by_role("status")).to_contain_text("✓ inductive transfer")


def test_the_keyboard_alone_answers_a_quiz(page: "sync_api.Page", site: Path) -> None:
    open_page(page, site, "lectures/02_kinds_of_transfer.html")
    form, keys = awake(page, "quiz").locator("form").first, page.keyboard
    form.get_by_role("radio").first.focus()
    keys.press("Space")
    judged = []
    for _ in range(form.get_by_role("radio").count()):
        keys.press("Tab")
        keys.press("Enter")
        judged.append(form.locator(".said b").inner_text())
        keys.press("Shift+Tab")
        keys.press("ArrowDown")
    assert judged.count("✓ Right.") == 1
    assert judged.count("✗ Not yet. Try again.") == len(judged) - 1


def test_the_keyboard_alone_uses_every_widget_of_pages_and_of_a_deck(
    page: "sync_api.Page", site: Path
) -> None:
    own = page.context.new_page()  # what watches the keys is in no other test's page
    own.emulate_media(reduced_motion="reduce")
    learner, kinds = Learner(own), set()
    for name in (*PAGES[:2], "decks/02_kinds_of_transfer.html"):
        visit = learner.visit((site / name).as_uri())
        assert not visit.troubles
        kinds |= {answer.kind for answer in visit.answers}
    assert own.locator("[data-alive]").count() == own.locator("[data-recording]").count() > 5
    assert kinds == {"panel", "explorer", "guess", "reveal", "quiz"}
    own.close()


def test_at_200_percent_everything_can_still_be_used(page: "sync_api.Page", site: Path) -> None:
    page.set_viewport_size({"width": 640, "height": 450})  # what a zoom of 200 % leaves of it
    try:
        open_page(page, site, "index.html")
        panel = awake(page, "panel")
        panel.get_by_role("button", name="freeze none").click()
        sync_api.expect(panel.locator("button.tile[aria-pressed=true]")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


STOPS = """widget => [...widget.querySelectorAll('a[href], button, input, select, summary')]
    .filter(e => !e.disabled && e.checkVisibility())
    .map(e => e.type === 'radio' ? `one of ${e.name}` : e.outerHTML)"""
HERE = """widget => {
    const e = document.activeElement, style = getComputedStyle(e);
    if (!widget.contains(e)) return null;
    return [e.type === 'radio' ? `one of ${e.name}` : e.outerHTML,
            (style.outlineStyle !== 'none' && style.outlineWidth !== '0px')
            || style.boxShadow !== 'none'];
}"""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("index.html", "panel"), *((PAGES[1], kind) for kind in ("explorer", "guess", "quiz"))],
)
def test_tab_stops_at_every_control_is_seen_there_and_leaves(
    page: "sync_api.Page", site: Path, name: str, kind: str
) -> None:
    open_page(page, site, name)
    widget = awake(page, kind)
    expected = set(widget.evaluate(STOPS))
    widget.locator("button:enabled, input:enabled, select:enabled").first.focus()
    page.keyboard.press("Shift+Tab")  # so that the first, too, is reached by a key
    reached = {}
    for _ in range(100):  # more than there are: groups in forms of their own share a name
        page.keyboard.press("Tab")
        if (stop := widget.evaluate(HERE)) is None:
            break
        reached[stop[0]] = stop[1]
    else:
        pytest.fail("Tab does not leave the widget")
    assert set(reached) == expected
    assert all(reached.values()), [where[:200] for where, seen in reached.items() if not seen]


WIDER = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"""
CUT_OFF = """() => [...document.querySelectorAll('article *')].filter(e => {
    const style = getComputedStyle(e), hidden = ['hidden', 'clip'];
    return e.checkVisibility() && e.textContent.trim() && e.clientWidth > 1
        && ((hidden.includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
            || (hidden.includes(style.overflowY) && e.scrollHeight > e.clientHeight + 1));
}).map(e => e.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("name", PAGES)
def test_wider_spacing_of_text_cuts_nothing_off(
    page: "sync_api.Page", site: Path, name: str
) -> None:
    """As WCAG's criterion 1.4.12 has it."""
    open_page(page, site, name)
    for kind in ("panel", "explorer", "guess", "quiz"):
        if page.locator(f"[data-kind={kind}]").count():
            awake(page, kind)
    page.add_style_tag(content=WIDER)
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


MOVES = """() => [...document.querySelectorAll('*')].filter(e => {
    const style = getComputedStyle(e);
    return style.transitionDuration.split(', ').some(t => parseFloat(t))
        || style.animationName !== 'none' || style.scrollBehavior === 'smooth';
}).map(e => e.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("name", ["index.html", "decks/02_kinds_of_transfer.html"])
def test_who_asks_for_less_motion_gets_none(page: "sync_api.Page", site: Path, name: str) -> None:
    open_page(page, site, name)
    assert page.evaluate(MOVES) != []
    page.emulate_media(reduced_motion="reduce")
    try:
        assert page.evaluate(MOVES) == []
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_a_guess_is_kept_revealed_and_counted(page: "sync_api.Page", site: Path) -> None:
    open_page(page, site, "lectures/02_kinds_of_transfer.html")
    ask = awake(page, "guess")  # of choices: its result is stored
    ask.get_by_role("button", name="Commit").click()
    sync_api.expect(ask.get_by_role("alert")).to_have_text("Choose first, then commit.")
    choice = ask.get_by_role("radio").first
    choice.check()
    ask.get_by_role("button", name="Commit").click()
    sync_api.expect(ask.get_by_role("status")).to_contain_text("Committed:")
    page.reload()
    sync_api.expect(awake(page, "guess").get_by_role("status")).to_contain_text("Committed:")
    result = awake(page, "reveal", 1)
    result.get_by_role("button").click()
    sync_api.expect(result).to_contain_text("Measured")
    sync_api.expect(result).to_contain_text("urprise")
    sync_api.expect(awake(page, "surprises")).to_contain_text("of 1 results surprised you")


def settings_of(explorer: Explorer) -> dict[str, object]:
    return {c.name: c.value for c in explorer.controller.controls() if hasattr(c, "value")}


def test_random_settings_show_what_the_controller_says_now(
    page: "sync_api.Page", site: Path
) -> None:
    open_page(page, site, "lectures/02_kinds_of_transfer.html")
    awake(page, "explorer")
    page.evaluate(f"sorter = cs826tlSite.model('{FEW[0]}')")
    chance = random.Random(20)
    for _ in range(20):
        explorer = kind_sorter()
        page.evaluate(f"sorter = cs826tlSite.model('{FEW[0]}')")
        for name in ("case", "target", "source"):
            control = next(c for c in explorer.controller.controls() if c.name == name)
            value = chance.choice(control.options)
            explorer.set(name, value)
            message = {
                "do": "set",
                "changes": {name: value},
                "files": [],
                "ticket": "",
            }
            page.evaluate("message => sorter.send(message)", message)
        shown = page.evaluate("sorter.get('state')")
        now = json.loads(json.dumps(explorer.state))
        assert {k: shown[k] for k in ("status", "tables", "alt", "alert")} == {
            k: now[k] for k in ("status", "tables", "alt", "alert")
        }
        assert {c["name"]: c.get("value") for c in shown["controls"]} == {
            c["name"]: c.get("value") for c in now["controls"]
        }


def test_search_finds_a_page(page: "sync_api.Page", site: Path) -> None:
    page.goto(f"{(site / 'search.html').as_uri()}?q=transductive")
    sync_api.expect(page.locator("#search-results")).to_contain_text("Kinds of transfer")


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_pages_without_scrolling_sideways(
    page: "sync_api.Page", site: Path, name: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        open_page(page, site, name)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PAGES, "decks/02_kinds_of_transfer.html"])
def test_axe_finds_nothing_serious(
    page: "sync_api.Page", site: Path, name: str, theme: str
) -> None:
    page.emulate_media(color_scheme=theme)
    open_page(page, site, name)
    for kind in ("panel", "explorer", "guess", "quiz") if name in PAGES[:2] else ():
        if page.locator(f"[data-kind={kind}]").count():
            awake(page, kind)
    no_fetching = {"preload": False}  # of style sheets: a browser forbids it on a disk
    found = axe.Axe().run(page, options=no_fetching).response
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, [(v["id"], [n["html"][:200] for n in v["nodes"]][:3]) for v in grave]


def test_a_deck_shows_its_widgets_alive(page: "sync_api.Page", site: Path) -> None:
    page.goto((site / "decks" / "02_kinds_of_transfer.html").as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    page.evaluate("Reveal.configure({ transition: 'none', fragments: false })")
    page.evaluate(
        "Reveal.slide(...Object.values(Reveal.getIndices("
        "document.querySelector('[data-kind=explorer]').closest('section'))))"
    )
    sorter = page.locator("[data-kind=explorer]")
    sync_api.expect(sorter).to_have_attribute("data-alive", "true")
    sorter.get_by_label("yes").first.check()
    assert WANTING not in sorter.get_by_role("alert").inner_text()
    assert page.evaluate("Reveal.hasPlugin('notes')")
