"""Which pages search engines are asked to list, and which not; docs/site.md says why.

Listed are the pages that a reader may look for: the site's own, tables, questions, charts, and the records of tables that name theirs. Not listed are
records of the subject whose state is marked `unlisted` in the schema or is not known, rows without a name of their own, and whatever depends on a query.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from datasette.utils import escape_sqlite, tilde_decode
from datasette.utils.asgi import Request

from reading_room.catalogue import Catalogue
from reading_room.state import state_of
from scripts.package import Field, Table

LANGUAGE = "_lang"  # the only parameter with which a page is the same page


def named(catalogue: Catalogue) -> list[Table]:
    """The tables whose records have pages to look for."""
    return [t for t in catalogue.records if t.get("label") and t.get("kind") in ("records", "plain")]


def where(table: Table) -> str:
    """The condition, in SQL, on the records of a table that are listed."""
    state = state_of(table)
    if not table.get("subject") or state is None:
        return "1"
    values = ", ".join(f"'{v}'" for v in _listed_states(state))
    return f"{escape_sqlite(state.name)} in ({values})"


def is_listed(request: Request, view: str | None, catalogue: Catalogue, conn: sqlite3.Connection) -> bool:
    """Whether search engines are asked to list this page."""
    if set(request.args) - {LANGUAGE} or view == "search":
        return False
    if view == "table":
        shown = catalogue.tables.get(tilde_decode(request.url_vars["table"]))
        return shown is None or shown.get("kind") != "as-reported"
    if view != "row":
        return True
    table = next((t for t in named(catalogue) if t.name == tilde_decode(request.url_vars["table"])), None)
    if table is None:
        return False
    sql = f"select 1 from {escape_sqlite(table.name)} where id = ? and {where(table)}"
    return conn.execute(sql, [tilde_decode(request.url_vars["pks"])]).fetchone() is not None


def _listed_states(state: Field) -> Iterable[str]:
    return (c["value"] for c in state.categories if not c.get("unlisted"))
