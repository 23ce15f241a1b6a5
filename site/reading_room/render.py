"""Parts of pages that are made of very many small pieces."""

from __future__ import annotations

from typing import Any

from datasette.app import Datasette
from markupsafe import Markup


def render(datasette: Datasette, template: str, variables: dict[str, Any]) -> Markup:
    """A part of a page, written at once: Jinja's asynchronous mode, which Datasette uses, takes longer for each small piece."""
    known = getattr(datasette, "_reading_room_jinja", None)
    if known is None:
        known = datasette._reading_room_jinja = datasette.jinja_env.overlay(enable_async=False)
    return Markup(known.get_template(template).render(variables))
