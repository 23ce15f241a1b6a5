"""What is told where an answer is not what was asked for: the right status, a sentence, and where to go on."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Base400, NotFound, Request, Response
from datasette.views.base import DatasetteError

from service import asking, retired
from service.asgi import App, Headers, Message, Receive, Scope, Send, header, send_json, send_response
from service.asking import Refusal
from service.served import Served, served

log = logging.getLogger("service")
PROBLEM = "service.problem"  # where in a scope the exception is kept that ended a request
MACHINE = (".json", ".csv", "/-/reconcile")  # ends of addresses that only programs ask for
# what SQLite and Datasette raise when they cannot do what an address asks for
ASKERS = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)
RECORD = re.compile(r"/(?P<database>[^/.]+)/(?P<table>[^/.]+)(?:/(?P<record>[^/.]+))?(?:\.\w+)?(?:/dossier\.json)?")

PERCENT = re.compile(r"/(?P<database>[^/.]+)/(?P<table>[^/.]+)/(?P<key>[^/]+?)(?P<form>\.(?:json|csv)|/dossier\.json)?")


def remember(request: Request, exception: Exception) -> Response:
    """The bare answer to an exception that Datasette or a view met; it is kept for the layer around Datasette, which puts in the words."""
    request.scope.get(PROBLEM, {})["exception"] = exception
    status = exception.status if isinstance(exception, Refusal) else told(exception)[0]
    if status == 500:
        log.error("A request failed", exc_info=exception)
    return Response.text("", status=status)


def explaining(app: App, datasette: Datasette) -> App:
    """Wrap Datasette so that bad input is refused before it is misread, and every refusal explains itself."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        known = await served(datasette)
        root = _below_root(datasette, scope["path"])
        scope = {**scope, PROBLEM: {}}
        refused = _Refused(known, root, scope, send)
        try:
            query = asking.check(known, root, scope["query_string"].decode("latin-1"))
            _rewrite(known, datasette, scope)
            await app({**scope, "query_string": query.encode("latin-1")}, receive, refused.send)
            if refused.start is None:
                return
            refusal = await refused.refusal(datasette)
        except Refusal as told:
            refusal = told
        await _send(datasette, Request({"csrftoken": str, "actor": None, **scope}, receive), refusal, send)

    return wrapped


def _below_root(datasette: Datasette, path: str) -> str:
    base = datasette.setting("base_url")
    return "/" + path[len(base) :] if path.startswith(base) else path


def _rewrite(known: Served, datasette: Datasette, scope: Scope) -> None:
    """Send who writes a record's key with % to the address that Datasette knows, which has ~; Datasette's own way there loses the `.json`."""
    raw = _below_root(datasette, scope.get("raw_path", b"").decode("latin-1").partition("?")[0])
    found = PERCENT.fullmatch(raw)
    if found and found["key"] and "%" in found["key"] and found["database"] == known.published.database:
        key = found["key"].replace("%", "~").replace(".", "~2E")
        query = scope["query_string"].decode("latin-1")
        address = f"/{found['database']}/{found['table']}/{key}{found['form'] or ''}" + (f"?{query}" if query else "")
        raise Refusal(302, "The same record, as its address is written here.", address, moved_to=address)


