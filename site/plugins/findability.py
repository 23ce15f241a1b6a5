"""Ties what search engines, feed readers and other programs look for (site/reading_room/findability.py) to Datasette."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # plugins are loaded in no certain order

from reading_room import findability, http, unlisted


@hookimpl
def extra_template_vars(view_name: str, request: Request | None, datasette: Datasette) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def variables() -> dict[str, Any]:
        return await findability.variables(datasette, request, view_name)

    return variables


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    return [
        (r"^/robots\.txt$", findability.robots),
        (r"^/llms\.txt$", findability.llms),
        (r"^/dataset\.jsonld$", findability.dataset),
        (r"^/sitemap\.xml$", findability.index),
        (r"^/sitemaps/(?P<name>[a-z0-9_-]+)\.xml$", findability.part),
        (r"^/feeds/(?P<kind>sources|records)\.atom$", findability.feed),
    ]


@hookimpl
def asgi_wrapper() -> Callable[[http.App], http.App]:
    return unlisted.data_is_not_listed
