"""Reading the database: records with the rows as reported behind them, and what records are called."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from datasette.utils import escape_sqlite

from reading_room.catalogue import Catalogue
from reading_room.cells import Labels
from reading_room.language import Language
from scripts import dates
from scripts.package import CONTRADICTION, UNION, Field, Table

Row = dict[str, Any]
LARGEST_SET = 500  # ids asked for at once


@dataclass
class Record:
    """A record and the rows of its sources."""

    table: Table
    row: Row
    reported: list[Row] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.row["id"]

    @property
    def sources(self) -> list[str]:
        return [r["source"] for r in self.reported]

    @property
    def disputed(self) -> list[str]:
        text = self.row.get("disputed")
        return text.split(UNION) if text else []

    def backing(self, column: Field, value: Any) -> list[str]:
        """The sources that stand behind a value of a field."""
        name = column.name
        return [r["source"] for r in self.reported if (claim := r.get(name)) is not None and (claim == value or _supports(column, claim, value))]


def _supports(column: Field, claim: Any, value: Any) -> bool:
    """Whether what a source says in a cell backs another `value`: one of several that it gives, or for dates a span around it."""
    if not isinstance(claim, str) or not (column.edtf or str(value) in claim):
        return False
    parts = claim.split(CONTRADICTION)
    if column.rule["rule"] == "union":
        parts = [p for part in parts for p in part.split(UNION)]
    return value in parts or (column.edtf and any(_around(p, str(value)) for p in parts))


def _around(outer: str, inner: str) -> bool:
    try:
        out, in_ = dates.parse(outer), dates.parse(inner)
    except ValueError:
        return False
    return out.earliest <= in_.earliest and in_.latest <= out.latest


def select(conn: sqlite3.Connection, sql: str, parameters: Iterable[Any] = ()) -> list[Row]:
    cursor = conn.execute(sql, tuple(parameters))
    names = [d[0] for d in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def records(conn: sqlite3.Connection, catalogue: Catalogue, table: str, where: str, parameters: Iterable[Any], limit: int | None = None) -> list[Record]:
    """The records of a table that meet a condition, in the table's own order, with their rows as reported."""
    described = catalogue.tables[table]
    order = described.get("sort") or described.get("sort_desc")
    sql = f"select * from {escape_sqlite(table)} where {where}"
    if order:
        sql += f" order by {escape_sqlite(order)}{' desc' if described.get('sort_desc') else ''}, rowid"
    if limit:
        sql += f" limit {limit}"
    found = [Record(described, row) for row in select(conn, sql, parameters)]
    if reported := catalogue.reported(table):
        _attach(conn, reported, found)
    return found


def _attach(conn: sqlite3.Connection, reported: str, found: list[Record]) -> None:
    by_id = {r.id: r for r in found}
    for some in _chunks(list(by_id)):
        for row in select(conn, f"select * from {escape_sqlite(reported)} where id in ({_marks(some)}) order by id, source", some):
            by_id[row["id"]].reported.append(row)


def labels(conn: sqlite3.Connection, catalogue: Catalogue, lang: Language, wanted: Iterable[tuple[str, str]]) -> Labels:
    """What records are called in a language, by table and id; those of tables without a label are left out."""
    by_table: dict[str, set[str]] = defaultdict(set)
    for table, record in wanted:
        by_table[table].add(record)
    found: Labels = {}
    for table, ids in sorted(by_table.items()):
        columns = catalogue.labels(table)
        if columns is None:
            continue
        latin, persian = (escape_sqlite(c) for c in columns)
        name = f"coalesce({persian}, {latin})" if lang.persian else latin
        for some in _chunks(sorted(ids)):
            rows = conn.execute(f"select id, {name} from {escape_sqlite(table)} where id in ({_marks(some)})", some)
            found |= {(table, row[0]): row[1] for row in rows}
    return found


def named(conn: sqlite3.Connection, catalogue: Catalogue, wanted: Iterable[tuple[str, str]]) -> Labels:
    """The ids of records by table and name, for those names that one record of the table alone has."""
    by_table: dict[str, set[str]] = defaultdict(set)
    for table, name in wanted:
        if catalogue.labels(table):
            by_table[table].add(name)
    found: Labels = {}
    for table, names in sorted(by_table.items()):
        label = escape_sqlite((catalogue.labels(table) or ("", ""))[0])
        for some in _chunks(sorted(names)):
            sql = f"select {label}, min(id) from {escape_sqlite(table)} where {label} in ({_marks(some)}) group by {label} having count(*) = 1"
            found |= {(table, row[0]): row[1] for row in conn.execute(sql, some)}
    return found


def mentions(catalogue: Catalogue, table: str, rows: Iterable[Row]) -> set[tuple[str, str]]:
    """The records that rows of a table refer to, as table and id."""
    keys = catalogue.tables[table].foreign_keys
    return {(k.target, row[k.field]) for row in rows for k in keys if row.get(k.field)}


def _chunks(ids: list[str]) -> list[list[str]]:
    return [ids[i : i + LARGEST_SET] for i in range(0, len(ids), LARGEST_SET)]


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))
