"""An answer is kept for a minute and made once, however many ask at the same moment; what must not be kept is made for each."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import ask
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "site"))

from guard.asked import Asking, asking
from service import shelf
from service.shelf import Shelf

Send = Callable[[Any], Awaitable[None]]
HTML = {"content-type": "text/html; charset=utf-8"}


class Pages:
    """A small application: tells how often it was asked, takes a moment for it, and answers in pieces."""

    def __init__(self, status: int = 200, headers: dict[str, str] = HTML, length: int = 10) -> None:
        self.made = 0
        self._status, self._length = status, length
        self._headers = [(k.encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Any, _receive: object, send: Send) -> None:
        self.made += 1
        number = self.made
        await asyncio.sleep(0.01)
        if scope["path"] == "/fails":
            raise ValueError("no page")
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"x" * self._length, "more_body": True})
        await send({"type": "http.response.body", "body": str(number).encode()})


async def answer(app: Any, path: str = "/page", query: str = "", method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Status and body of one answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(), "scheme": "http", "headers": asked}
    await app(scope, None, send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:])


def several(app: Any, *asked: dict[str, str]) -> list[tuple[int, bytes]]:
    """The answers to requests, one after the other."""

    async def run() -> list[tuple[int, bytes]]:
        return [await answer(app, **a) for a in asked]

    return asyncio.run(run())


def test_many_at_the_same_moment_get_what_is_made_once() -> None:
    pages = Pages()
    kept = Shelf(pages)

    async def run() -> list[tuple[int, bytes]]:
        return await asyncio.gather(*[answer(kept) for _ in range(20)], answer(kept, "/other"))

    found = asyncio.run(run())
    assert set(found[:20]) == {(200, b"x" * 10 + b"1")} and found[20] == (200, b"x" * 10 + b"2")
    assert several(kept, {}, {"path": "/other"}) == [found[0], found[20]] and pages.made == 2


def test_another_address_host_or_packing_is_another_answer() -> None:
    pages = Pages()
    asked: list[dict[str, str]] = [
        {}, {"query": "a=1"}, {"query": "lang=fa"}, {"host": "a.example"}, {"host": "b.example"}, {"accept_encoding": "br, gzip"}, {"path": "/Page"},
    ]  # fmt: skip
    first = several(Shelf(pages), *asked, *asked)
    assert first[:7] == first[7:] and len({body for _, body in first}) == pages.made == 7


@pytest.mark.parametrize("pages", [Pages(404), Pages(500), Pages(302), Pages(headers=HTML | {"cache-control": "no-store"}), Pages(headers={"content-type": "text/csv"}),
                                   Pages(headers={}), Pages(length=shelf.LONGEST + 1)], ids=["missing", "failed", "elsewhere", "in part", "list", "unknown", "long"])  # fmt: skip
def test_what_is_no_whole_page_is_made_for_each(pages: Pages) -> None:
    kept = Shelf(pages)
    several(kept, {}, {})

    async def together() -> None:
        await asyncio.gather(*[answer(kept) for _ in range(3)])

    asyncio.run(together())
    assert pages.made == 5


@pytest.mark.parametrize("asked", [{"method": "POST"}, {"range": "bytes=0-3"}, {"path": "/downloads"}, {"path": "/-/health"}])
def test_what_goes_past_it(asked: dict[str, str]) -> None:
    pages = Pages()
    several(Shelf(pages), asked, asked)
    assert pages.made == 2


def test_sql_of_strangers_goes_past_it() -> None:
    pages = Pages()
    token = asking.set(Asking(10, True))
    try:
        several(Shelf(pages), {}, {})
    finally:
        asking.reset(token)
    assert pages.made == 2


def test_a_failure_holds_up_nobody() -> None:
    pages = Pages()
    kept = Shelf(pages)

    async def run() -> list[Any]:
        return await asyncio.wait_for(asyncio.gather(*[answer(kept, "/fails") for _ in range(3)], return_exceptions=True), 10)

    assert [type(r) for r in asyncio.run(run())] == [ValueError] * 3


def test_who_reads_slowly_holds_up_nobody() -> None:
    kept = Shelf(Pages())

    async def run() -> tuple[int, bytes]:
        reading = asyncio.Event()

        async def never(_message: Any) -> None:
            reading.set()
            await asyncio.Event().wait()

        scope = {"method": "GET", "path": "/page", "raw_path": b"/page", "query_string": b"", "scheme": "http", "headers": []}
        slow = asyncio.create_task(kept(scope, None, never))  # type: ignore[arg-type]
        await reading.wait()
        found = await asyncio.wait_for(answer(kept), 10)
        slow.cancel()
        return found

    assert asyncio.run(run()) == (200, b"x" * 10 + b"1")


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "ROOM", 3 * (shelf.BESIDE + 11))
    pages = Pages()
    found = several(Shelf(pages), *[{"path": f"/{p}"} for p in "abcadabc"])
    assert [body[-1:] for _, body in found] == [b"1", b"2", b"3", b"1", b"4", b"1", b"5", b"6"]  # b went when d came, as a had been asked for again


def test_after_its_time_an_answer_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "SECONDS", -1)
    pages = Pages()
    several(Shelf(pages), {}, {})
    assert pages.made == 2


def test_kept_pages_are_the_same_for_everybody(service: str) -> None:
    address = f"{service}/mini/everyone?lang=fa"
    with ThreadPoolExecutor(8) as readers:
        found = list(readers.map(lambda packed: ask(address, **({"Accept_Encoding": "gzip"} if packed else {})), [False, True] * 8))
    assert {(a.status, a.headers["content-type"], a.headers["etag"]) for a in found} == {(200, "text/html; charset=utf-8", found[0].headers["etag"])}
    assert {gzip.decompress(a.body) if a.headers.get("content-encoding") == "gzip" else a.body for a in found} == {found[0].body}
    assert {a.headers.get("content-encoding") for a in found} == {None, "gzip"}
    assert ask(address, If_None_Match=found[0].headers["etag"]).status == 304
    assert ask(address, "HEAD").body == b""
    assert ask(f"{service}/mini/everyone").body != found[0].body
