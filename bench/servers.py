"""Servers to measure, on this machine only: this site, plain Datasette, and this site behind nginx; each is ended with the block that started it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT, BenchError
from scripts.package import Package
from scripts.serve import datasette_arguments, write_site_files

PATIENCE = 120  # seconds for a server to come up
HOST = "example.org"  # whom deploy/nginx.conf serves
UVICORN = [sys.executable, "-m", "uvicorn", "deploy.asgi:application", "--no-access-log", "--log-level", "warning", "--uds"]


@dataclass(frozen=True)
class Server:
    """A running server: its address and its process."""

    address: str
    pid: int

    def get(self, path: str, host: str | None = None) -> bytes:
        """The answer at a path. Raises BenchError where it is not 200."""
        request = urllib.request.Request(self.address + path, headers={"Host": host} if host else {})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise BenchError(f"{self.address}{path} answered {error.code}") from error

    def settle(self) -> None:
        """Wait until the process has nothing left to do: askers who gave up do not take their requests with them."""
        before = -1
        while before != (before := self._ticks()):
            time.sleep(0.2)

    def _ticks(self) -> int:
        """Processor time of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def peak(self) -> int:
        """The most memory that the process has held, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@contextmanager
def ours(package: Package, database: Path) -> Iterator[Server]:
    """This site, as `python -m scripts serve` serves it."""
    port = free_port()
    with _running([sys.executable, "-m", "datasette", *datasette_arguments(package, database, port)], port, PYTHONPATH=str(ROOT)) as server:
        yield server


@contextmanager
def plain(database: Path, *options: str) -> Iterator[Server]:
    """Datasette with the file and nothing of ours, but for `options`."""
    port = free_port()
    with _running([sys.executable, "-m", "datasette", "serve", "--immutable", str(database), "--port", str(port), *options], port) as server:
        yield server


@contextmanager
def behind_nginx(package: Package, database: Path, work: Path) -> Iterator[Server]:
    """Two instances of this site behind nginx, as deploy/nginx.conf sets it up, but without limits for a single reader."""
    subprocess.run([ROOT / "tests" / "deploy" / "find-nginx"], check=False, stdout=subprocess.DEVNULL)
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if nginx is None:
        raise BenchError("nginx is not installed, and tests/deploy/find-nginx could not install it")
    write_site_files(package, database)
    port = free_port()
    with ExitStack() as stack:
        for number in (1, 2):
            stack.enter_context(_process([*UVICORN, str(work / f"{number}.sock")], DATABASE=str(database)))
        process = stack.enter_context(_process([nginx, "-p", str(work), "-c", str(_configuration(work, port))]))
        server = Server(f"http://127.0.0.1:{port}", process.pid)
        _wait(server, process, HOST)
        yield server


def _configuration(work: Path, port: int) -> Path:
    """A configuration around deploy/nginx.conf, with the paths and the port of this run."""
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    changes = {
        "/run/iran-death-sentences": str(work), "/var/cache/nginx/iran-death-sentences": str(work / "cache"), "/var/log/nginx": str(work),
        "listen 80": f"listen 127.0.0.1:{port}", "    listen [::]:80 default_server;\n": "", "    listen [::]:80;\n": "",
        "rate=20r/s": "rate=1000000r/s", "limit_conn connections 50;": "", "keepalive_requests 1000;": "keepalive_requests 1000000;",
    }  # fmt: skip
    for old, new in changes.items():
        if old not in site:
            raise BenchError(f"deploy/nginx.conf has no {old!r} any more")
        site = site.replace(old, new)
    folders = "".join(f"{kind}_temp_path {work}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    whole = f"{user}worker_processes 1;\ndaemon off;\npid {work}/nginx.pid;\nerror_log {work}/error.log crit;\nevents {{ worker_connections 2000; }}\n"
    (work / "nginx.conf").write_text(f"{whole}http {{\n{folders}{site}}}\n")
    return work / "nginx.conf"


@contextmanager
def _running(command: list[str], port: int, **environment: str) -> Iterator[Server]:
    with _process(command, **environment) as process:
        server = Server(f"http://127.0.0.1:{port}", process.pid)
        _wait(server, process)
        yield server


@contextmanager
def _process(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is ended whole."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()  # so that it can clean up after itself
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes], host: str | None = None) -> None:
    """Until the server answers. Raises BenchError where it ends before, or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, BenchError):
            server.get("/", host)
            return
        time.sleep(0.1)
    raise BenchError(f"the server at {server.address} did not come up")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
