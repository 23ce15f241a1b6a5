"""The outermost layer: who is let in, at what size, how many at a time; and that nothing an asker sends along decides what others see."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from datasette.app import Datasette

from guard.asked import Asking, asking, asking_of
from guard.metrics import CONTENT_TYPE, Metrics
from guard.pages import is_hidden

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LONGEST_ADDRESS = 8000  # bytes; a long SQL query has a few hundred
MOST_PARAMETERS = 100
MOST_FACETS = 6
LONGEST_BODY = 200_000  # bytes; a batch of names to reconcile has some thousands
MOST_AT_ONCE = 400  # requests being answered
MOST_ASKED = 12  # of them with SQL of strangers: two run, ten wait
RETRY_AFTER = "5"
HOST = re.compile(rb"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?")
STRANGE = re.compile(r"[\\\x00-\x20\x7f-\xff]")  # browsers read a backslash as a slash: a redirect would lead elsewhere
DROPPED = {b"cookie", b"authorization", b"forwarded", b"x-original-url", b"x-rewrite-url", b"x-http-method-override"}
METRICS = "/-/metrics"


class Refusal(NamedTuple):
    """Why a request is not let in: status, a word for the counters, a sentence for the asker."""

    status: int
    why: str
    sentence: str


class Gate:
    """Wraps the application of one process."""

    def __init__(self, app: App, datasette: Datasette) -> None:
        self._app, self._datasette = app, datasette
        self._public = urlsplit(os.environ.get("PUBLIC_ADDRESS", ""))
        self._metrics = Metrics()
        self._asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = self._path(scope)
        asked = asking_of(path, scope["query_string"])
        if path == METRICS and _is_from_here(scope):
            await _send(send, 200, CONTENT_TYPE, self._metrics.text())
        elif refusal := self._refusal(scope, path, asked is not None):
            self._metrics.refuse(refusal.why)
            await _refuse(send, refusal, path)
        else:
            await self._let_in(self._cleaned(scope), receive, send, asked, kind_of(path, asked is not None))

    def _path(self, scope: Scope) -> str:
        """The path below the root of the site, as it was sent: that is what Datasette routes by."""
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        base = self._datasette.setting("base_url")
        return f"/{path[len(base) :]}" if path.startswith(base) else path

    def _refusal(self, scope: Scope, path: str, asked: bool) -> Refusal | None:
        if is_hidden(path) or is_hidden(scope["path"]) or path == METRICS:
            return Refusal(404, "hidden", "There is no such page.")
        if STRANGE.search(path):
            return Refusal(400, "path", "The address holds a character that no address has.")
        if not HOST.fullmatch(_header(scope, b"host")):
            return Refusal(400, "host", "The request names no host, or one that cannot be.")
        if len(path) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return Refusal(414, "length", f"The address is longer than {LONGEST_ADDRESS} bytes.")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _is_small(scope):
            return Refusal(413, "body", f"A request says how long it is, and has at most {LONGEST_BODY} bytes.")
        if sentence := _too_much(scope["query_string"].decode("latin-1")):
            return Refusal(400, "parameters", sentence)
        if self._metrics.in_progress >= MOST_AT_ONCE or (asked and self._asked >= MOST_ASKED):
            return Refusal(503, "asked" if asked else "crowd", "Too much is asked at this moment; ask again in a few seconds.")
        return None

    def _cleaned(self, scope: Scope) -> Scope:
        """The request without what could make its answer differ from that of another: who asks, and what host and scheme they claim."""
        headers = [(k, v) for k, v in scope["headers"] if k not in DROPPED and not k.startswith(b"x-forwarded-")]
        if not self._public.netloc:
            return {**scope, "headers": headers}
        headers = [*((k, v) for k, v in headers if k != b"host"), (b"host", self._public.netloc.encode())]
        return {**scope, "headers": headers, "scheme": self._public.scheme}

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, asked: Asking | None, kind: str) -> None:
        started = time.perf_counter()
        waiting = True

        def begun() -> None:
            """Whoever reads slowly holds up nobody: a place is free when the answer begins."""
            nonlocal waiting
            if waiting:
                waiting = False
                self._metrics.in_progress -= 1
                self._asked -= asked is not None

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun()
                self._metrics.count(kind, message["status"], time.perf_counter() - started)
            await send(message)

        self._metrics.in_progress += 1
        self._asked += asked is not None
        asking.set(asked)
        try:
            await self._app(scope, receive, counted)
        finally:
            begun()


def kind_of(path: str, asked: bool) -> str:
    """What kind of page an address is, one of a few: never which."""
    parts = path.strip("/").split("/")
    if asked:
        return "sql"
    if parts[0] in ("static", "downloads", "search"):
        return parts[0]
    if parts[0] == "-":
        return "service"
    depth = min(len(parts), 3) if parts[0] else 0
    return ("home", "page", "list", "record")[depth]


def _too_much(query: str) -> str | None:
    """Why a query string asks for more than one request may, in a sentence."""
    asked = parse_qsl(query, keep_blank_values=True)
    if len(asked) > MOST_PARAMETERS:
        return f"The address has more than {MOST_PARAMETERS} parameters."
    if sum(name in ("_facet", "_facet_date", "_facet_array") for name, _ in asked) > MOST_FACETS:
        return f"At most {MOST_FACETS} facets can be asked for at once."
    return None


def _is_small(scope: Scope) -> bool:
    length = _header(scope, b"content-length")
    return length.isdigit() and int(length) <= LONGEST_BODY


def _is_from_here(scope: Scope) -> bool:
    """Whether a request was made on this machine, by nobody's proxy."""
    if _header(scope, b"x-forwarded-for") or _header(scope, b"forwarded") or _header(scope, b"x-real-ip"):
        return False
    client = scope.get("client")
    return not client or not client[0] or ipaddress.ip_address(client[0]).is_loopback


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


async def _refuse(send: Send, refusal: Refusal, path: str) -> None:
    extra = {"retry-after": RETRY_AFTER} if refusal.status == 503 else {}
    if path.endswith((".json", ".csv")):
        told = {"ok": False, "error": refusal.sentence, "status": refusal.status, "title": None}
        await _send(send, refusal.status, "application/json; charset=utf-8", json.dumps(told), extra)
    else:
        await _send(send, refusal.status, "text/plain; charset=utf-8", refusal.sentence + "\n", extra)


async def _send(send: Send, status: int, kind: str, text: str, extra: dict[str, str] | None = None) -> None:
    body = text.encode()
    fixed = {"content-type": kind, "content-length": str(len(body)), "cache-control": "no-store", "x-content-type-options": "nosniff"}
    headers = [(k.encode(), v.encode()) for k, v in (fixed | (extra or {})).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
