"""What confines a submission here: bubblewrap, else Landlock and seccomp through sandlock."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
import site
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from socket import socket
from typing import IO, Any

import cs826tl
from cs826tl.assets.cache import cache_dir, places
from cs826tl_grader.sandbox import landlocked
from cs826tl_grader.sandbox.limits import FILES, PROCESSES, user_for_sandbox
from cs826tl_grader.sandbox.syscalls import can_refuse

GRADER = Path(__file__).resolve().parents[1]
PACKAGES = {"cs826tl": Path(cs826tl.__file__).resolve().parent, "cs826tl_grader": GRADER}
WORK = Path("/submission")  # the working folder under bubblewrap
SCRATCH = (Path("/tmp"), Path("/dev/shm"))  # under bubblewrap a submission may write here too
COURSE = Path("/run/course")  # the way to the packages under bubblewrap
DISK = 256 * 2**20  # bytes of each of these folders
FIXED = ("/dev/pts", "/dev")  # where it could make terminals, and their buffers
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SETTINGS = (  # of /etc, where more lies that is nobody's business
    "ld.so.*", "alternatives", "localtime", "timezone", "fonts", "passwd", "group",
    "nsswitch.conf", "mime.types", "python3*",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/urandom", "/dev/random")  # mapped, `zero` would be shared memory
# What the first process needs to mount fresh folders and to give up its rights for others, and what
# it takes to become another user first. A submission has none of these.
RIGHTS, BECOMING = ("CAP_SYS_ADMIN", "CAP_SETPCAP"), ("CAP_CHOWN", "CAP_SETUID", "CAP_SETGID")


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
    command = _bubblewrap(["unshare", "--mount", "true"], GRADER, [])
    tried = subprocess.run(command, capture_output=True, check=False)
    return tried.returncode == 0


def _has_sandlock() -> bool:
    with contextlib.suppress(ImportError, OSError):
        import sandlock

        if sandlock.landlock_abi_version() >= sandlock.min_landlock_abi():
            if user_for_sandbox() is not None:
                require_open()
            return True
    return False


def start(
    how: str,
    home: Path,
    module: str,
    hidden: Sequence[Path],
    control: socket,
    complaints: IO[bytes],
) -> tuple[subprocess.Popen[bytes], Path | None]:
    """Start a module confined, with a socket as its standard input; it is told its working folder.

    Returns the process and the folder in which it writes to the disk, None where it cannot. `home`
    is an empty folder; nobody inside sees `hidden`. Raises `NoSandbox` where that cannot be.
    """
    scratch, code, user = home / "work", home / "code", user_for_sandbox()
    scratch.mkdir()
    own = scratch / "own"  # made anew for each submission, which can write there only
    code.mkdir()
    for name, folder in PACKAGES.items():
        (code / name).symlink_to(folder)  # to the packages, but to nothing that lies beside them
    inner, seen = (WORK, COURSE) if how == "bubblewrap" else (own, code)
    command = [sys.executable, "-P", "-m", module, str(inner), how]
    options: dict[str, Any] = {}
    if how == "bubblewrap":
        command = _bubblewrap([*command, *([] if user is None else [str(user)])], code, hidden)
    elif user is not None:
        home.chmod(0o755)
        require_open(home)
        os.chown(scratch, user, user)
        options = {"user": user, "group": user, "extra_groups": []}
    if how == "sandlock":
        command = _sandlock(command, home, hidden)
    process = subprocess.Popen(
        command, env=_environment(inner, seen), start_new_session=True, **options,
        stdin=control.fileno(), stdout=subprocess.DEVNULL, stderr=complaints,
    )  # fmt: skip
    return process, None if how == "bubblewrap" else scratch


def require_open(*folders: Path) -> None:
    """Raise `NoSandbox` where an ordinary user cannot enter these and what a submission reads."""
    for place in (*map(Path, (*_readable(), *_places())), *folders):
        for folder in (*reversed(place.parents), place):
            if not folder.stat().st_mode & stat.S_IXOTH:
                raise NoSandbox(
                    "submissions never run as root, and without bubblewrap an ordinary user would "
                    f"have to enter {folder}, where only its owner may: grade as an ordinary user, "
                    f"install bubblewrap (apt install bubblewrap), or chmod o+x {folder}"
                )


def in_sight(hidden: Sequence[Path]) -> list[Path]:
    """Return those of the hidden places that lie in a folder that a sandbox has to read."""
    readable = [str(Path(p).resolve()) for p in (*SYSTEM, *_readable())]
    return [p for p in hidden if _is_in(p, readable)]


def readable_inside() -> list[str]:
    """Return what a submission may read, as it is called inside its sandbox."""
    return [*_system(), *_readable(), *filter(None, sys.path)]


def _system() -> list[str]:
    settings = [found for name in SETTINGS for found in glob.glob(f"/etc/{name}")]
    return [*(p for p in SYSTEM if os.path.exists(p)), *settings]


def _readable() -> list[str]:
    """Return the folders with Python, its packages, the course's code and its data."""
    return list(dict.fromkeys(_places().values()))


