"""Everything that the database knows of one record, arranged for a reader; which tables there are is told by the schemas."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from datasette.utils import escape_sqlite

from reading_room.catalogue import NOTE, Catalogue, Reference
from reading_room.evidence import Evidence
from reading_room.language import Language
from reading_room.rows import Record, Row, labels, mentions, records, select
from scripts.catalogue import AS_REPORTED
from scripts.package import Table

MOST = 25  # records of one kind on a page that is not about the subject; the rest is one click away


@dataclass
class Related:
    """The records of one table that refer to the record of the page, through one column."""

    reference: Reference
    found: list[Record]
    total: int
    people: int = 0  # subjects among them


@dataclass
class Dossier:
    """A record and all that surrounds it."""

    record: Record
    related: list[Related] = field(default_factory=list)
    far: dict[tuple[str, str], Record] = field(default_factory=dict)  # records behind link tables, by table and id
    companions: dict[str, list[Row]] = field(default_factory=dict)  # by the id of what the page's record shares with them
    disputes: list[Row] = field(default_factory=list)
    decisions: dict[tuple[str, str, str], str] = field(default_factory=dict)  # the reason, by table, record and field
    tags: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)  # (column, value) by table and id
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=lambda: Evidence({}, {}))
    is_subject: bool = False


def dossier(conn: sqlite3.Connection, catalogue: Catalogue, lang: Language, table: str, key: list[str]) -> Dossier | None:
    """Read everything about the row of `table` with the primary key `key`; None where there is no such row."""
    record = _record(conn, catalogue, table, key)
    if record is None:
        return None
    found = Dossier(record, is_subject=catalogue.subject is not None and table == catalogue.subject.name)
    if "id" in record.row and record.table.get("kind") in ("records", "plain"):
        for reference in catalogue.references[table]:
            found.related.append(_related(conn, catalogue, found, reference))
        found.related += _pointing_here(conn, catalogue, record)
        found.related = [r for r in found.related if r.total]
        _read_far_sides(conn, catalogue, found)
        _read_disputes(conn, catalogue, found)
    _read_names(conn, catalogue, lang, found)
    return found


def _record(conn: sqlite3.Connection, catalogue: Catalogue, table: str, key: list[str]) -> Record | None:
    described = catalogue.tables.get(table)
    if described is None or len(described.primary_key) != len(key):
        return None
    where = " and ".join(f"{escape_sqlite(c)} = ?" for c in described.primary_key)
    if described.get("kind") in ("records", "plain") and "id" in described.columns:
        return next(iter(records(conn, catalogue, table, where, key)), None)
    rows = select(conn, f"select * from {escape_sqlite(table)} where {where}", key)
    return Record(described, rows[0]) if rows else None


def _related(conn: sqlite3.Connection, catalogue: Catalogue, page: Dossier, reference: Reference) -> Related:
    """The records that refer to the page's through `reference`: all of them about a subject, else the first ones and their number."""
    table, column = reference
    where, value = f"{escape_sqlite(column)} = ?", [page.record.id]
    if catalogue.tables[table].get("kind") == "as-reported":
        rows = select(conn, f"select * from {escape_sqlite(table)} where {where} order by id limit {MOST + 1}", value)
        found = [Record(catalogue.tables[table], row) for row in rows]
    else:
        found = records(conn, catalogue, table, where, value, None if page.is_subject else MOST + 1)
    if page.is_subject or len(found) <= MOST:
        return Related(reference, found, len(found))
    return Related(reference, found[:MOST], *_totals(conn, catalogue, reference, page.record.id))


def _totals(conn: sqlite3.Connection, catalogue: Catalogue, reference: Reference, record: str) -> tuple[int, int]:
    subject = catalogue.subject
    people = catalogue.tables[reference.table].targets(subject.name) if subject else []
    counted = f", count(distinct {escape_sqlite(people[0])})" if people else ", 0"
    sql = f"select count(*){counted} from {escape_sqlite(reference.table)} where {escape_sqlite(reference.column)} = ?"
    total, distinct = conn.execute(sql, [record]).fetchone()
    return total, distinct


