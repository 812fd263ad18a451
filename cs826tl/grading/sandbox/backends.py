"""What confines a submission here: bubblewrap, else Landlock and seccomp through sandlock."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cs826tl.assets.cache import cache_dir
from cs826tl.grading.sandbox.limits import FILES, PROCESSES
from cs826tl.grading.sandbox.syscalls import can_refuse

PACKAGE = Path(__file__).resolve().parents[2]
WORK = Path("/submission")  # the working folder under bubblewrap
SCRATCH = (Path("/tmp"), Path("/dev/shm"))  # under bubblewrap a submission may write here too
COURSE = Path("/run/course")  # the way to the package under bubblewrap
DISK = 256 * 2**20  # bytes of each of these folders
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SETTINGS = (  # of /etc, where more lies that is nobody's business
    "ld.so.*", "alternatives", "localtime", "timezone", "fonts", "passwd", "group",
    "nsswitch.conf", "mime.types", "python3*",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


class NoSandbox(RuntimeError):
    """Nothing on this machine can confine code; the message says what would help."""


def backend(wanted: str = "") -> str:
    """Return how submissions are confined here, `bubblewrap` before `sandlock`; else `NoSandbox`.

    `wanted` asks for one of the two.
    """
    if can_refuse():
        if wanted != "sandlock" and _has_bubblewrap():
            return "bubblewrap"
        if wanted != "bubblewrap" and _has_sandlock():
            return "sandlock"
    raise NoSandbox(
        "nothing here can confine a student's code: install bubblewrap (apt install bubblewrap), "
        "or use Linux 6.12 or later with `pip install 'cs826tl[grade]'`; "
        "--unsandboxed grades without protection"
    )


def _has_bubblewrap() -> bool:
    if shutil.which("bwrap") is None:
        return False
    tried = subprocess.run(_bubblewrap(["true"], PACKAGE, []), capture_output=True, check=False)
    return tried.returncode == 0


def _has_sandlock() -> bool:
    with contextlib.suppress(ImportError, OSError):
        import sandlock

        return bool(sandlock.landlock_abi_version() >= sandlock.min_landlock_abi())
    return False


def start(how: str, home: Path, module: str, hidden: Sequence[Path]) -> Any:
    """Start a module confined, with pipes to it; it gets its working folder and `how` as words.

    `home` is an empty folder; nobody inside sees `hidden`. Raises `NoSandbox` where that cannot be.
    """
    scratch, code = home / "work", home / "code"
    scratch.mkdir()
    code.mkdir()  # a way to the package, but to nothing that lies beside it
    (code / "cs826tl").symlink_to(PACKAGE)
    inner, seen = (WORK, COURSE) if how == "bubblewrap" else (scratch, code)
    environment = _environment(inner, seen)
    command = [sys.executable, "-P", "-m", module, str(inner), how]
    if how == "sandlock":
        if exposed := in_sight(hidden):
            raise NoSandbox(f"{exposed[0]} lies in a folder that submissions must read: move it")
        return _sandlock(command, home, environment)
    if how == "bubblewrap":
        command = _bubblewrap(command, code, hidden)
    return subprocess.Popen(
        command, env=environment, bufsize=0, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def in_sight(hidden: Sequence[Path]) -> list[Path]:
    """Return those of the hidden places that lie in a folder that a sandbox has to read."""
    readable = [Path(p).resolve() for p in (*SYSTEM, *_readable())]
    return [p for p in hidden if any(p.is_relative_to(folder) for folder in readable)]


def _system() -> list[str]:
    settings = [found for name in SETTINGS for found in glob.glob(f"/etc/{name}")]
    return [*(p for p in SYSTEM if os.path.exists(p)), *settings]


def _readable() -> list[str]:
    """Return the folders with Python, its packages, the course's code and its data."""
    own = [Path(site.getusersitepackages())] if site.ENABLE_USER_SITE else []
    wanted = [Path(sys.prefix), Path(sys.base_prefix), *own, PACKAGE, cache_dir()]
    return [str(p) for p in dict.fromkeys(p.resolve() for p in wanted) if p.exists()]


def _environment(home: Path, code: Path) -> dict[str, str]:
    """Return the little that a submission is told of the machine."""
    own = {"HOME": str(home), "TMPDIR": str(home), "CS826TL_HOME": str(cache_dir())}
    quiet = {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(home), "TQDM_DISABLE": "1"}
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    python = {
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
    }
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **own, **quiet, **threads, **python}


def _bubblewrap(command: Sequence[str], code: Path, hidden: Sequence[Path]) -> list[str]:
    """Return the command in namespaces of its own: no network, no other process, few folders.

    It can write to its working folder, `/tmp` and `/dev/shm` only, each of bounded size. What has
    to be readable inside `/tmp` lies in folders that cannot be written.
    """
    within = [Path(p).parts[2] for p in _readable() if Path(p).is_relative_to("/tmp")]
    fixed = [f"/tmp/{name}" for name in dict.fromkeys(within)]
    size = ("--size", str(DISK), "--tmpfs")
    readable = [a for p in (*_system(), *_readable()) for a in ("--ro-bind", p, p)]
    covered = [a for p in in_sight(hidden) for a in ("--tmpfs", str(p), "--remount-ro", str(p))]
    return [
        shutil.which("bwrap") or "bwrap", "--unshare-all", "--unshare-user", "--die-with-parent",
        "--new-session", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev",
        *(a for p in SCRATCH for a in (*size, str(p))), *(a for p in fixed for a in ("--tmpfs", p)),
        *readable, "--ro-bind", str(code), str(COURSE), *covered, *size, str(WORK),
        *(a for p in (*fixed, "/dev", "/") for a in ("--remount-ro", p)),
        "--chdir", "/", "--", "/usr/bin/env", *command,
    ]  # fmt: skip


def _sandlock(command: Sequence[str], home: Path, environment: dict[str, str]) -> Any:
    """Start the command confined by Landlock and seccomp."""
    import sandlock

    box = sandlock.Sandbox(
        fs_readable=[*_system(), *_readable(), "/proc", str(home), *DEVICES],
        fs_writable=[str(home / "work"), "/dev/null"],
        max_processes=PROCESSES, max_open_files=FILES,
        clean_env=True, env=environment,
    )  # fmt: skip
    piped = sandlock.StdioMode.PIPED
    return box.popen(command, stdin=piped, stdout=piped, stderr=piped)
