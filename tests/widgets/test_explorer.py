"""The explorer without a browser: controls, pictures, work, errors, what is stored."""

import asyncio
import base64
import json
import re
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from matplotlib.axes import Axes

from cs826tl.widgets.controllers import Progress, Table, View
from cs826tl.widgets.controls import Choice, Control, File, Number, Press, Words
from cs826tl.widgets.explorer import Explorer


class Playground:
    """A controller with every kind of control."""

    title, help = "Playground", "Move things."

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"colour": "red", "x": 2, "y": 0.1, "words": ""}
        self.looks = self.pieces = 0
        self.closed = False

    def controls(self) -> tuple[Control, ...]:
        extra = (Press("more", "More"),) if self.values["words"] == "more" else ()
        return (
            Choice("colour", "Colour", ("red", "blue"), self.values["colour"]),
            Number("x", "Across", 0, 10, 1, self.values["x"]),
            Number("y", "Up", 0.01, 10, 0.01, self.values["y"]),
            Words("words", "Words", self.values["words"]),
            File("file", "File"),
            Press("work", "Work"),
            *extra,
        )

    def set(self, name: str, value: Any) -> None:
        if value == "fail":
            raise ValueError("no such word")
        self.values[name] = value

    def view(self) -> View:
        self.looks += 1
        if self.values["words"] == "unseen":
            raise RuntimeError("cannot look")
        table = Table("All", ("what", "value"), tuple((k, str(v)) for k, v in self.values.items()))
        return View(f"{self.pieces} pieces", (table,), self.draw, (5, 3), "A point.")

    def draw(self, ax: Axes) -> None:
        ax.plot(self.values["x"], self.values["y"], "o")
        ax.set(xlim=(0, 10), ylim=(0.01, 10), yscale="log")

    def press(self, name: str) -> Iterator[Progress]:
        try:
            for self.pieces in range(1, 1001):
                if self.values["words"] == "break":
                    raise RuntimeError("the work broke")
                yield Progress(self.pieces / 1000, f"piece {self.pieces}")
        finally:
            self.closed = True


def message(explorer: Explorer, content: dict[str, Any], buffers: tuple[bytes, ...] = ()) -> None:
    explorer._handle_custom_msg(content, [memoryview(b) for b in buffers])


def request(**given: Any) -> dict[str, Any]:
    return {"do": "set", "ticket": "7", "changes": {}, "files": []} | given


def size(explorer: Explorer) -> tuple[int, int]:
    png = base64.b64decode(explorer.picture.partition(",")[2])
    return struct.unpack(">II", png[16:24])  # type: ignore[return-value]


def test_a_change_is_served_and_all_is_json() -> None:
    explorer = Explorer(Playground())
    before = explorer.picture
    message(explorer, request(changes={"colour": "blue", "x": 3.4, "words": "  hello "}))
    state = json.loads(json.dumps(explorer.state))
    values = {c["name"]: c.get("value") for c in state["controls"]}
    assert values == {
        "colour": "blue", "x": 3, "y": 0.1, "words": "hello", "file": None, "work": None
    }  # fmt: skip
    assert [c["kind"] for c in state["controls"]][-2:] == ["File", "Press"]
    assert state["tables"][0]["rows"][0] == ["colour", "blue"]
    assert state["served"] == "7"
    assert explorer.picture != before
    assert size(explorer)[0] / size(explorer)[1] == pytest.approx(5 / 3, abs=0.01)
    assert state["size"] == [500, 300]


def test_controls_may_come_and_go() -> None:
    explorer = Explorer(Playground())
    explorer.set("words", "more")
    assert explorer.state["controls"][-1]["label"] == "More"
    explorer.set("words", "")
    assert explorer.state["controls"][-1]["label"] == "Work"


def test_a_file_arrives_as_bytes() -> None:
    controller = Playground()
    message(Explorer(controller), request(files=["file"]), (b"\x00picture",))
    assert controller.values["file"] == b"\x00picture"


@pytest.mark.parametrize(
    ("name", "value", "alert"),
    [
        ("words", "fail", "no such word"),
        ("colour", "green", "no Colour named 'green'"),
        ("x", "far", "could not convert"),
        ("work", 1, "Work is a button"),
        ("words", "unseen", "RuntimeError: cannot look"),
    ],
)
def test_what_goes_wrong_is_shown_and_the_next_change_clears_it(
    name: str, value: object, alert: str
) -> None:
    explorer = Explorer(Playground())
    before = explorer.picture
    explorer.set(name, value)
    assert explorer.state["alert"].startswith(alert)
    assert explorer.picture == before
    explorer.set("words", "fine")
    assert explorer.state["alert"] == ""


def test_a_name_that_does_not_exist_is_refused_at_the_call() -> None:
    explorer = Explorer(Playground())
    with pytest.raises(
        ValueError, match=r"no control named 'colours'. Did you mean 'colour'\?"
    ) as e:
        explorer.set("colours", "red")
    assert str(e.value).endswith("Choose from: colour, x, y, words, file, work")
    for name in ("go", "words"):  # one that is not there, and one that is no button
        with pytest.raises(ValueError, match=f"no button named '{name}'.* Choose from: work"):
            explorer.press(name)
    assert explorer.controller.values["colour"] == "red"
    assert explorer.state["alert"] == ""
    message(explorer, request(changes={"colours": "blue"}))  # from a page nobody can see a raise
    assert explorer.state["alert"].startswith("no control named 'colours'")


