"""Ties the pages of site/reading_room/ to Datasette; only hooks that Datasette 1.0 keeps."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # `site` is the name of a standard module: its packages are found by their own names

from reading_room import http, pages


@hookimpl
def extra_template_vars(view_name: str, table: str | None, request: Request | None, datasette: Datasette) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def variables() -> dict[str, Any]:
        return await pages.variables(datasette, request, view_name, table)

    return variables


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    return [
        *((pattern, pages.record) for pattern in pages.records_at(datasette)),
        *((pattern, pages.question) for pattern in pages.questions_at(datasette)),
        (r"^/$", pages.home),
        (r"^/about$", pages.about),
        (r"^/docs/(?P<name>[^/.]+)$", pages.document_page),
        (r"^/search$", pages.search_page),
        (r"^/search/suggest\.json$", pages.suggest),
    ]


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[http.App], http.App]:
    return http.reading_room
