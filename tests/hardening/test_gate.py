"""What is let in, and what is told about the machine: nothing but its health, and to itself its counters."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from datasette.app import Datasette

from scripts.build import build
from scripts.package import load_package
from scripts.progress import Stages
from scripts.serve import datasette_arguments
from tests.conftest import MINI, ROOT, serving
from tests.hardening.siege import family

sys.path.insert(0, str(ROOT / "site"))

from guard.pages import HIDDEN, PUBLIC

OWN = {"health", "metrics"}


class Answer:
    """Status, headers (names in lower case) and body of an answer."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.body = status, body.decode("utf-8", "replace")
        self.headers = {k.lower(): v for k, v in headers.items()}


def get(address: str, **headers: str) -> Answer:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(urllib.request.Request(address, headers=headers), timeout=30) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def raw(site: str, request: bytes) -> bytes:
    """All that the server sends back for these bytes."""
    parts = urlsplit(site)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        with suppress(ConnectionResetError):  # a server that will not read on
            while chunk := connection.recv(65536):
                received += chunk
    return received


def line(site: str, target: str, *headers: str) -> bytes:
    """The answer to a GET whose target is sent as it is."""
    return raw(site, "\r\n".join([f"GET {target} HTTP/1.1", *(headers or ("Host: x",)), "Connection: close", "", ""]).encode("latin-1"))


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


def test_every_page_of_datasette_itself_is_decided() -> None:
    """A new version of Datasette that adds one stops here until somebody has decided."""
    patterns = [regex.pattern for regex, _ in Datasette()._routes()]
    names = {match[1] for p in patterns if (match := re.match(r"/-/([a-z-]+)", p))}
    assert names <= {*HIDDEN, *PUBLIC}, names - {*HIDDEN, *PUBLIC}


@pytest.mark.parametrize("name", HIDDEN)
def test_pages_about_the_machine_are_not_there(mini_site: str, name: str) -> None:
    for suffix in ("", ".json", "?x=1", "/"):
        answer = get(f"{mini_site}/-/{name}{suffix}")
        assert (answer.status, str(ROOT) in answer.body, "datasette" in answer.body.lower()) == (404, False, False)


def test_the_database_is_no_download_of_the_server(mini_site: str) -> None:
    assert get(f"{mini_site}/mini.db").status in (403, 404)
    assert get(f"{mini_site}/_memory?sql=select+1").status == 404
    assert get(f"{mini_site}/_internal").status in (403, 404)


def test_health_tells_version_and_build(mini_site: str) -> None:
    answer = get(f"{mini_site}/-/health")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert re.fullmatch(r'\{"ok": true, "version": "[^"]+", "build": "[0-9a-f]{16}", "process": "[0-9a-f]{8}"\}', answer.body)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_counters_are_for_this_machine_only(mini_site: str, header: str) -> None:
    assert get(f"{mini_site}/-/metrics").status == 200
    assert get(f"{mini_site}/-/metrics", **{header: "127.0.0.1"}).status == 404


def test_counters_count_kinds_of_pages_and_keep_no_word(mini_site: str) -> None:
    asked = ["/mini/people?_search=babak-the-searched", "/mini/people/babak-alipour", "/mini.json?sql=select+'babak-the-asked'", "/babak-the-missing"]
    for path in asked:
        get(mini_site + path)
    text = get(f"{mini_site}/-/metrics").body
    assert "babak" not in text and "127.0.0.1" not in text
    counted = {m[1] for m in re.finditer(r'site_requests_total\{worker="\d+",kind="(\w+)",status="\dxx"\} [1-9]', text)}
    assert counted >= {"list", "record", "sql", "page", "service"}
    assert re.search(r'site_request_seconds_bucket\{worker="\d+",kind="record",le="\+Inf"\} [1-9]', text)


def test_a_long_address_is_told_so(mini_site: str) -> None:
    assert get(f"{mini_site}/mini/people?_search={'a' * 9000}").status == 414
    assert status_of(line(mini_site, "/" + "a" * 9000)) == 414
    assert line(mini_site, "/" + "a" * 500_000)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431")


@pytest.mark.parametrize("query", ["&".join(f"a{i}=1" for i in range(200)), "&".join(["_facet=status"] * 20)])
def test_too_many_parameters_are_told_so(mini_site: str, query: str) -> None:
    answer = get(f"{mini_site}/mini/people.json?{query}")
    assert (answer.status, answer.headers["content-type"], answer.headers["cache-control"]) == (400, "application/json; charset=utf-8", "no-store")


