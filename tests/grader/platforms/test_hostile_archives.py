"""Archives that try: nothing lands outside the work folder, sizes are bounded, nobody else pays."""

import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cs826tl_grader.marking.handed_in import MOST_ENTRIES
from cs826tl_grader.plain.notebook import LARGEST
from cs826tl_grader.platforms.intake import Received, receive
from cs826tl_grader.platforms.reading import CannotRead, files_of, zip_entries
from cs826tl_grader.platforms.unpacking import LONGEST_LIST, MOST_BYTES
from tests.grader.submissions import EXERCISE

NOTEBOOK = f"{EXERCISE}.ipynb"
MINE = "Ada_1_assignsubmission_file"
HONEST = "Grace_2_assignsubmission_file"
Members = list[tuple[zipfile.ZipInfo | str, bytes]]


def packed(members: Members, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as zipped:
        for name, content in members:
            zipped.writestr(name, content)
    return stream.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    member = zipfile.ZipInfo(name)
    member.create_system = 3  # Unix
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member, target.encode()


def climbing_paths() -> Members:
    paths = [
        "../../../evil", "/tmp/evil", "..\\..\\evil", "C:\\evil", "a/../../../../evil", "./..",
        "..", "~/evil", "", " ", "-rf", "CON", "a\nb", "x" * 300, "\u202egnp.exe",
    ]  # fmt: skip
    return [(f"{MINE}/{path}{suffix}", b"evil") for path in paths for suffix in ("", ".ipynb")]


def climbing_paths_in_a_zip_of_its_own() -> Members:
    below = [(str(name).partition("/")[2], content) for name, content in climbing_paths()]
    inner = packed([(name, content) for name, content in below if name])
    return [(f"{MINE}/mine.zip", inner)]


def a_folder_and_a_file_of_one_name() -> Members:
    return [(f"{MINE}/a.ipynb/b.ipynb", b"1"), (f"{MINE}/a.ipynb", b"2"), (f"{MINE}/a.ipynb/", b"")]


def links() -> Members:
    return [
        link(f"{MINE}/{NOTEBOOK}", "/etc/passwd"),
        link(f"{MINE}/folder", ".."),
        (f"{MINE}/folder/evil.ipynb", b"evil"),
    ]


def a_device() -> Members:
    member = zipfile.ZipInfo(f"{MINE}/{NOTEBOOK}")
    member.create_system, member.external_attr = 3, (stat.S_IFCHR | 0o666) << 16
    return [(member, b"")]


def a_bomb() -> Members:
    return [(f"{MINE}/{NOTEBOOK}", bytes(300 * 2**20))]


def a_bomb_in_zips_in_a_zip() -> Members:
    bomb = packed([(NOTEBOOK, bytes(150 * 2**20))])
    inner = packed([(f"{k}.zip", bomb) for k in range(20)])
    return [(f"{MINE}/{k}.zip", inner) for k in range(20)]


def ten_thousand_members_in_a_zip() -> Members:
    return [(f"{MINE}/many.zip", packed([(f"{k}.ipynb", b"") for k in range(10_000)]))]


def ten_thousand_members() -> Members:
    return [(f"{MINE}/{k}.ipynb", b"") for k in range(10_000)]


def zips_without_end() -> Members:
    content = b"{}"
    for _ in range(50):
        content = packed([("next.zip", content)])
    return [(f"{MINE}/next.zip", content)]


def a_password() -> Members:
    zipped = bytearray(packed([(NOTEBOOK, b"{}")]))
    for place in (zipped.find(b"PK\x03\x04") + 6, zipped.find(b"PK\x01\x02") + 8):
        zipped[place] |= 1
    return [(f"{MINE}/locked.zip", bytes(zipped))]


def a_greedy_method() -> Members:
    return [(f"{MINE}/lzma.zip", packed([(NOTEBOOK, b"{}" * 1000)], zipfile.ZIP_LZMA))]


def a_wrong_sum() -> Members:
    zipped = bytearray(packed([(NOTEBOOK, b"{}")], zipfile.ZIP_STORED))
    zipped[zipped.find(b"{}")] = ord("[")
    return [(f"{MINE}/damaged.zip", bytes(zipped))]


def a_lie_about_its_size() -> Members:
    zipped = bytearray(packed([(NOTEBOOK, b"{}" * 999)]))
    struct.pack_into("<L", zipped, zipped.find(b"PK\x01\x02") + 24, 0xFFFFFF00)
    return [(f"{MINE}/liar.zip", bytes(zipped))]


def halves_of_zips() -> Members:
    whole = packed([(NOTEBOOK, b"{}")])
    return [(f"{MINE}/{k}.zip", whole[:k]) for k in range(0, len(whole), 7)]


def names_in_every_encoding() -> Members:
    inner = packed([(f"{'x' * 8}-{k}.ipynb", b"{}") for k in range(4)])
    raw_names = [b"\xff\xfe\x00\xd8\x80\x81\x82\x83", "Übung1".encode().ljust(8)]
    raw_names += ["課題".encode("shift_jis").ljust(8), "ёж".encode("koi8_r").ljust(8)]
    for k, raw in enumerate(raw_names):
        inner = inner.replace(b"x" * 8 + b"-%d" % k, raw + b"-%d" % k)
    return [(f"{MINE}/names.zip", inner)]


def names_that_lie_about_their_encoding() -> Members:
    inner = bytearray(packed([("ü.ipynb", b"{}")]).replace("ü".encode(), b"\xff\xff"))
    return [(f"{MINE}/names.zip", bytes(inner))]


HOSTILE: list[Callable[[], Members]] = [
    climbing_paths, climbing_paths_in_a_zip_of_its_own, a_folder_and_a_file_of_one_name, links,
    a_device, a_bomb, a_bomb_in_zips_in_a_zip, ten_thousand_members_in_a_zip,
    ten_thousand_members, zips_without_end, a_password, a_greedy_method, a_wrong_sum,
    a_lie_about_its_size, halves_of_zips, names_in_every_encoding,
    names_that_lie_about_their_encoding,
]  # fmt: skip
SAID = {
    links: "it is a link, not a file",
    a_device: "it is a link, not a file",
    a_bomb_in_zips_in_a_zip: "the rest was left aside",
    ten_thousand_members_in_a_zip: "has too many members",
    ten_thousand_members: "the rest was left aside",
    a_password: "locked by a password",
    a_greedy_method: "use an ordinary zip",
    a_wrong_sum: "it is damaged",
    halves_of_zips: "no zip archive, or a damaged one",
    names_that_lie_about_their_encoding: "no zip archive, or a damaged one",
}


def received(folder: Path, members: Members) -> Received:
    what = folder / "deep" / "moodle.zip"
    what.parent.mkdir()
    what.write_bytes(packed([*members, (f"{HONEST}/{NOTEBOOK}", b'{"honest": 1}')]))
    return receive(what, folder / "deep" / "work", None, None)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.__name__)
