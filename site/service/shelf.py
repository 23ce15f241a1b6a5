"""Answers that are kept for a minute, and made once, however many ask for the same one at the same moment.

What is served does not change, and an answer depends on nothing but its address and whether its asker takes gzip (caching.py promises as much to
shared caches); only the releases beside the database may come and go, so a minute is enough.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from guard.asked import asking
from service.asgi import App, Message, Receive, Scope, Send, header

SECONDS = 60
ROOM = 32 * 2**20  # bytes of all answers that are kept, those asked for last
LONGEST = 2**20  # of one
BESIDE = 1000  # bytes of headers and address, about
KINDS = ("text/html", "application/json")  # files are sent from where they lie, and long lists row by row
LEFT_OUT = ("/downloads", "/-/")  # what changes while the server runs

Key = tuple[str | bytes | bool, ...]


@dataclass(frozen=True)
class Kept:
    """A whole answer, and the time until which it is given again."""

    start: Message
    body: bytes
    until: float

    async def send(self, send: Send) -> None:
        await send({**self.start, "headers": list(self.start["headers"])})
        await send({"type": "http.response.body", "body": self.body})


class Shelf:
    """Wraps an application. SQL of strangers, parts of files and whatever changes something go past it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._making: dict[Key, asyncio.Event] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _can_be_kept(scope):
            await self._app(scope, receive, send)
            return
        key = _key(scope)
        if (others := self._making.get(key)) is not None:
            await others.wait()
        if (kept := self._find(key)) is not None:
            await kept.send(send)
        elif others is not None:  # the answer that was waited for is not one to keep
            await self._app(scope, receive, send)
        else:
            await self._make(key, scope, receive, send)

    def _find(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        if kept is not None and kept.until < time.monotonic():
            self._drop(key)
            return None
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    async def _make(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the answer made. Who waits for it goes on as soon as it is there, or is known to be none to keep: its asker may read slowly."""
        made = self._making[key] = asyncio.Event()

        def done(answer: Kept | None) -> None:
            if answer is not None:
                self._put(key, answer)
            self._making.pop(key, None)
            made.set()

        try:
            await self._app(scope, receive, _Gathered(send, done).take)
        finally:
            if not made.is_set():
                done(None)

    def _put(self, key: Key, answer: Kept) -> None:
        self._kept[key] = answer
        self._size += len(answer.body) + BESIDE
        while self._size > ROOM:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._size -= len(self._kept.pop(key).body) + BESIDE


class _Gathered:
    """An answer on its way out: held until it is whole if it is one to keep, passed on as it comes if not."""

    def __init__(self, send: Send, done: Callable[[Kept | None], None]) -> None:
        self._send, self._done = send, done
        self._start: Message | None = None
        self._body = bytearray()

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_to_keep(message):
            self._start = message
        elif self._start is None:
            await self._pass(message)
        else:
            await self._hold(self._start, message)

    async def _pass(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._done(None)
        await self._send(message)

    async def _hold(self, start: Message, message: Message) -> None:
        self._body += message.get("body", b"")
        is_whole = not message.get("more_body")
        if not is_whole and len(self._body) <= LONGEST:
            return
        answer = Kept(start, bytes(self._body), time.monotonic() + SECONDS)
        self._start = None
        self._done(answer if is_whole and len(answer.body) <= LONGEST else None)
        await self._send(start)
        await self._send({**message, "body": answer.body})


def _can_be_kept(scope: Scope) -> bool:
    return scope["method"] == "GET" and asking.get() is None and not header(scope["headers"], b"range") and not scope["path"].startswith(LEFT_OUT)


def _key(scope: Scope) -> Key:
    """All that an answer depends on. The address is the one that was sent: there is more than one way to write a path."""
    asked = scope["headers"]
    packed = "gzip" in header(asked, b"accept-encoding")
    return scope.get("raw_path", b""), scope["path"], scope["query_string"], scope.get("scheme", ""), header(asked, b"host"), packed


def _is_to_keep(start: Message) -> bool:
    headers = start["headers"]
    return start["status"] == 200 and header(headers, b"content-type").startswith(KINDS) and "no-store" not in header(headers, b"cache-control")
