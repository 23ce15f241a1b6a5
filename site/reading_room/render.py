"""Parts of pages that are made of very many small pieces."""

from __future__ import annotations

from functools import cache
from typing import Any

from datasette.app import Datasette
from jinja2 import Environment
from markupsafe import Markup


def render(datasette: Datasette, template: str, variables: dict[str, Any]) -> Markup:
    """A part of a page, written at once: Jinja's asynchronous mode, which Datasette uses, takes longer for each small piece."""
    return Markup(_jinja(datasette).get_template(template).render(variables))


def cell(html: Markup, title: Markup, kind: str = "") -> str:
    """A cell of _rows.html under the (escaped) title of its column; `kind` is `n` for a number, `w` for a text that asks for room."""
    if not html:
        return "<td></td>"
    return f'<td data-l="{title}" class="{kind}">{html}</td>' if kind else f'<td data-l="{title}">{html}</td>'


@cache
def _jinja(datasette: Datasette) -> Environment:
    environment: Environment = datasette.jinja_env.overlay(enable_async=False)
    return environment
