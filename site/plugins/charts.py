"""The charts: their pages, their pictures and the canned queries behind them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # plugins are loaded in no certain order

from reading_room import chart_pages, charts


@hookimpl
def canned_queries(database: str) -> dict[str, dict[str, Any]]:
    return charts.queries(database)


@hookimpl
def extra_template_vars(view_name: str, request: Request | None, datasette: Datasette) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def variables() -> dict[str, Any]:
        return await chart_pages.variables(datasette, request, view_name)

    return variables


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    return [
        (r"^/charts$", chart_pages.every),
        (r"^/charts/(?P<name>[a-z0-9-]+)$", chart_pages.one),
        (r"^/charts/(?P<name>[a-z0-9-]+)\.svg$", chart_pages.picture),
    ]