def _pointing_here(conn: sqlite3.Connection, catalogue: Catalogue, record: Record) -> list[Related]:
    """Records of tables whose columns `table` and `record` point to this one, such as identifiers elsewhere."""
    tables = [t for t in catalogue.records if t.name in catalogue.polymorphic and t.get("kind") == "records"]
    found = [(t, records(conn, catalogue, t.name, '"table" = ? and record = ?', [record.table.name, record.id])) for t in tables]
    return [Related(Reference(t.name, "record"), rows, len(rows)) for t, rows in found]


def _read_far_sides(conn: sqlite3.Connection, catalogue: Catalogue, page: Dossier) -> None:
    """What link tables lead to, and who else is tied to the same."""
    beside = page.record.table.get("page", {}).get("beside", [])
    for related in page.related:
        table, column = related.reference
        if not catalogue.is_link(table):
            continue
        far = catalogue.far_side(table, column)
        target = catalogue.target(table, far)
        assert target is not None
        ids = [r.row[far] for r in related.found]
        places = ", ".join("?" * len(ids))
        page.far |= {(target, r.id): r for r in records(conn, catalogue, target, f"id in ({places})", ids)}
        if table in beside:
            page.companions |= _companions(conn, catalogue, table, column, far, ids)


def _companions(conn: sqlite3.Connection, catalogue: Catalogue, link: str, near: str, far: str, shared: list[str]) -> dict[str, list[Row]]:
    """For each shared record all who are tied to it, by name."""
    target = catalogue.target(link, near)
    assert target is not None
    label = (catalogue.labels(target) or ("id", "id"))[0]
    sql = (
        f"select l.{escape_sqlite(far)} as shared, t.* from {escape_sqlite(link)} l join {escape_sqlite(target)} t on t.id = l.{escape_sqlite(near)} "
        f"where l.{escape_sqlite(far)} in ({', '.join('?' * len(shared))}) order by 1, t.{escape_sqlite(label)}"
    )
    found: dict[str, list[Row]] = defaultdict(list)
    for row in select(conn, sql, shared):
        found[row["shared"]].append(row)
    return dict(found)


def _read_disputes(conn: sqlite3.Connection, catalogue: Catalogue, page: Dossier) -> None:
    """What sources disagree on about this record; about a subject, also in the records that concern it alone."""
    concerned = [page.record]
    if page.is_subject:
        concerned += [r for related in page.related for r in related.found]
    by_table: dict[str, list[str]] = defaultdict(list)
    for record in concerned:
        if record.disputed:
            by_table[record.table.name].append(record.id)
    for table, ids in by_table.items():
        sql = f'select * from disagreements where "table" = ? and record in ({", ".join("?" * len(ids))}) order by record, field, other_value'
        page.disputes += select(conn, sql, [table, *ids])
    if page.disputes and (decided := catalogue.with_role("decisions")):
        rows = select(conn, f"select * from {escape_sqlite(decided.name)}")
        page.decisions = {(r["table"], r["record"], r["field"]): r["reason"] for r in rows}


def _read_names(conn: sqlite3.Connection, catalogue: Catalogue, lang: Language, page: Dossier) -> None:
    """The sources that the page rests on, and what everything that it mentions is called."""
    shown = [page.record, *(r for related in page.related for r in related.found), *page.far.values()]
    sources = {s for r in shown for s in r.sources} | {r.row["source"] for r in shown if r.row.get("source")}
    page.evidence = Evidence.read(conn, catalogue, sources if _is_cited(page) else page.record.sources)
    wanted = set(_wanted(catalogue, shown)) | _disputed_references(catalogue, page) | _publishers(catalogue, page.evidence)
    page.labels = labels(conn, catalogue, lang, wanted)
    _read_tags(conn, catalogue, page, wanted)
    _name_the_nameless(conn, catalogue, lang, page, wanted)


def _is_cited(page: Dossier) -> bool:
    """Whether the page carries the marks of all its records, as one on a subject does, or only those of its own."""
    return page.is_subject


def _wanted(catalogue: Catalogue, shown: Iterable[Record]) -> Iterable[tuple[str, str]]:
    for record in shown:
        name = record.table.name
        yield from mentions(catalogue, name, [record.row])
        if "id" in record.row and (record.table.get("label") or record.table.get("kind") == "as-reported"):
            yield (name.removesuffix(AS_REPORTED), str(record.row["id"]))
        if name in catalogue.polymorphic and record.row["table"] in catalogue.tables:
            yield (record.row["table"], record.row["record"])