class _Refused:
    """Lets an answer pass; holds back one that is no answer, to be told in better words."""

    def __init__(self, known: Served, path: str, scope: Scope, send: Send) -> None:
        self._known, self._path, self._scope, self._send = known, path, scope, send
        self.start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._is_to_be_told(message["status"], message["headers"]):
            self.start = message
        elif self.start is not None:
            self._body += message.get("body", b"")
        else:
            await self._send(message)

    def _is_to_be_told(self, status: int, headers: Headers) -> bool:
        if "exception" in self._scope[PROBLEM]:
            return True
        is_json = header(headers, b"content-type").startswith("application/json")
        return status >= 400 and is_json and self._path.endswith(".json") and "/-/" not in self._path

    async def refusal(self, datasette: Datasette) -> Refusal:
        assert self.start is not None
        exception = self._scope[PROBLEM].get("exception")
        if isinstance(exception, Refusal):
            return exception
        status, message = told(exception) if exception else (self.start["status"], _error_of(self._body))
        found = RECORD.fullmatch(self._path)
        if status == 404:
            return await _not_found(datasette, self._known, self._path, found)
        if status == 500:
            return Refusal(500, "Something went wrong on this server; it is not your request’s fault.", "/api#errors")
        is_sql = isinstance(exception, ASKERS) or "SQL" in str(getattr(exception, "title", "")) or b"sql=" in self._scope["query_string"]
        return Refusal(status, _sentence(message), "/api#sql" if is_sql else "/api#errors")


def told(exception: Exception) -> tuple[int, str]:
    """The status that an exception stands for, and what it says of itself."""
    if isinstance(exception, NotFound):
        return 404, ""
    if isinstance(exception, Base400):
        return exception.status, str(exception.args[0])
    if isinstance(exception, DatasetteError):
        # Datasette raises it only for what a request asks for, but leaves its status at 500 in places
        status = 400 if exception.status == 500 else exception.status
        return status, "the query took too long" if exception.message_is_html else str(exception.message)
    if isinstance(exception, ASKERS):
        return 400, str(exception)
    return 500, ""


def _error_of(body: bytes) -> str:
    try:
        return str(json.loads(body).get("error", ""))
    except (ValueError, AttributeError):
        return ""


def _sentence(message: str) -> str:
    if "took too long" in message:
        return "The query took longer than a query may take here; ask for less, or take the whole table from the downloads."
    return f"This cannot be answered: {message.rstrip('.')}."


async def _not_found(datasette: Datasette, known: Served, path: str, found: re.Match[str] | None) -> Refusal:
    """Whether what is asked for was retired, and otherwise where to look for it."""
    database = known.published.database
    if found is None or found["database"] != database:
        return Refusal(404, f"There is nothing at {path}.", "/")
    table, record = found["table"], found["record"]
    if table not in known.columns:
        close = get_close_matches(table, known.columns, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        return Refusal(404, f"There is no table, view or query {table!r}.{hint}", f"/{database}")
    if record is None:
        return Refusal(404, f"There is nothing at {path}.", f"/{database}/{table}")
    if moved := await retired.refusal(datasette, known, table, record, path):
        return moved
    searchable = known.published.tables[table].get("search") if table in known.published.tables else None
    query = f"?{urlencode({'_search': record.replace('-', ' ')})}" if searchable else ""
    return Refusal(404, f"No record of {table} has the id {record!r}.", f"/{database}/{table}{query}")


async def _send(datasette: Datasette, request: Request, refusal: Refusal, send: Send) -> None:
    headers = {"location": datasette.urls.path(refusal.moved_to)} if refusal.moved_to else {}
    pointer = datasette.urls.path(refusal.pointer)
    if request.path.endswith(MACHINE) or "text/html" not in request.headers.get("accept", "text/html,*/*").replace("*/*", "text/html"):
        content: dict[str, Any] = {"ok": False, "status": refusal.status, "title": None, "error": refusal.sentence}
        await send_json(send, refusal.status, content | {"help": datasette.absolute_url(request, pointer)}, headers)
        return
    further = {"href": quote(pointer, safe="/?#=&%+-_.~"), "key": _label(refusal)}
    context = {"status": refusal.status, "error": refusal.sentence, "title": None, "pointer": pointer, "further": further}
    body = await datasette.render_template(["error.html"], context, request=request)
    await send_response(send, refusal.status, body.encode(), {"content-type": "text/html; charset=utf-8", **headers})


def _label(refusal: Refusal) -> str:
    """The message that the link has which leads on."""
    if "_search=" in refusal.pointer:
        return "error.search"
    return "error.how-to-ask" if refusal.pointer.startswith("/api") else "error.go-on"
