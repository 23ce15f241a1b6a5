"""Addresses as others write them: with the host that the site is published under, which `origin` of the plugin findability names."""

from __future__ import annotations

from functools import cache

from datasette.app import Datasette
from datasette.utils.asgi import Request


def absolute(datasette: Datasette, request: Request, path: str) -> str:
    """A path with its host; where none is configured, with the one that was asked."""
    origin = configured(datasette)
    return f"{origin}{path}" if origin else datasette.absolute_url(request, path)


@cache
def configured(datasette: Datasette) -> str:
    return ((datasette.plugin_config("findability") or {}).get("origin") or "").rstrip("/")
