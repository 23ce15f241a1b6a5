"""The load: whatever was asked is waited for and counted, and so is what came too late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import load as module
from bench.load import find_wrk, load


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a server on which `answer` answers every request."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    find_wrk()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"ok")


def test_who_still_waits_when_the_time_is_over_is_counted() -> None:
    """Three ask, are answered long after the time for asking is over, and ask no more."""
    gate = threading.Barrier(3)
    over = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        gate.wait(20)
        over.wait(0.5)
        say(handler)

    with serving(answer) as address:
        told = load(address, ["/"], clients=3, seconds=0.1)
    assert (told.requests, told.faulty) == (3, 0)
    assert told.seconds >= 0.5 and isinstance(told.within(50), float) and told.within(99) == told.p99 >= 500


def test_what_comes_too_late_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four, one is never answered: of all requests that is more than one in a hundred, and less than half."""
    monkeypatch.setattr(module, "PATIENCE", 1)
    never, turns = threading.Event(), iter([True])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if next(turns, False):
            never.wait(20)
        never.wait(0.2)
        say(handler)

    with serving(answer) as address:
        told = load(address, ["/"], clients=4, seconds=0.1)
        never.set()
    assert (told.requests, told.late, told.faulty, told.seconds) == (3, 1, 1, 2.0)
    assert (told.within(50), told.within(99)) == (told.p50, "> 1,000")


def test_answers_that_are_not_200_are_counted() -> None:
    with serving(lambda handler: say(handler, 503)) as address:
        told = load(address, ["/"], clients=2, seconds=0.1)
    assert told.requests == told.not_200 == told.faulty > 0


def test_askers_take_turns_with_the_paths_and_each_claims_a_host_where_nothing_kept_is_wanted() -> None:
    asked: list[tuple[str, str]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.path, handler.headers["Host"]))
        say(handler)

    with serving(answer) as address:
        for _ in range(2):  # nor is anything kept for the second of two loads
            load(address, ["/a", "/b"], clients=1, seconds=0.1, anew=True)
        anew = list(asked)
        asked.clear()
        load(address, ["/a", "/b"], clients=1, seconds=0.1, host="one.example")
    assert {path for path, _ in anew} == {"/a", "/b"} and len({host for _, host in anew}) == len(anew) > 2
    assert {*asked} == {("/a", "one.example"), ("/b", "one.example")}
