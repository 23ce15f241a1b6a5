"""nginx as deploy/nginx.conf sets it up, in front of two instances: no failed request while the version changes, and nobody holds it up."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from deploy.switch import health, point
from scripts.build import build
from scripts.package import load_package
from scripts.progress import Stages
from scripts.serve import write_site_files
from tests.conftest import MINI, ROOT

CLIENTS = int(os.environ.get("CLIENTS", "20"))
HOST = "example.org"
UVICORN = ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning", "--timeout-graceful-shutdown", "20"]
# what systemd does, as far as it is needed here: start again whatever ends, until it is told to stop
SUPERVISOR = 'trap "exit 0" TERM; while true; do "$@" & echo $! > "$PIDFILE"; wait; wait; sleep 0.2; done'


def release(folder: Path, extra: str = "") -> Path:
    """A folder with the database of the tiny package, with more people where `extra` says so, and the files of its site."""
    shutil.copytree(MINI, folder)
    people = folder / "sources/people.csv"
    people.write_text(people.read_text() + extra)
    package = load_package(folder / "datapackage.yaml")
    write_site_files(package, build(package, folder / "mini.db", Stages()).path)
    return folder


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Front:
    """nginx and two instances under supervision."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.sockets = [folder / f"{i}.sock" for i in (1, 2)]

    @property
    def restart(self) -> str:
        return f"sh -c 'kill -TERM $(cat {self.folder}/{{}}.pid) 2>/dev/null || true'"

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": HOST, **headers})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""


def configuration(folder: Path, port: int, changes: dict[str, str]) -> Path:
    """A configuration around deploy/nginx.conf, with the paths, ports and numbers that a test needs."""
    site = (ROOT / "deploy/nginx.conf").read_text()
    paths = {
        "/run/iran-death-sentences": str(folder), "/var/cache/nginx/iran-death-sentences": str(folder / "cache"), "/var/log/nginx": str(folder),
        "listen 80": f"listen 127.0.0.1:{port}", "    listen [::]:80 default_server;\n": "", "    listen [::]:80;\n": "",
    }  # fmt: skip
    for old, new in (paths | changes).items():
        assert old in site, old
        site = site.replace(old, new)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""  # folders of tests are closed to others
    whole = f"{user}worker_processes 1;\ndaemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log crit;\nevents {{ worker_connections 2000; }}\n"
    (folder / "nginx.conf").write_text(f"{whole}http {{\n{temporary}{site}}}\n")
    return folder / "nginx.conf"


@contextmanager
def front(folder: Path, **changes: str) -> Iterator[Front]:
    subprocess.run([ROOT / "tests/deploy/find-nginx"], check=True)
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert nginx
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = Front(folder, port)
    point(folder / "current", release(folder / "one"))
    conf = configuration(folder, port, {**changes})
    with (
        running(supervised(served, 0), **environment(served, 0)),
        running(supervised(served, 1), **environment(served, 1)),
        running([nginx, "-p", str(folder), "-c", str(conf)]),
    ):
        until(lambda: all(health(s) for s in served.sockets) and served.get("/-/health")[0] == 200)
        yield served


def supervised(served: Front, number: int) -> list[str]:
    uvicorn = [sys.executable, "-m", "uvicorn", "deploy.asgi:application", "--uds", str(served.sockets[number]), *UVICORN]
    return ["bash", "-c", SUPERVISOR, "supervisor", *uvicorn]


def environment(served: Front, number: int) -> dict[str, str]:
    return {
        "DATABASE": str(served.folder / "current" / "mini.db"),
        "PIDFILE": str(served.sockets[number].with_suffix(".pid")),
        "PUBLIC_ADDRESS": f"https://{HOST}",
    }


def until(done: Callable[[], object]) -> None:
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about within a minute")


FAST = {"rate=20r/s": "rate=100000r/s", "rate=2r/s": "rate=100000r/s", "limit_conn connections 50;": ""}


