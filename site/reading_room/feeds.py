"""Atom feeds: the newest sources, and the records that the newest sources tell of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from datasette.utils import escape_sqlite

from reading_room.cells import Cells
from reading_room.listing import named, where
from reading_room.rows import Row, labels, select
from reading_room.sitemap import Address, written
from reading_room.state import in_words
from scripts.package import Table

ATOM = "http://www.w3.org/2005/Atom"
NEWEST = 50
DAY = "____-__-__"  # only sources dated to the day are news
KINDS = ("sources", "records")


@dataclass
class Entry:
    """What a feed says of one thing: its path here, and where it is news about a source the address of that."""

    path: str
    title: str
    day: str
    summary: str
    author: str
    source: str = ""


Reader = Callable[[sqlite3.Connection, Cells], list[Entry]]


def sources(conn: sqlite3.Connection, cells: Cells) -> list[Entry]:
    """The newest sources, newest first."""
    table = cells.catalogue.with_role("sources")
    if table is None:
        return []
    rows = select(
        conn,
        f"select id, title, url, published, publisher from {escape_sqlite(table.name)} where published like '{DAY}' order by published desc, id limit {NEWEST}",
    )
    publishers = _names(conn, cells, table, rows)
    return [
        Entry(cells.href(table.name, r["id"]), r["title"], r["published"], f"{publishers[r['publisher']]}: {r['title']}", publishers[r["publisher"]], r["url"])
        for r in rows
    ]  # fmt: skip


def records(conn: sqlite3.Connection, cells: Cells) -> list[Entry]:
    """Records, each under the day of the newest source that tells of it: it is new since then, or has changed."""
    found = [e for table in named(cells.catalogue) if table.get("kind") == "records" for e in _of_table(conn, cells, table)]
    return sorted(found, key=lambda e: (e.day, e.path), reverse=True)[:NEWEST]


def _of_table(conn: sqlite3.Connection, cells: Cells, table: Table) -> list[Entry]:
    told = cells.catalogue.with_role("sources")
    reported = cells.catalogue.reported(table.name)
    if told is None or reported is None:
        return []
    sql = f"""
        select r.id, max(s.published || ' ' || s.id) as newest, count(distinct s.id) as reports
        from {escape_sqlite(reported)} r join {escape_sqlite(told.name)} s on s.id = r.source
        where s.published like '{DAY}' and r.id in (select id from {escape_sqlite(table.name)} where {where(cells.catalogue, table)})
        group by r.id order by newest desc limit {NEWEST}"""
    rows = select(conn, sql)
    names = labels(conn, cells.catalogue, cells.lang, {(table.name, r["id"]) for r in rows})
    return [_entry(conn, cells, table, row, names[(table.name, row["id"])]) for row in rows]


def _entry(conn: sqlite3.Connection, cells: Cells, table: Table, row: Row, name: str) -> Entry:
    """A record with what its newest source is called."""
    told = cells.catalogue.with_role("sources")
    assert told is not None
    day, source = row["newest"].split(" ", 1)
    newest = select(conn, f"select id, title, publisher from {escape_sqlite(told.name)} where id = ?", [source])
    publisher = _names(conn, cells, told, newest)[newest[0]["publisher"]]
    summary = cells.lang.say("feed.told", n=row["reports"], publisher=publisher, title=newest[0]["title"])
    record = select(conn, f"select * from {escape_sqlite(table.name)} where id = ?", [row["id"]])[0]
    summary = " · ".join(part for part in (in_words(cells, table.name, record), summary) if part)
    return Entry(cells.href(table.name, row["id"]), f"{cells.lang.of(table.descriptor)}: {name}", day, summary, publisher)


def _names(conn: sqlite3.Connection, cells: Cells, table: Table, rows: list[Row]) -> dict[str, str]:
    """The names of publishers by id."""
    target = cells.catalogue.target(table.name, "publisher") or ""
    found = labels(conn, cells.catalogue, cells.lang, {(target, r["publisher"]) for r in rows})
    return {r["publisher"]: found.get((target, r["publisher"])) or r["publisher"] for r in rows}


def feed(entries: list[Entry], title: str, path: str, cells: Cells, address: Address, rights: str) -> str:
    """The feed as Atom (RFC 4287). A record keeps its id in every language; its date moves when a new source tells of it."""
    suffix = "?lang=fa" if cells.lang.persian else ""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": cells.lang.code})
    SubElement(root, "id").text = address(path) + suffix
    SubElement(root, "title").text = f"{cells.lang.of(cells.catalogue.config)}: {title}"
    SubElement(root, "updated").text = _moment(max((e.day for e in entries), default="1970-01-01"))
    SubElement(root, "rights").text = rights
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": address(path) + suffix})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": address("/") + suffix})
    for entry in entries:
        _append(root, entry, address, suffix)
    return written(root)


def _append(root: Element, entry: Entry, address: Address, suffix: str) -> None:
    element = SubElement(root, "entry")
    SubElement(element, "id").text = address(entry.path)
    SubElement(element, "title").text = entry.title
    SubElement(element, "updated").text = _moment(entry.day)
    SubElement(SubElement(element, "author"), "name").text = entry.author
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": address(entry.path) + suffix})
    if entry.source:
        SubElement(element, "link", {"rel": "via", "href": entry.source})
    SubElement(element, "summary").text = entry.summary


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"
