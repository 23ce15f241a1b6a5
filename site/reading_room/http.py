"""What every answer carries: headers that keep readers safe, and the language that the address asks for."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from reading_room.language import LANGUAGES

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
NEVER = {b"set-cookie", *(name.encode() for name in HEADERS)}
_LANG = re.compile(rb"(^|&)lang=")
_HREF = re.compile(rb'href="(/(?!/|static/|-/static|downloads/|openapi\.json)[^"#]*)(#[^"]*)?"')
FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")


def reading_room(app: App) -> App:
    """Wrap an application so that its answers are safe, and its pages are in the language asked for."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            logging.getLogger("uvicorn.access").disabled = True  # who asked for whom is nobody's business
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        query = scope.get("query_string") or b""
        code = _asked_language(query)
        # Datasette takes a bare `lang` for a column; with an underscore it lets it pass, and keeps it in the links that it makes
        inner = {**scope, "query_string": _LANG.sub(rb"\1_lang=", query), "reading_language": code}
        answer = _Answer(send, code, is_versioned=scope["path"].startswith("/static/") and b"v=" in query)
        await app(inner, receive, answer.send)

    return wrapped


def _asked_language(query: bytes) -> str:
    asked = parse_qs(query.decode("latin-1"))
    code = (asked.get("lang") or asked.get("_lang") or ["en"])[-1]
    return code if code in LANGUAGES else "en"


class _Answer:
    """One response on its way out; a page in another language than English is held until it is whole, to keep the language in its links."""

    def __init__(self, send: Send, code: str, *, is_versioned: bool) -> None:
        self._send, self._code, self._is_versioned = send, code, is_versioned
        self._start: Message | None = None
        self._body: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = self._headers(message["headers"])
            message = {**message, "headers": headers}
            if self._code != "en" and any(k.lower() == b"content-type" and v.startswith(b"text/html") for k, v in headers):
                self._start = message
                return
        elif self._start is not None:
            self._body.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._send_translated(self._start)
            return
        await self._send(message)

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        kept = [(k, v) for k, v in headers if k.lower() not in NEVER]
        if self._is_versioned:
            kept = [*((k, v) for k, v in kept if k.lower() != b"cache-control"), FOREVER]
        return [*kept, *((k.encode(), v.encode()) for k, v in HEADERS.items())]

    async def _send_translated(self, start: Message) -> None:
        body = keep_language(b"".join(self._body), self._code)
        headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        await self._send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def keep_language(html: bytes, code: str) -> bytes:
    """A page whose links to this site ask for its language, save those that ask for one themselves."""

    def link(match: re.Match[bytes]) -> bytes:
        address, fragment = match[1].replace(b"_lang=", b"lang="), match[2] or b""
        if b"lang=" not in address:
            address += (b"&amp;" if b"?" in address else b"?") + b"lang=" + code.encode()
        return b'href="' + address + fragment + b'"'

    return _HREF.sub(link, html)