def _places() -> dict[str, str]:
    """Return them by what they are called, which may be a link, as an environment can be."""
    own = [Path(site.getusersitepackages())] if site.ENABLE_USER_SITE else []
    wanted = [Path(sys.prefix), Path(sys.base_prefix), *own, *PACKAGES.values(), *places()]
    return {str(p.absolute()): str(p.resolve()) for p in wanted if p.exists()}


def _is_in(place: Path | str, folders: Sequence[str]) -> bool:
    return any(Path(place).is_relative_to(folder) for folder in folders)


def _environment(home: Path, code: Path) -> dict[str, str]:
    """Return the little that a submission is told of the machine."""
    own = {"HOME": str(home), "TMPDIR": str(home), "CS826TL_HOME": str(cache_dir())}
    shared = {"CS826TL_SHARED": str(places()[0])}
    quiet = {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(home), "TQDM_DISABLE": "1"}
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    python = {
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
    }
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **own, **shared, **quiet, **threads, **python}


def _bubblewrap(command: Sequence[str], code: Path, hidden: Sequence[Path]) -> list[str]:
    """Return the command in namespaces of its own: no network, no other process, few folders.

    It can write to its working folder, `/tmp` and `/dev/shm` only, each of bounded size. What has
    to be readable inside `/tmp` lies in folders that cannot be written. Root keeps what it takes to
    become another user, and the first process inside does so.
    """
    mounted = [*_system(), *_readable()]
    links = {name: real for name, real in _places().items() if not _is_in(name, mounted)}
    within = [Path(p).parts[2] for p in [*mounted, *links] if Path(p).is_relative_to("/tmp")]
    fixed = [f"/tmp/{name}" for name in dict.fromkeys(within)]
    size = ("--size", str(DISK), "--tmpfs")
    parents = [str(p) for m in [*mounted, *links, str(COURSE)] for p in reversed(Path(m).parents)]
    readable = [a for p in mounted for a in ("--ro-bind", p, p)]
    linked = [a for name, real in links.items() for a in ("--symlink", real, name)]
    covered = [a for p in in_sight(hidden) for a in ("--tmpfs", str(p), "--remount-ro", str(p))]
    rights = (*RIGHTS, *(BECOMING if os.geteuid() == 0 else ()))
    return [
        shutil.which("bwrap") or "bwrap", *("--unshare-user" for _ in range(os.geteuid() != 0)),
        *(f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")),
        "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL",
        *(a for right in rights for a in ("--cap-add", right)),
        "--proc", "/proc", "--dev", "/dev", "--ro-bind", "/dev/null", "/dev/zero",
        *(a for p in SCRATCH for a in (*size, str(p))), *(a for p in fixed for a in ("--tmpfs", p)),
        *(a for p in dict.fromkeys(parents) for a in ("--dir", p)),
        *readable, *linked, "--ro-bind", str(code), str(COURSE), *covered, *size, str(WORK),
        "--tmpfs", "/dev/pts", *(a for p in (*fixed, *FIXED, "/") for a in ("--remount-ro", p)),
        "--chdir", "/", "--", "/usr/bin/env", *command,
    ]  # fmt: skip


def _sandlock(command: Sequence[str], home: Path, hidden: Sequence[Path]) -> list[str]:
    """Return the command confined by Landlock and seccomp."""
    if exposed := in_sight(hidden):
        raise NoSandbox(f"{exposed[0]} lies in a folder that submissions must read: move it")
    policy = {
        "fs_readable": [*_system(), *_readable(), "/proc", str(home), *DEVICES],
        "fs_writable": [str(home / "work"), "/dev/null"],
        "max_processes": PROCESSES,
        "max_open_files": FILES,
    }
    words = [sys.executable, "-P", "-m", landlocked.__name__, json.dumps(policy)]
    return [*words, *command]
