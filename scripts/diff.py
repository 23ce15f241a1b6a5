"""What changed between two databases: records added, changed (which cell, from what to what, on whose word) and removed.

Only what is published of a record is compared, not how many sources tell of it. A record that was withdrawn is named by the
SHA-256 of its id, as in the list of retired ids, so that the news of its removal does not publish it again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from scripts.catalogue import AS_REPORTED, RECORD_FIELDS, published_tables
from scripts.package import CONTRADICTION, Package, Table
from scripts.problems import Problem

KEY = "_key"
COUNTS = {f["name"] for f in RECORD_FIELDS}
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Cell:
    """One value that changed; `sources` are the ids of those that say the new one (none: it is no longer said, or was decided)."""

    field: str
    before: str | None
    after: str | None
    sources: list[str]


@dataclass(frozen=True)
class Change:
    """What happened to one record: `kind` is added, changed or removed; `reason` and `successor` of a removal, as announced."""

    kind: str
    table: str
    record: str
    label: str | None = None
    cells: list[Cell] = field(default_factory=list)
    reason: str | None = None
    successor: str | None = None


@dataclass(frozen=True)
class Diff:
    """All changes between two versions, by table and record; and columns (`table.column`) and tables that came or went."""

    name: str
    old: str
    new: str
    changes: list[Change]
    shape_added: list[str]
    shape_removed: list[str]

    def of(self, kind: str) -> list[Change]:
        return [c for c in self.changes if c.kind == kind]

    @property
    def tables(self) -> list[str]:
        """The tables in which something changed, in the order of the changes."""
        return list(dict.fromkeys(c.table for c in self.changes))


@dataclass(frozen=True)
class Retired:
    """The announcements of the new version: reason and successor by table and id (or the id's SHA-256)."""

    known: dict[tuple[str, str], tuple[str | None, str | None]]

    def find(self, table: str, record: str) -> tuple[str | None, str | None]:
        return self.known.get((table, record)) or self.known.get((table, digest(record))) or (None, None)

    def shown(self, table: str, record: str) -> str:
        """The id, or its SHA-256 where the record was withdrawn."""
        return digest(record) if self.find(table, record)[0] == WITHDRAWN else record

    def masked(self, text: str | None) -> str | None:
        """A value, or its SHA-256 where it is the id of a withdrawn record."""
        return digest(text) if text is not None and digest(text) in self.hidden else text

    @cached_property
    def hidden(self) -> set[str]:
        return {key for (_, key), (reason, _) in self.known.items() if reason == WITHDRAWN}


def compare(package: Package, old: Path, new: Path) -> Diff:
    """The difference between two databases of one package, whose schemas say what a table's key is and how values are merged."""
    with closing(_open(old)) as before, closing(_open(new)) as after:
        then, now = _shape(package, before), _shape(package, after)
        retired = Retired(_retired(package, after))
        changes = [c for table in _tables(package, then, now) for c in _changes(before, after, table, retired)]
        shapes = {f"{t}.{c}" if c else t for t, c in now}, {f"{t}.{c}" if c else t for t, c in then}
        return Diff(
            _fact(after, "name"), _fact(before, "version"), _fact(after, "version"), changes, sorted(shapes[0] - shapes[1]), sorted(shapes[1] - shapes[0])
        )


def unannounced(package: Package, diff: Diff) -> list[Problem]:
    """A problem for every record that vanished without a word in the table of retired ids."""
    table = package.with_role("retirements")
    file = str(table.path.relative_to(package.root)) if table and table.path else "datapackage.yaml"
    message = f"was published in version {diff.old} and is gone; ids never vanish: say here whether it was merged, renamed or withdrawn"
    return [Problem(file, 0, "id", message, f"{c.table}/{c.record}") for c in diff.of("removed") if c.reason is None]


def digest(record: str) -> str:
    return hashlib.sha256(record.encode()).hexdigest()


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def _fact(conn: sqlite3.Connection, key: str) -> str:
    """What a database tells of itself."""
    row = conn.execute("select value from build_info where key = ?", [key]).fetchone()
    return row[0] if row else "unknown"


def _shape(package: Package, conn: sqlite3.Connection) -> set[tuple[str, str]]:
    """(table, column) of every table that holds records, known to the package or not, and (table, "") for the table itself."""
    sql = "select m.name, c.name, c.type from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'"
    columns = conn.execute(sql).fetchall()
    keyed = {t for t, c, kind in columns if (c, kind) == ("id", "TEXT") and not t.endswith(AS_REPORTED)}
    known = {(t, c) for t, c, _ in columns if t in keyed | set(package.tables)}
    return known | {(t, "") for t, _ in known}


def _tables(package: Package, then: set[tuple[str, str]], now: set[tuple[str, str]]) -> Iterator[Table]:
    """The tables to compare: those of the package, then those that only the old database has; with the columns both have."""
    declared = published_tables(package)
    names = [n for n, t in declared.items() if t.get("kind") in ("records", "plain") and t.role != "retirements"]
    for name in [*names, *sorted({t for t, _ in then} - set(declared))]:
        table = declared.get(name) or Table(name, {"fields": [], "primaryKey": ["id"]})
        both = {c for t, c in then if t == name} & {c for t, c in now if t == name} - COUNTS
        yield Table(name, {**table.descriptor, "fields": [f.descriptor for f in table.fields if f.name in both]})


def _changes(before: sqlite3.Connection, after: sqlite3.Connection, table: Table, retired: Retired) -> Iterator[Change]:
    old, new = _rows(before, table), _rows(after, table)
    for row in new.join(old, on=KEY, how="anti").iter_rows(named=True):
        yield Change("added", table.name, row[KEY], row.get(table.get("label", "")))
    yield from _changed(after, table, old, new, retired)
    for row in old.join(new, on=KEY, how="anti").iter_rows(named=True):
        reason, successor = retired.find(table.name, row[KEY]) if table.primary_key == ["id"] else ("no longer applies", None)
        label = None if reason == WITHDRAWN else row.get(table.get("label", ""))
        yield Change("removed", table.name, retired.shown(table.name, row[KEY]), label, reason=reason, successor=successor)


def _changed(after: sqlite3.Connection, table: Table, old: pl.DataFrame, new: pl.DataFrame, retired: Retired) -> Iterator[Change]:
    columns = [c for c in table.columns if c not in table.primary_key]
    differs = [pl.col(c).ne_missing(pl.col(f"{c}_old")) for c in columns]
    if not columns:
        return
    for row in new.join(old, on=KEY, suffix="_old").filter(pl.any_horizontal(differs)).sort(KEY).iter_rows(named=True):
        cells = [(c, row[f"{c}_old"], row[c]) for c in columns if row[c] != row[f"{c}_old"]]
        said = [Cell(c, retired.masked(b), a, _sayers(after, table, row[KEY], c, b, a)) for c, b, a in cells]
        yield Change("changed", table.name, row[KEY], row.get(table.get("label", "")), said)


def _sayers(conn: sqlite3.Connection, table: Table, record: str, column: str, before: str | None, after: str | None) -> list[str]:
    """The sources whose rows give the new value; of a union, those that give a part which was not there before."""
    if after is None or not table.is_observed:
        return []
    new = _parts(table, column, after) - _parts(table, column, before)
    rows = conn.execute(f'select source, cast("{column}" as text) from "{table.name}{AS_REPORTED}" where id = ? order by source', [record])
    return [source for source, value in rows if _parts(table, column, value) & new]


def _parts(table: Table, column: str, text: str | None) -> set[str]:
    parts = set(text.split(CONTRADICTION)) if text is not None else set()
    separator = table.field(column).separator
    return {p for part in parts for p in part.split(separator)} if separator else parts


def _rows(conn: sqlite3.Connection, table: Table) -> pl.DataFrame:
    """The rows of a table as text, with their key; none where the database lacks the table."""
    schema = {KEY: pl.String} | dict.fromkeys(table.columns, pl.String)
    if not conn.execute("select 1 from sqlite_master where type = 'table' and name = ?", [table.name]).fetchone():
        return pl.DataFrame(schema=schema)
    key = " || '/' || ".join(f'"{c}"' for c in table.primary_key)
    columns = "".join(f', cast("{c}" as text)' for c in table.columns)
    return pl.DataFrame(conn.execute(f'select {key}{columns} from "{table.name}" order by 1').fetchall(), schema=schema, orient="row")


def _retired(package: Package, conn: sqlite3.Connection) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    table = package.with_role("retirements")
    if table is None:
        return {}
    rows = conn.execute(f'select "table", id, reason, replaced_by from "{table.name}"')
    return {(name, record): (reason, successor) for name, record, reason, successor in rows}
