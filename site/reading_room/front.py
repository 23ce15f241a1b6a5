"""The home page and the list of tables, from the schemas: the numbers that matter, the questions, the newest sources."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils import escape_sqlite

from reading_room import moments
from reading_room.catalogue import Catalogue
from reading_room.cells import Cells
from reading_room.once import once
from reading_room.rows import labels, select
from scripts.package import Table

NEWEST = 6
QUESTIONS = 10
GROUPS = ("people", "events", "institutions", "responses", "sources", "editorial")


async def front(datasette: Datasette, cells: Cells) -> dict[str, Any]:
    """What the home page shows."""
    read = await once(datasette, cells.catalogue.database, ("front", cells.lang.code), lambda conn: _read(conn, cells))
    queries = await datasette.get_canned_queries(cells.catalogue.database, None)
    questions = [{"title": cells.lang.of(q) or name, "href": cells.href(name)} for name, q in queries.items()]
    return {**read, "questions": questions[:QUESTIONS]}


def _read(conn: sqlite3.Connection, cells: Cells) -> dict[str, Any]:
    catalogue = cells.catalogue
    subject, sources = catalogue.subject, catalogue.with_role("sources")
    warnings = subject.get("warnings", []) if subject else []
    return {
        "numbers": [*(_numbers(conn, cells, subject) if subject else []), *(_totals(conn, cells, sources) if sources else [])],
        "caveats": [cells.lang.of(catalogue.warnings[w], "text") for w in warnings],
        "newest": _newest(conn, cells, sources) if sources else [],
        "as_of": _as_of(conn, catalogue, subject) if subject else None,
        "all_sources": f"{cells.href(sources.name)}?_sort_desc=published" if sources else "",
    }


def _numbers(conn: sqlite3.Connection, cells: Cells, subject: Table) -> list[dict[str, Any]]:
    """How many subjects there are, and how many in each state, in the order of the schema."""
    total = conn.execute(f"select count(*) from {escape_sqlite(subject.name)}").fetchone()[0]
    href = cells.href(subject.name)
    found = [{"label": cells.lang.of(subject.descriptor), "value": total, "href": href, "at_least": True}]
    if state := cells.catalogue.states.get(subject.name, (None,))[0]:
        column = escape_sqlite(state.name)
        counts = dict(conn.execute(f"select {column}, count(*) from {escape_sqlite(subject.name)} group by 1").fetchall())
        for category in (c for c in state.categories if counts.get(c["value"])):
            label = cells.category(state, category["value"])
            found.append({"label": label, "value": counts[category["value"]], "href": f"{href}?{state.name}={category['value']}", "at_least": True})
    return found


def _totals(conn: sqlite3.Connection, cells: Cells, sources: Table) -> list[dict[str, Any]]:
    total = conn.execute(f"select count(*) from {escape_sqlite(sources.name)}").fetchone()[0]
    return [{"label": cells.lang.of(sources.descriptor), "value": total, "href": cells.href(sources.name), "at_least": False}]


def _newest(conn: sqlite3.Connection, cells: Cells, sources: Table) -> list[dict[str, Any]]:
    """The newest sources with a whole date that speak for themselves; the others repeat what somebody else has said."""
    where = "length(published) = 10 and relays is null"
    sql = f"select id, title, published, publisher from {escape_sqlite(sources.name)} where {where} order by published desc, id limit {NEWEST}"
    rows = select(conn, sql)
    target = cells.catalogue.target(sources.name, "publisher") or ""
    cells.labels |= labels(conn, cells.catalogue, cells.lang, {(target, r["publisher"]) for r in rows})
    cells.labels |= {(sources.name, r["id"]): r["title"] for r in rows}
    return [{"link": cells.link(sources.name, r["id"]), "when": cells.moment(r["published"]), "publisher": cells.name(target, r["publisher"])} for r in rows]


def _as_of(conn: sqlite3.Connection, catalogue: Catalogue, subject: Table) -> str | None:
    """The newest day for which anything is reported of a subject."""
    if subject.name not in catalogue.states:
        return None
    column = escape_sqlite(catalogue.states[subject.name][1])
    return moments.newest([r[0] for r in conn.execute(f"select distinct {column} from {escape_sqlite(subject.name)} where {column} is not null")])


def contents(catalogue: Catalogue, cells: Cells) -> dict[str, Any]:
    """Every table and view by the group that its schema names, in reading order; rows as reported stand beside their records."""
    lang = cells.lang
    groups: dict[str, list[dict[str, Any]]] = {}
    described = {t.name: t.descriptor for t in catalogue.tables.values() if t.get("kind") != "as-reported"} | catalogue.views
    for name, descriptor in described.items():
        reported = catalogue.reported(name)
        entry = {
            "name": name,
            "title": lang.of(descriptor) or name,
            "summary": lang.of(descriptor, "summary"),
            "is_english": not descriptor.get("summary_fa"),
            "href": cells.href(name),
            "reported": cells.href(reported) if reported else "",
        }
        groups.setdefault(descriptor.get("group", "editorial"), []).append(entry)
    ordered = sorted(groups, key=lambda g: GROUPS.index(g) if g in GROUPS else len(GROUPS))
    return {"groups": [{"key": g, "title": lang.say(f"group.{g}") if lang.knows(f"group.{g}") else g, "tables": groups[g]} for g in ordered]}
