"""What every answer says of itself: which version it is of, how long it keeps, and whether the asker has it already.

A shared cache needs nothing but the address and Accept-Encoding: no cookie is read or set. An address that carries the
edition (`?_v=…`) never changes its answer and may be kept for good; every other is asked for again after a few minutes, at the price
of a 304 while the edition is the same.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import parse_qsl

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from service.asgi import App, Headers, Message, Receive, Scope, Send, encoded, header, send_json, send_response, without
from service.served import Served

VERSION_PARAMETER = "_v"
NORMAL = "public, max-age=300"
FOR_GOOD = "public, max-age=31536000, immutable"
NEVER = "no-store"
CHANGING = ("/-/",)  # Datasette's pages about the running server
METHODS = "GET, HEAD, OPTIONS"
EXPOSED = "ETag, Link, Location, X-Dataset-Version, X-Dataset-Date, X-Dataset-Edition"
FRAMED = "/-/reconcile/preview"  # what other sites show inside theirs
FRAMED_POLICY = "default-src 'none'"
PIECE = 64 * 1024  # bytes
PACKED = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.apache.parquet")


def compressed(app: App) -> App:
    """Gzip for whoever takes it, save for what is packed already."""
    return GZipMiddleware(_gathered(app), compresslevel=6, exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *PACKED))


def _gathered(app: App) -> App:
    """Wrap an application that answers row by row, so that its rows are packed and sent many at a time."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        held = bytearray()

        async def gathering(message: Message) -> None:
            if message["type"] == "http.response.body" and message.get("more_body"):
                held.extend(message.get("body", b""))
                if len(held) < PIECE:
                    return
                message = {**message, "body": bytes(held)}
                held.clear()
            elif message["type"] == "http.response.body" and held:
                message = {**message, "body": bytes(held) + message.get("body", b"")}
                held.clear()
            await send(message)

        await app(scope, receive, gathering)

    return wrapped


class Cacheable:
    """The outermost application: methods, conditional requests and the headers of every answer."""

    def __init__(self, app: App, served: Served, takes_post: bool) -> None:
        self._app, self._served, self._takes_post = app, served, takes_post

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = f"{METHODS}, POST" if self._takes_post else METHODS
        answer = _Answer(scope, self._served, send)
        if scope["method"] == "OPTIONS":
            await send_response(answer.send, 204, b"", {"allow": methods, "access-control-allow-methods": methods})
        elif scope["method"] not in methods.split(", "):
            told = {"ok": False, "status": 405, "title": None, "error": f"This dataset is read-only: {methods} are answered here, {scope['method']} is not."}
            await send_json(answer.send, 405, told, {"allow": methods})
        elif answer.is_known_by_tag:
            await answer.not_modified()
        else:
            headers = without(scope["headers"], b"cookie", b"authorization")
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            await self._app({**scope, "headers": headers, "method": method}, receive, answer.send)


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, served: Served, send: Send) -> None:
        self._scope, self._served, self._send = scope, served, send
        self._asked: Headers = scope["headers"]
        self._tag = f'W/"{_digest(served.fingerprint, scope)}"'
        self._is_over = False

    @property
    def is_known_by_tag(self) -> bool:
        """Whether the asker shows the tag of this very address: it was sent with a 200 and only then, so the answer is the same."""
        return self._scope["method"] != "POST" and self._tag in _tags(header(self._asked, b"if-none-match"))

    async def not_modified(self) -> None:
        await self._send({"type": "http.response.start", "status": 304, "headers": self._headers(304, [])})
        await self._send({"type": "http.response.body", "body": b""})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = self._headers(message["status"], message["headers"])
            if message["status"] == 200 and self._scope["method"] != "POST" and self._is_known(headers):
                self._is_over = True
                kept = without(headers, b"content-length", b"content-type", b"content-encoding", b"accept-ranges", b"content-disposition")
                await self._send({**message, "status": 304, "headers": kept})
                await self._send({"type": "http.response.body", "body": b""})
                return
            message = {**message, "headers": headers}
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        if not self._is_over:
            await self._send(message)

    def _is_known(self, headers: Headers) -> bool:
        """The rules of RFC 9110, section 13: tags go before times."""
        if asked := header(self._asked, b"if-none-match"):
            return asked.strip() == "*" or header(headers, b"etag").removeprefix("W/") in {t.removeprefix("W/") for t in _tags(asked)}
        if since := header(self._asked, b"if-modified-since"):
            return _is_not_after(header(headers, b"last-modified"), since)
        return False

    def _headers(self, status: int, headers: Headers) -> Headers:
        own = {
            "x-dataset-version": self._served.version, "x-dataset-date": self._served.build.get("data_date", ""), "x-dataset-edition": self._served.edition,
            "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED, "vary": "Accept-Encoding",
        }  # fmt: skip
        if self._scope["method"] == "OPTIONS":
            own |= {"access-control-allow-headers": "*", "access-control-max-age": "86400"}
        if self._scope["path"].endswith(".csv") and header(headers, b"content-type").startswith("text/plain"):
            own["content-type"] = "text/csv; charset=utf-8"
        if self._scope["path"].endswith(FRAMED):
            own["content-security-policy"] = FRAMED_POLICY
        own["cache-control"] = self._keeping(status, header(headers, b"cache-control"))
        if status in (200, 304) and own["cache-control"] != NEVER and not header(headers, b"etag"):
            own |= {"etag": self._tag, "last-modified": self._moment}
        elif header(headers, b"content-encoding") and (own_tag := header(headers, b"etag")).startswith('"'):
            own["etag"] = f"W/{own_tag}"  # the same content, not the same bytes
        dropped = {b"set-cookie", *(name.encode() for name in own)}
        return [*without(headers, *dropped), *encoded(own)]

    def _keeping(self, status: int, stated: str) -> str:
        if self._scope["method"] == "POST" or self._is_changing or status >= 400 or stated == NEVER:
            return NEVER
        if "immutable" in stated:
            return stated
        return FOR_GOOD if self._carries_edition and status in (200, 304) else NORMAL

    @property
    def _is_changing(self) -> bool:
        path = self._scope["path"]
        return path.startswith(CHANGING) and not path.startswith("/-/static")

    @property
    def _carries_edition(self) -> bool:
        return (VERSION_PARAMETER, self._served.edition) in parse_qsl(self._scope["query_string"].decode("latin-1"))

    @property
    def _moment(self) -> str:
        return formatdate(datetime.fromisoformat(self._served.build["committed"]).timestamp(), usegmt=True)


def _digest(fingerprint: str, scope: Scope) -> str:
    address = scope["path"].encode() + b"?" + scope["query_string"]
    return hashlib.sha256(fingerprint.encode() + address).hexdigest()[:32]


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in text.split(",")]


def _is_not_after(modified: str, since: str) -> bool:
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False  # an unreadable date asks for nothing