def test_whatever_is_packed_it_stays_inside_and_small(
    tmp_path: Path, hostile: Callable[[], Members]
) -> None:
    before = {*Path("/tmp").glob("evil*")}
    found = received(tmp_path, hostile())
    work = tmp_path / "deep" / "work"
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"moodle.zip", "work"}
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert {*Path("/tmp").glob("evil*")} == before
    assert {path.name for path in work.iterdir()} <= {"Ada_1", "Grace_2"}
    written = [path for path in work.rglob("*") if path.is_symlink() or path.is_file()]
    assert not any(path.is_symlink() for path in written)
    mine = [path for path in written if path.is_relative_to(work / "Ada_1")]
    assert len(mine) <= MOST_ENTRIES
    assert sum(path.stat().st_size for path in mine) <= MOST_BYTES
    assert max((path.stat().st_size for path in mine), default=0) <= LARGEST + 1
    assert (work / "Grace_2" / NOTEBOOK).read_bytes() == b'{"honest": 1}'
    rows = {row.student: row for row in found.rows if row.status == "received"}
    assert rows["Grace_2"].reason == ""
    assert SAID.get(hostile, "") in rows["Ada_1"].reason


def test_a_notebook_among_ten_thousand_other_files_is_found(tmp_path: Path) -> None:
    many: Members = [(f"{MINE}/{k}.png", b"") for k in range(10_000)]
    found = received(tmp_path, [*many, (f"{MINE}/{NOTEBOOK}", b"{}")])
    assert (found.folder / "Ada_1" / NOTEBOOK).read_bytes() == b"{}"


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"no zip" * 9999, bytes(70_000)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(CannotRead, match="no zip archive"), files_of(tmp_path / "a.zip"):
        pass


def test_a_list_of_members_longer_than_its_file_is_refused(tmp_path: Path) -> None:
    zipped = bytearray(packed([("a", b"")]))
    struct.pack_into("<L", zipped, zipped.find(b"PK\x05\x06") + 12, 0xFFFFFFFF)
    (tmp_path / "a.zip").write_bytes(zipped)
    with pytest.raises(CannotRead, match="damaged"), files_of(tmp_path / "a.zip"):
        pass


def two_lists(members: int) -> bytes:
    """Return a zip that has a short list, and a long one where readers of large zips look first."""
    whole = packed([("a", b"")])
    start, end = whole.find(b"PK\x01\x02"), whole.find(b"PK\x05\x06")
    size = members * (end - start)
    where = (b"PK\x06\x06", 44, 45, 45, 0, 0, members, members, size, start)
    listed = whole[start:end] * members + struct.pack("<4sQ2H2L4Q", *where)
    there = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    return whole[:start] + listed + there + whole[end:]


def test_the_list_that_large_zips_have_is_bounded_too(tmp_path: Path) -> None:
    assert len(zipfile.ZipFile(io.BytesIO(two_lists(5))).infolist()) == 5
    hostile = packed([("many.zip", two_lists(300_000))])
    assert len(hostile) < 775_000
    tracemalloc.start()
    with pytest.raises(CannotRead, match="too many members"):
        zip_entries(io.BytesIO(two_lists(300_000)), "many.zip", LONGEST_LIST)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * 2**20
    found = received(tmp_path, [(f"{MINE}/many.zip", two_lists(300_000))])
    assert "too many members" in next(r.reason for r in found.rows if r.student == "Ada_1")


@pytest.mark.parametrize("notebook_first", [True, False])
def test_what_lies_in_a_zip_takes_no_name_from_what_lies_beside_it(
    tmp_path: Path, notebook_first: bool
) -> None:
    beside = [("a.zip", packed([("q.ipynb/k.ipynb", b"in")])), ("a.zip_q.ipynb", b"out")]
    members = [(f"{MINE}/{name}", content) for name, content in beside]
    found = received(tmp_path, members[:: -1 if notebook_first else 1])
    texts = [path.read_bytes() for path in (found.folder / "Ada_1").rglob("*") if path.is_file()]
    assert sorted(texts) == [b"in", b"out"]
    assert {row.status for row in found.rows} == {"received"}
