"""Ties what programs are answered (site/service/) to Datasette; only hooks that Datasette 1.0 keeps."""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils.asgi import Request, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # `site` is the name of a standard module: its packages are found by their own names

from service import caching, counts, downloads, errors, partial, routes
from service.asgi import App, Receive, Scope, Send
from service.served import served
from service.shelf import Shelf


@hookimpl
def register_routes() -> list[tuple[str, object]]:
    return list(routes.ROUTES)


@hookimpl
def extra_template_vars(view_name: str, table: str | None, datasette: Datasette) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def variables() -> dict[str, Any]:
        return {"release": downloads.of_table(await served(datasette), table) if table and view_name == "table" else None}

    return variables


@hookimpl
def startup(datasette: Datasette) -> None:
    # Datasette copies all its metadata, several times for every answer, to look for rules on one table; they do not change
    if hasattr(datasette, "_table_permission_allows"):
        datasette._table_permission_allows = functools.cache(datasette._table_permission_allows)  # type: ignore[method-assign]
    # Datasette's own answer to errors prints every address that was mistyped to the log, with all variables; ours takes its place
    if pm.has_plugin("datasette.handle_exception"):
        pm.unregister(name="datasette.handle_exception")


@hookimpl(trylast=True)
def handle_exception(request: Request, exception: Exception) -> Response:
    return errors.remember(request, exception)


@hookimpl(specname="asgi_wrapper", tryfirst=True)  # innermost: what it tells goes through all others
def explain(datasette: Datasette) -> object:
    counts.keep(datasette)
    partial.watch(datasette)
    return lambda app: errors.explaining(partial.marking(app), datasette)


@hookimpl(specname="asgi_wrapper", trylast=True)  # outermost: nothing is added to an answer after it
def cache(datasette: Datasette) -> object:
    return lambda app: _cached(app, datasette)


def _cached(app: App, datasette: Datasette) -> App:
    kept = Shelf(caching.compressed(app))

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        takes_post = "/-/reconcile" in scope["path"]
        await caching.Cacheable(kept, await served(datasette), takes_post)(scope, receive, send)

    return wrapped
