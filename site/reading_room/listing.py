"""Which pages search engines are asked to list, and which not; docs/findability.md says why.

Listed are the pages that a reader may look for: the site's own, tables, questions, charts, and the records of tables that name theirs. Not listed are
records of the subject whose state is marked `unlisted` in the schema or is not known, rows without a name of their own, and whatever depends on a query.
"""

from __future__ import annotations

import sqlite3

from datasette.utils import escape_sqlite, tilde_decode
from datasette.utils.asgi import Request

from reading_room.catalogue import Catalogue
from scripts.package import Table

LANGUAGE = "_lang"  # the only parameter with which a page is the same page


def named(catalogue: Catalogue) -> list[Table]:
    """The tables whose records have pages to look for."""
    return [t for t in catalogue.records if t.get("label")]


def where(catalogue: Catalogue, table: Table) -> str:
    """The condition, in SQL, on the records of a table that are listed."""
    if not table.get("subject") or table.name not in catalogue.states:
        return "1"
    state, _ = catalogue.states[table.name]
    values = ", ".join(f"'{c['value']}'" for c in state.categories if not c.get("unlisted"))
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
    sql = f"select 1 from {escape_sqlite(table.name)} where id = ? and {where(catalogue, table)}"
    return conn.execute(sql, [tilde_decode(request.url_vars["pks"])]).fetchone() is not None