def test_a_change_of_version_fails_no_request(tmp_path: Path) -> None:
    """Readers ask without a pause, past the cache and through it, while one instance after the other is changed and changed back."""
    new = release(tmp_path / "two", "zahra-rad,agency-1,Zahra Rad,,,,,\n")
    with front(tmp_path, **FAST) as served:
        seen: Counter[tuple[str, int]] = Counter()
        people: list[set[int]] = [set() for _ in range(CLIENTS)]
        over = threading.Event()

        def read(number: int) -> None:
            turn = 0
            while not over.is_set():
                turn += 1
                for path in (
                    "/mini/people",
                    f"/mini/people.json?_shape=array&_size={turn % 900 + 10}",
                    "/mini/people/babak-alipour",
                    f"/mini.json?sql=select+{turn}" if number == 0 else "/",
                ):
                    status, body = served.get(path)
                    seen[path.partition("?")[0], status] += 1
                    if path.startswith("/mini/people.json"):
                        people[number].add(len(json.loads(body)) if status == 200 else -1)
                time.sleep(0.05)

        readers = [threading.Thread(target=read, args=(i,)) for i in range(CLIENTS)]
        for reader in readers:
            reader.start()
        switch(served, new)
        switch(served, tmp_path / "one")
        switch(served, new)
        over.set()
        for reader in readers:
            reader.join()
        assert b"zahra-rad" in served.get("/mini/people")[1]  # nothing old is kept
        assert {status for _, status in seen} == {200}, seen
        assert set().union(*people) == {3, 4}  # the old version whole or the new one whole
        assert len({(health(s) or {}).get("build") for s in served.sockets}) == 1
        assert not (tmp_path / "error.log").read_text()


def switch(served: Front, folder: Path) -> None:
    command = [sys.executable, "-m", "deploy.switch", "--current", str(served.folder / "current"), "--release", str(folder), "--restart", served.restart]
    command += ["--cache", str(served.folder / "cache")]
    subprocess.run([*command, *map(str, served.sockets)], cwd=ROOT, check=True)


def test_a_release_that_does_not_come_up_is_taken_back(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "mini.db").write_text("no database")
    with front(tmp_path) as served:
        old = health(served.sockets[1])
        command = [sys.executable, "-c", "import deploy.switch as s; s.PATIENCE = 5; s.main()"]
        command += ["--current", str(tmp_path / "current"), "--release", str(broken), "--restart", served.restart, *map(str, served.sockets)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"1 did not come up with {broken}; {tmp_path / 'one'} is served again\n"
        assert old and health(served.sockets[1]) == old
        until(lambda: (health(served.sockets[0]) or {}).get("build") == old["build"])
        assert served.get("/mini/people")[0] == 200


def last_word(connection: socket.socket) -> bytes:
    """What a server still says before it closes a connection, which it may do rudely."""
    with connection, suppress(ConnectionResetError):
        return connection.recv(100)
    return b""


def test_slow_fast_and_strange_clients(tmp_path: Path) -> None:
    with front(tmp_path, **{"client_header_timeout 10s": "client_header_timeout 1s"}) as served:
        slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(200)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: exam")
        assert served.get("/mini/people")[0] == 200
        assert [last_word(connection) for connection in slow] == [b""] * 200
        assert served.get("/", Host="evil.example")[0] == 0
        assert served.get("/-/metrics")[0] == served.get("/-/versions.json")[0] == 404
        assert served.get("/mini/people?_search=" + "a" * 20_000)[0] == 414
        assert served.get("/downloads/.build-x/mini.db")[0] == served.get("/downloads/../mini.db")[0] == 404
        statuses = Counter(served.get(f"/mini.json?sql=select+{i}")[0] for i in range(30))
        assert set(statuses) == {200, 429} and statuses[429] > 5
        assert served.get("/mini/people", Cookie="a=b", **{"X-Forwarded-Host": "evil.example"})[0] == 200
        assert not (tmp_path / "error.log").read_text()


def test_an_answer_is_kept_once_for_everybody(tmp_path: Path) -> None:
    with front(tmp_path, **FAST) as served:
        kinds = []
        for headers in (
            {},
            {},
            {"Cookie": "a=b"},
            {"User-Agent": "x", "Accept-Encoding": "br;q=0.1, x"},
            {"Accept-Encoding": "gzip"},
            {"Accept-Encoding": "deflate, gzip;q=0.3"},
        ):
            request = urllib.request.Request(f"http://127.0.0.1:{served.port}/mini/people", headers={"Host": HOST, **headers})
            with urllib.request.urlopen(request, timeout=30) as answer:
                kinds.append((answer.headers["X-Cache"], answer.headers["Content-Encoding"], answer.headers["Set-Cookie"]))
        assert kinds == [("MISS", None, None), ("HIT", None, None), ("HIT", None, None), ("HIT", None, None), ("MISS", "gzip", None), ("HIT", "gzip", None)]


@pytest.mark.parametrize("name", ["iran-death-sentences@.service", "compose.yaml", "Containerfile"])
def test_every_form_starts_the_same_instance(name: str) -> None:
    """What is tested here with uvicorn is what each of them starts."""
    text = (ROOT / "deploy" / name).read_text()
    if name == "compose.yaml":
        assert "deploy/Containerfile" in text and "nginx.conf" in text
    else:
        assert "deploy.asgi:application" in text and all(option in text for option in UVICORN[:5])