@pytest.mark.parametrize("length", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_a_long_request_is_told_so_before_it_is_read(mini_site: str, length: str) -> None:
    assert status_of(raw(mini_site, f"POST /mini/people/-/reconcile HTTP/1.1\r\nHost: x\r\n{length}\r\nConnection: close\r\n\r\n".encode())) == 413


POISON = "evil.example"
CLAIMS = [
    "X-Forwarded-Host",
    "X-Forwarded-Server",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Forwarded",
    "X-Forwarded-Prefix",
    "X-Host",
    "Cookie",
    "Authorization",
    "Referer",
    "Origin",
]
PAGES = ["/", "/mini", "/mini/people", "/mini/people.json", "/mini/people/babak-alipour", "/mini/people/babak-alipour.json", "/nowhere", "/mini/people?_size=1"]


@pytest.mark.parametrize("path", PAGES)
def test_what_an_asker_claims_changes_no_answer(mini_site: str, path: str) -> None:
    """A shared cache keys by address alone: nothing else that is sent along may show."""
    plain = get(mini_site + path)
    claimed = get(mini_site + path, **dict.fromkeys(CLAIMS, POISON))
    assert POISON not in claimed.body + str(claimed.headers)
    assert (claimed.status, _steady(claimed.body)) == (plain.status, _steady(plain.body))
    assert "set-cookie" not in plain.headers and "Cookie" not in plain.headers.get("vary", "")


def _steady(body: str) -> str:
    return re.sub(r'"query_ms": [0-9.]+', "", body)


@pytest.mark.parametrize("host", ['evil.example"><script>', "evil example", "evil.example/path", "", "a" * 300, "x, y", "user@evil.example"])
def test_a_host_that_cannot_be_is_refused(mini_site: str, host: str) -> None:
    assert status_of(line(mini_site, "/", f"Host: {host}")) == 400


@pytest.mark.parametrize("headers", [("A: b",), ("Host: a", "Host: b"), ("Host: a", "X: \0")])
def test_headers_that_break_the_rules_are_refused(mini_site: str, headers: tuple[str, ...]) -> None:
    assert status_of(line(mini_site, "/", *headers)) == 400


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x/",
        "/\\evil.example/",
        "/%0d%0aSet-Cookie:a=b",
        "/mini/people%0d%0aX-Evil:1",
        "/mini?_next=%0d%0aX-Evil:1",
        "/%2f%2fevil.example/",
        "/mini/people/",
        "/%E0%A4%A",
        "/mini/people?%0d%0aX-Evil=1",
    ],
)
def test_no_header_is_injected_and_no_redirect_leaves_the_site(mini_site: str, target: str) -> None:
    answer = line(mini_site, target)
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert status_of(answer) in (200, 301, 302, 400, 404), answer[:200]
    assert b"\r\nx-evil" not in head and b"\r\nset-cookie" not in head
    location = re.search(rb"\r\nlocation: ([^\r]*)", head)
    assert not location or re.match(rb"/(?![/\\])", location[1]), location


CLIMBS = ["../" * 8, "..%2f" * 8, "%2e%2e/" * 8, "..\\" * 8, "%2e%2e%5c" * 8, "....//" * 8, "/", "%00/", "~2E~2E~2F" * 8]


@pytest.mark.parametrize("folder", ["/static/", "/-/static/", "/downloads/", "/downloads/x/"])
def test_no_path_leaves_its_folder(mini_site: str, folder: str) -> None:
    for climb, file in product(CLIMBS, ("etc/passwd", "metadata.json", "site/plugins/safety.py")):
        answer = line(mini_site, folder + climb + file)
        assert status_of(answer) in (301, 302, 400, 403, 404), answer[:200]
        assert b"root:" not in answer and b"hookimpl" not in answer and b"Traceback" not in answer


CURSORS = [
    "'",
    "' or 1=1 --",
    "a,b,c,d",
    "~",
    "~00",
    "%00",
    "\u202e",
    "-1",
    "9" * 40,
    "[]",
    '{"a":1}',
    "x" * 5000,
    "1;drop table people",
    "~7E~",
    "%F0%28%8C%28",
]


