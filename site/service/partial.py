"""Answers that lack a part, because the time for counting it ran out: they are given, and nobody is to keep them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results

from service.asgi import App, Message, Receive, Scope, Send, without

_cut_short: ContextVar[list[str] | None] = ContextVar("cut_short", default=None)  # the queries of this request that ran out of time


def watch(datasette: Datasette) -> None:
    """Notice every query that runs out of time; Datasette answers without the facet or the count that it was for."""
    for database in datasette.databases.values():
        if database.path:
            database.execute = _watched(database)


def _watched(database: Database) -> Callable[..., Awaitable[Results]]:
    execute = database.execute

    async def watched(sql: str, *arguments: Any, **named: Any) -> Results:
        try:
            return await execute(sql, *arguments, **named)
        except QueryInterrupted:
            if (noted := _cut_short.get()) is not None:
                noted.append(sql)
            raise

    return watched


def marking(app: App) -> App:
    """Wrap an application so that an answer that lacks a part is not kept by anyone."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        noted: list[str] = []
        _cut_short.set(noted)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and noted:
                message = {**message, "headers": [*without(message["headers"], b"cache-control"), (b"cache-control", b"no-store")]}
            await send(message)

        await app(scope, receive, marked)

    return wrapped