def test_the_picture_and_what_is_said_of_it_arrive_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explorer = Explorer(Playground())
    sent: list[set[str]] = []
    monkeypatch.setattr(
        Explorer,
        "send_state",
        lambda self, key=None: sent.append({key} if isinstance(key, str) else {*key}),
    )
    explorer.set("x", 7)
    assert sent == [{"picture", "state"}]


def test_a_stored_explorer_has_its_picture_for_print_too() -> None:
    explorer = Explorer(Playground())
    data, _ = explorer._repr_mimebundle_()
    assert f"data:image/png;base64,{data['image/png']}" in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_what_is_wrong_from_the_start_is_raised() -> None:
    controller = Playground()
    controller.values["words"] = "unseen"
    with pytest.raises(RuntimeError, match="cannot look"):
        Explorer(controller)


def test_work_runs_to_its_end_without_an_event_loop() -> None:
    explorer = Explorer(Playground())
    explorer.press("work")
    assert explorer.state["status"] == "1000 pieces"
    assert not explorer.state["busy"]
    assert explorer.state["progress"] is None


def test_work_in_an_event_loop_shows_progress_and_listens_to_stop() -> None:
    controller = Playground()
    seen: list[dict[str, Any]] = []

    async def scenario() -> Explorer:
        explorer = Explorer(controller)
        message(explorer, {"do": "press", "name": "work"})
        explorer.press("work")  # a double click works once
        await asyncio.sleep(0.001)
        seen.append(explorer.state)
        message(explorer, request(changes={"x": 9}))  # waits for nobody, is told so, does nothing
        seen.append(explorer.state)
        message(explorer, {"do": "stop"})
        while explorer.state["busy"]:
            await asyncio.sleep(0)
        return explorer

    explorer = asyncio.run(asyncio.wait_for(scenario(), 60))
    assert [state["busy"] for state in seen] == [True, True]
    assert 0 <= seen[1]["progress"]["fraction"] < 1
    assert seen[1]["served"] == "7"
    assert controller.values["x"] == 2
    assert controller.pieces < 1000
    assert controller.closed
    assert explorer.state["status"] == f"{controller.pieces} pieces"


def test_work_that_breaks_says_so_and_can_be_started_again() -> None:
    controller = Playground()
    controller.values["words"] = "break"
    explorer = Explorer(controller)
    explorer.press("work")
    assert explorer.state["alert"] == "RuntimeError: the work broke"
    assert not explorer.state["busy"]
    controller.values["words"] = ""
    explorer.press("work")
    assert explorer.state["alert"] == ""
    assert controller.pieces == 1000


def test_while_work_goes_on_pictures_take_a_small_share_of_the_time() -> None:
    controller = Playground()
    explorer = Explorer(controller)
    steps = explorer._pressed("work")
    next(steps)
    looks = controller.looks
    for _ in range(100):
        next(steps)
        explorer.show()
    assert explorer.state["progress"]["label"] == "piece 100"
    assert controller.looks < looks + 50


def test_a_stored_notebook_keeps_title_picture_and_what_can_be_set() -> None:
    data, _ = Explorer(Playground())._repr_mimebundle_()
    page = re.sub('base64,[^"]+', "", data["text/html"])
    assert page == (
        '<p><b>Playground.</b> Run this cell to explore it.</p><img alt="A point." '
        'src="data:image/png;"><table><tr><th>You set</th><th>to</th></tr>'
        "<tr><th>Colour</th><td>red, blue</td></tr><tr><th>Across</th><td>0 to 10 in steps of 1"
        "</td></tr><tr><th>Up</th><td>0.01 to 10 in steps of 0.01</td></tr><tr><th>Words</th><td>"
        "words of your own</td></tr><tr><th>File</th><td>a file of your own</td></tr><tr><th>Work"
        "</th><td>a button</td></tr></table>"
    )
    assert data["text/plain"] == "Playground: run this cell to use it"
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize(
    ("given", "fitted"), [(-5, 0.5), (99, 3.5), (1.04, 1.0), (1.9, 2.0), ("2.5", 2.5)]
)
def test_a_number_is_fitted_to_its_range_and_steps(given: object, fitted: float) -> None:
    assert Number("n", "n", 0.5, 3.7, 0.5, 1).fitted(given) == fitted


def test_whole_numbers_stay_whole() -> None:
    assert isinstance(Number("n", "n", 1, 9, 2, 1).fitted(4.9), int)


@pytest.mark.parametrize(
    ("low", "high", "step", "value"), [(1, 1, 1, 1), (0, 1, 0, 0), (0, 1, 0.1, 2)]
)
def test_an_impossible_number_is_refused(low: float, high: float, step: float, value: float):
    with pytest.raises(
        ValueError, match="low < high, low ≤ value ≤ high and a step above 0 are needed"
    ):
        Number("n", "n", low, high, step, value)


def test_a_picture_needs_words() -> None:
    with pytest.raises(ValueError, match="needs alt"):
        View("all well", draw=lambda ax: ax)