@pytest.mark.parametrize(
    "path",
    [
        "/mini/people.json?_next=",
        "/mini/people.json?_sort=status&_next=",
        "/mini/claims.json?_next=",
        "/mini/people.json?_size=",
        "/mini/people.json?_sort=",
        "/mini/people.json?_facet=",
        "/mini/people.json?_where=",
        "/mini/people.json?_through=",
        "/mini/people.json?_col=",
        "/mini/people/",
    ],
)
def test_a_cursor_or_parameter_is_a_value_never_a_program(mini_site: str, path: str) -> None:
    for cursor in CURSORS:
        answer = get(mini_site + path + quote(cursor))
        assert answer.status in (200, 302, 400, 404), answer.body
        assert "Traceback" not in answer.body and 'File "' not in answer.body


TEMPLATES = [
    "{{7*191}}",
    "{% raw %}",
    "${7*191}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{config}}",
    "'-alert(1)-'",
    "javascript:alert(1)",
]


@pytest.mark.parametrize(
    "path", ["/mini/people?_search=", "/search?q=", "/mini?sql=select+", "/mini/people?status=", "/nowhere/", "/mini/people?_sort=", "/?lang="]
)
def test_what_is_asked_is_shown_as_text(mini_site: str, path: str) -> None:
    for text in TEMPLATES:
        answer = get(mini_site + path + quote(text))
        assert answer.status < 500 and "1337" not in answer.body, text
        assert "<" not in text or text not in answer.body
        if "html" in answer.headers.get("content-type", ""):
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self'" in policy and "unsafe" not in policy


BASELINE = [
    "/",
    "/?lang=fa",
    "/mini",
    "/mini/people",
    "/mini/people/babak-alipour",
    "/mini/people.json",
    "/mini/people.csv",
    "/mini?sql=select+1",
    "/mini.json?sql=select+x",
    "/search?q=a",
    "/api",
    "/downloads",
    "/nowhere",
    "/nowhere.json",
    "/-/health",
    "/-/versions",
    "/static/site.css",
    "/mini/people?_sort=x",
    "/mini/people?a" + "&a" * 200,
]


@pytest.mark.parametrize("path", BASELINE)
def test_every_answer_carries_the_headers_that_keep_readers_safe(mini_site: str, path: str) -> None:
    headers = get(mini_site + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "charset=utf-8" in headers["content-type"].lower() or headers["content-type"] in ("text/css", "application/json")
    assert not {"set-cookie", "x-powered-by", "access-control-allow-credentials"} & set(headers)
    if headers["content-type"].startswith("text/html"):
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert (
            policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'" and policy["form-action"] == "'self'"
        )
        assert headers["referrer-policy"] == "no-referrer" and headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
def test_nothing_can_be_written(mini_site: str, method: str) -> None:
    answer = raw(mini_site, f"{method} /mini/people HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    assert status_of(answer) in (400, 405)


@pytest.fixture
def own_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A site of its own, told that its public address is another."""
    monkeypatch.setenv("PUBLIC_ADDRESS", "https://public.example")
    built = build(load_package(MINI / "datapackage.yaml"), tmp_path / "mini.db", Stages())
    with serving(load_package(MINI / "datapackage.yaml"), built.path) as address:
        yield address


def test_a_public_address_takes_the_place_of_every_claimed_host(own_site: str) -> None:
    for path in ("/mini/people.json?_size=1", "/mini/people", "/mini/people/babak-alipour"):
        told = line(own_site, path, "Host: evil.example", "X-Forwarded-Proto: http").decode()
        assert status_of(told.encode()) == 200 and "evil.example" not in told
        assert "https://public.example/" in told


def test_the_desk_is_started_again_and_a_killed_server_leaves_nothing(tmp_path: Path) -> None:
    """Neither a process nor a file."""
    package = load_package(MINI / "datapackage.yaml")
    built = build(package, tmp_path / "mini.db", Stages())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-m", "datasette", *datasette_arguments(package, built.path, port)],
        cwd=ROOT, stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(scratch)},
    )  # fmt: skip
    query = f"http://127.0.0.1:{port}/mini.json?sql=select+1+as+n&_shape=array"
    try:
        _wait(lambda: get(query).status == 200)
        desk = family(server.pid)[1]
        os.kill(desk, signal.SIGKILL)
        _wait(lambda: get(query).status == 200)
        desk = family(server.pid)[1]
        server.kill()
        server.wait()
        _wait(lambda: not is_alive(desk))
        assert list(scratch.iterdir()) == []
    finally:
        server.kill()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait(done: Any) -> None:
    for _ in range(300):
        try:
            if done():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not come about within 30 seconds")
