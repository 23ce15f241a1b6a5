"""Write the published tables into one SQLite file: typed, keyed, indexed, searchable, the same bytes every time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import sqlite_utils
from adbc_driver_sqlite import dbapi as arrow
from sqlite_utils.db import ForeignKey as SqliteForeignKey

from scripts.catalogue import published_views
from scripts.frames import Frames
from scripts.names import index_terms, skeleton_keys, word_keys
from scripts.package import Package, Table, View

SQL_TYPES = {"string": str, "integer": int, "number": float, "boolean": int}
SEARCH = "_search"  # suffix of the full-text index of a table
CACHE = "pragma cache_size=-131072"  # 128 MiB
FAST = ["pragma journal_mode=off", "pragma synchronous=off", CACHE]
SAMPLE = 1000  # rows of an index from which its statistics are told
SearchRow = tuple[int, str, str]


class LoadError(Exception):
    """The database that was written is not what it should be; nothing is published."""


def start(path: Path, tables: dict[str, Table]) -> None:
    """Make a new SQLite file at `path` with all `tables`, empty, and their keys.

    Raises LoadError where SQLite cannot write it, as `insert` and `finish` do.
    """
    with _connected(path) as db:
        for name in _parents_first(tables):
            _create(db, tables[name])


def insert(path: Path, tables: list[Table], frames: Frames) -> None:
    """Write the rows of `tables`, in the order of their frames, as Arrow hands them to SQLite (no Python object for any cell), and their indexes."""
    with _told(path), arrow.connect(str(path), autocommit=True) as conn, conn.cursor() as cursor:
        for pragma in FAST:
            cursor.execute(pragma)
        for table in tables:
            rows = frames[table.name].select(_sql_value(f.name, f.type) for f in table.fields)
            cursor.adbc_ingest(table.name, rows, mode="append")
    with _connected(path) as db:
        for table in tables:
            _index(db, table)


def finish(path: Path, package: Package, tables: dict[str, Table], frames: Frames) -> None:
    """Write the rows of all tables that have none yet, the search and the views that the schemas declare.

    Raises LoadError also where SQLite's own checks find the file damaged.
    """
    searchable = [t for t in tables.values() if t.get("kind") in ("records", "plain") and t.get("search")]
    # the words of the search are worked out in Python while Arrow and SQLite write, which leave the interpreter free
    with ThreadPoolExecutor(1) as beside:
        words = [beside.submit(_search_rows, table, frames) for table in searchable]
        insert(path, [tables[name] for name in _parents_first(tables) if name in frames], frames)
        with _connected(path) as db:
            for table, rows in zip(searchable, words, strict=True):
                _make_searchable(db.conn, table, rows.result())
            _create_views(db, published_views(package))
            db.execute(f"pragma analysis_limit={SAMPLE}")
            db.analyze()
    with _told(path):
        _verify(path)


@contextmanager
def _connected(path: Path) -> Iterator[sqlite_utils.Database]:
    with _told(path), closing(sqlite_utils.Database(path)) as db:
        for pragma in FAST:
            db.execute(pragma)
        yield db


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, arrow.Error) as error:
        raise LoadError(f"{path.name} could not be written: {error}") from error


def _parents_first(tables: dict[str, Table]) -> list[str]:
    """Table names so that a table follows those it refers to, as far as there is no circle."""
    ordered: list[str] = []

    def visit(name: str, open_: frozenset[str]) -> None:
        if name in ordered or name in open_:
            return
        for key in tables[name].foreign_keys:
            visit(key.target, open_ | {name})
        ordered.append(name)

    for name in tables:
        visit(name, frozenset())
    return ordered


def _create(db: sqlite_utils.Database, table: Table) -> None:
    db.table(table.name).create(
        {f.name: SQL_TYPES[f.type] for f in table.fields},
        pk=table.primary_key[0] if len(table.primary_key) == 1 else tuple(table.primary_key),
        foreign_keys=[SqliteForeignKey(table.name, k.field, k.target, "id") for k in table.foreign_keys],
        not_null={f.name for f in table.fields if f.required or f.name in table.primary_key},
        strict=True,
    )


def _sql_value(name: str, kind: str) -> pl.Expr:
    column = pl.col(name)
    if kind == "boolean":
        return column.replace_strict({"true": 1, "false": 0}, return_dtype=pl.Int64)
    return column.cast({"integer": pl.Int64, "number": pl.Float64}.get(kind, pl.String))


def _index(db: sqlite_utils.Database, table: Table) -> None:
    """An index for every foreign key, facet and default sort that the primary key does not already serve."""
    wanted = [k.field for k in table.foreign_keys] + table.get("facets", []) + table.get("index", []) + [table.get("sort") or table.get("sort_desc")]
    if "person" in table.columns:
        wanted.append("person")
    for column in dict.fromkeys(c for c in wanted if c and c in table.columns and c != table.primary_key[0]):
        db.table(table.name).create_index([column], index_name=f"idx_{table.name}_{column}")


def _make_searchable(conn: sqlite3.Connection, table: Table, rows: list[SearchRow]) -> None:
    """A full-text index over folded words and consonants; it holds keys only, and points to rows by number."""
    conn.execute(f'create virtual table "{table.name}{SEARCH}" using fts5(key, skeleton, content="", tokenize="unicode61 remove_diacritics 0")')
    with conn:
        conn.executemany(f'insert into "{table.name}{SEARCH}" (rowid, key, skeleton) values (?, ?, ?)', rows)
        conn.execute(f'insert into "{table.name}{SEARCH}" ("{table.name}{SEARCH}") values (\'optimize\')')


def _search_rows(table: Table, frames: Frames) -> list[SearchRow]:
    """The number of each record's row, in the order in which rows are written, with what the index holds of it."""
    spellings = frames["names"].filter(pl.col("table") == table.name).group_by("record").agg(pl.col("name").sort()) if "names" in frames else None
    known = dict(spellings.rows()) if spellings is not None else {}
    rows = enumerate(frames[table.name].iter_rows(named=True), start=1)
    return [(number, *_search_keys(table, row, known.get(row["id"], []))) for number, row in rows]