def _disputed_references(catalogue: Catalogue, page: Dossier) -> set[tuple[str, str]]:
    """The records around the page's in which something is in dispute, values in dispute that are ids of others, and the voices for them."""
    found = {(row["table"], row["record"]) for row in page.disputes if row["record"] != page.record.row.get("id")}
    publishers = catalogue.with_role("publishers")
    for row in page.disputes:
        if target := catalogue.target(row["table"], row["field"]):
            found |= {(target, row[c]) for c in ("published_value", "other_value")}
        if publishers:
            voices = "; ".join(row[c] for c in ("published_by", "other_by") if row[c]).split("; ")
            found |= {(publishers.name, voice) for voice in voices}
    return found


def _publishers(catalogue: Catalogue, evidence: Evidence) -> set[tuple[str, str]]:
    publishers = catalogue.with_role("publishers")
    return {(publishers.name, r[c]) for r in evidence.sources.values() for c in ("publisher", "relays") if r[c]} if publishers else set()


def _read_tags(conn: sqlite3.Connection, catalogue: Catalogue, page: Dossier, wanted: Iterable[tuple[str, str]]) -> None:
    """Short remarks that a schema wants beside a record wherever it is named, such as who sanctions an official."""
    for table in catalogue.records:
        for reference in table.get("page", {}).get("tags", []):
            other, column = reference.split(".")
            ids = sorted(record for name, record in wanted if name == table.name)
            back = next(r.column for r in catalogue.references[table.name] if r.table == other)
            sql = f"select distinct {escape_sqlite(back)} as id, {escape_sqlite(column)} as value from {escape_sqlite(other)} "
            sql += f"where {escape_sqlite(back)} in ({', '.join('?' * len(ids))}) and value is not null order by 1, 2"
            for row in select(conn, sql, ids) if ids else []:
                page.tags.setdefault((table.name, row["id"]), []).append((reference, row["value"]))


def _name_the_nameless(conn: sqlite3.Connection, catalogue: Catalogue, lang: Language, page: Dossier, wanted: Iterable[tuple[str, str]]) -> None:
    """Records of tables without a label are called by what their schema lists under `describe`."""
    nameless: dict[str, list[str]] = defaultdict(list)
    for table, record in sorted(wanted):
        if table in catalogue.tables and not catalogue.tables[table].get("label"):
            nameless[table].append(record)
    for table, ids in nameless.items():
        page.labels |= describe(conn, catalogue, lang, table, ids, with_subject=not page.is_subject)


def describe(
    conn: sqlite3.Connection, catalogue: Catalogue, lang: Language, table: str, ids: list[str], *, with_subject: bool = True
) -> dict[tuple[str, str], str]:
    """A line on each record, from the columns under `describe`: labels for codes, names for ids."""
    described = catalogue.tables[table]
    columns = [c for c in described.get("describe", []) if c in described.columns]
    if not columns or "id" not in described.columns:
        return {}
    rows = select(conn, f"select * from {escape_sqlite(table)} where id in ({', '.join('?' * len(ids))})", ids)
    known = labels(conn, catalogue, lang, mentions(catalogue, table, rows))
    return {(table, row["id"]): one_line(catalogue, lang, described, row, known, with_subject=with_subject) for row in rows}


def one_line(catalogue: Catalogue, lang: Language, table: Table, row: Row, known: dict[tuple[str, str], str], *, with_subject: bool = True) -> str:
    """The line itself; a record about a subject begins with the subject's name, where a page is not about the subject anyway."""
    subject = table.targets(catalogue.subject.name) if catalogue.subject and with_subject else []
    parts: list[str] = []
    for column in dict.fromkeys([*subject, *table.get("describe", [])]):
        value = row.get(column)
        if value is None or column == NOTE:
            continue
        target = catalogue.target(table.name, column)
        category = next((c for c in table.field(column).categories if c["value"] == value), None)
        parts.append(str(known.get((target, value), value)) if target else lang.of(category, "label") if category else str(value))
    text = lang.join(parts)
    return text if len(text) <= 120 else f"{text[:119]}…"
