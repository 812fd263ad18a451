"""A real JupyterHub: its proxy, users made for it, their servers and their kernels."""

import contextlib
import grp
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

CHECKOUT = Path(__file__).resolve().parents[2]
CONFIG = CHECKOUT / "deploy" / "jupyterhub_config.py"
BESIDE = Path(sys.executable).parent
PROXIES = CHECKOUT / "build" / "hub" / "node_modules" / ".bin"
PATIENCE = 600  # seconds, for one cell or for a server to start


def why_not() -> str:
    """Return why no hub can be started here, or an empty text."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "a hub for several users has to be started by root, on Linux"
    for program in ("useradd", "userdel", "git", "node"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not (PROXIES / "configurable-http-proxy").exists():
        return f"configurable-http-proxy is not in {PROXIES}: `make hub` installs it"
    if not (BESIDE / "jupyterhub-singleuser").exists():
        return "JupyterHub is not installed: pip install -e '.[dev]'"
    try:
        command = [sys.executable, "-c", "import cs826tl.course, jupyterhub, jupyterlab"]
        done = subprocess.run(command, user="nobody", cwd="/", capture_output=True, check=False)
        reachable = done.returncode == 0
    except OSError:
        reachable = False
    return "" if reachable else (
        f"ordinary users cannot enter {sys.prefix} or {sys.base_prefix}: clone to a folder that"
        " everybody may read, such as /srv, and make .venv with a Python such as /usr/bin/python3"
    )  # fmt: skip


@dataclass(frozen=True)
class Student:
    """An ordinary user of this machine."""

    name: str
    home: Path

    @property
    def uid(self) -> int:
        """The number under which their processes run."""
        return pwd.getpwnam(self.name).pw_uid


@contextlib.contextmanager
def students(names: Sequence[str], homes: Path) -> Iterator[list[Student]]:
    """Make users of this machine with homes of their own, and remove them afterwards."""
    made = []
    try:
        for name in names:
            home = homes / name
            command = ["useradd", "--create-home", "--home-dir", str(home), name]
            subprocess.run(command, check=True, capture_output=True)
            made.append(Student(name, home))
        yield made
    finally:
        for student in made:
            subprocess.run(["userdel", "--remove", student.name], check=False, capture_output=True)
            with contextlib.suppress(KeyError):
                subprocess.run(["groupdel", grp.getgrnam(student.name).gr_name], check=False)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the repositories in a folder on loopback, to be cloned from."""
    (port,) = free_ports(1)
    where = (f"--base-path={folder}", "--listen=127.0.0.1", f"--port={port}", str(folder))
    daemon = subprocess.Popen(["git", "daemon", "--export-all", *where])
    try:
        yield f"git://127.0.0.1:{port}"
    finally:
        daemon.terminate()
        daemon.wait(60)


class Hub:
    """A running hub, and what a student's browser would ask of it."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self._token = token

    def ask(self, path: str, method: str = "GET", content: object = None) -> Any:
        """Return the JSON, or else the text, that the hub or a student's server answers."""
        request = urllib.request.Request(
            f"{self.address}/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"Authorization": f"token {self._token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read().decode()
        with contextlib.suppress(ValueError):
            return json.loads(text)
        return text

    def log_in(self, student: Student) -> None:
        """Make the student known and start their server."""
        self.ask(f"hub/api/users/{student.name}", "POST")
        self.ask(f"hub/api/users/{student.name}/server", "POST")
        wait_for(lambda: self.ask(f"hub/api/users/{student.name}")["server"])

    def pull(self, student: Student, repository: str) -> str:
        """Pull a repository into the student's home, as a link of nbgitpuller does."""
        return str(self.ask(f"user/{student.name}/git-pull/api?repo={repository}&branch=main"))

    def run(self, student: Student, path: str) -> list[str]:
        """Run a notebook of the student's in a kernel of their server; return what it printed.

        Raises AssertionError for a cell that fails.
        """
        place = f"user/{student.name}/api"
        notebook = self.ask(f"{place}/contents/{path}")["content"]
        folder = path.rpartition("/")[0]
        kernel = self.ask(f"{place}/kernels", "POST", {"name": "python3", "path": folder})["id"]
        with contextlib.closing(self._channels(student, kernel)) as channels:
            printed = [
                said
                for cell in nbformat.from_dict(notebook).cells
                if cell.cell_type == "code"
                for said in _run_cell(channels, cell.source)
            ]
        self.ask(f"{place}/kernels/{kernel}", "DELETE")
        return printed

    def _channels(self, student: Student, kernel: str) -> Any:
        import websocket

        address = f"ws{self.address.removeprefix('http')}"
        return websocket.create_connection(
            f"{address}/user/{student.name}/api/kernels/{kernel}/channels",
            header=[f"Authorization: token {self._token}"],
            timeout=PATIENCE,
        )


def _run_cell(channels: Any, code: str) -> Iterator[str]:
    """Run one cell over Jupyter's protocol, until the kernel is idle again."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": "hub"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"header": header | {"version": "5.3"}, "parent_header": {}, "metadata": {}}
    channels.send(json.dumps({**message, "content": content, "channel": "shell"}))
    while True:
        answer = json.loads(channels.recv())
        if answer["parent_header"].get("msg_id") != number:
            continue
        kind, said = answer["msg_type"], answer["content"]
        assert kind != "error", f"{said['ename']}: {said['evalue']} in\n{code}"
        if kind == "stream":
            yield said["text"]
        if kind == "status" and said["execution_state"] == "idle":
            return


def wait_for(condition: Any, patience: float = PATIENCE) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


@contextlib.contextmanager
def running_hub(folder: Path, shared: Path) -> Iterator[Hub]:
    """Start a hub with the course's own configuration, every port of it on loopback."""
    ports, token = free_ports(3), secrets.token_hex(16)
    (folder / "jupyterhub_config.py").write_text(_config(ports, token, shared))
    command = [sys.executable, "-m", "jupyterhub", "--config", "jupyterhub_config.py"]
    path = os.pathsep.join([str(BESIDE), str(PROXIES), os.environ["PATH"]])
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"PATH": path}, stdout=log, stderr=log
        )
    hub = Hub(f"http://127.0.0.1:{ports[0]}", token)
    try:
        wait_for(lambda: _answers(hub, process, folder / "hub.log"), 60)
        yield hub
    finally:
        process.terminate()  # it ends its proxy and its users' servers
        process.wait(60)


def _answers(hub: Hub, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert process.poll() is None, f"the hub has ended: {log.read_text()[-2000:]}"
    try:
        return bool(hub.ask("hub/api/info"))
    except (OSError, urllib.error.URLError):
        return False


def free_ports(number: int) -> list[int]:
    """Return ports on which nothing listens."""
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)
        ]
        return [one.getsockname()[1] for one in sockets]


def _config(ports: Sequence[int], token: str, shared: Path) -> str:
    """Return the course's configuration, with what only a test wants after it."""
    public, private, proxy = ports
    return f"""
c = get_config()
load_subconfig({str(CONFIG)!r})
c.Spawner.environment.update({{"CS826TL_SHARED": {str(shared)!r}}})
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{private}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.JupyterHub.services = [{{"name": "lecturer", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "lecturer", "services": ["lecturer"],
      "scopes": ["admin:users", "admin:servers", "access:servers", "read:hub"]}}
]
"""