def _search_keys(table: Table, row: dict[str, str | None], spellings: list[str]) -> tuple[str, str]:
    """What the index holds of a record: the keys of every spelling and searched column, and the skeletons of Latin names.

    A record whose Persian name is known needs no skeleton: it is found by that name.
    """
    texts = dict.fromkeys([*spellings, *(v for c in table.get("search", []) if (v := row.get(c)))])
    keys = dict.fromkeys(index_terms(word_keys(t)) for t in texts)
    has_persian = any(row.get(f.name) for f in table.fields if f.descriptor.get("script") == "persian")
    bones = [] if has_persian else dict.fromkeys(index_terms(skeleton_keys(t)) for t in spellings)
    return " . ".join(keys), " . ".join(bones)


def _create_views(db: sqlite_utils.Database, views: dict[str, View]) -> None:
    """Create all views, then try each: one may stand on another."""
    for view in views.values():
        db.create_view(view.name, view.descriptor["sql"].strip())
    for view in views.values():
        try:
            columns = [c[0] for c in db.execute(f'select * from "{view.name}" limit 1').description]
        except sqlite3.OperationalError as error:
            raise LoadError(f"views/{view.name}.yaml: {error}") from error
        if columns != (documented := [f.name for f in view.fields]):
            raise LoadError(f"views/{view.name}.yaml: its SQL gives the columns {', '.join(columns)}, and it documents {', '.join(documented)}")


def _verify(path: Path) -> None:
    """SQLite's own checks, side by side. The quick one leaves out only whether the indexes hold what their tables hold, from which they were just made."""
    with ThreadPoolExecutor() as pool:
        damage, broken = pool.map(partial(_ask, path), ["pragma quick_check", "pragma foreign_key_check"])
    if damage != [("ok",)]:
        raise LoadError(f"SQLite finds the new database damaged: {damage[0][0]}")
    if broken:
        raise LoadError(f"foreign keys of the new database point nowhere: {broken[:5]}")


def _ask(path: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        conn.execute(CACHE)
        return conn.execute(question).fetchall()
