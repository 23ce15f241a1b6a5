"""What is served, read once: the dataset does not change while the server runs."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.utils import tilde_encode

from scripts.published import Published
from scripts.serve import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent.parent
SHAPING = ("scripts", "site", "docs")  # folders whose files shape what is answered

_KNOWN: WeakKeyDictionary[Datasette, Served] = WeakKeyDictionary()


@dataclass(frozen=True)
class Served:
    """The published dataset, the facts its build tells of itself, columns of all it can be asked for, a key
    of each table for examples, and its fingerprint."""

    published: Published
    build: dict[str, str]
    columns: dict[str, list[str]]
    keys: dict[str, list[str]]
    fingerprint: str
    path: Path

    @property
    def version(self) -> str:
        return self.build.get("version", "unversioned")

    @property
    def edition(self) -> str:
        """Version and fingerprint: two servers that say the same edition give the same answers."""
        return f"{self.version}.{self.fingerprint[:8]}"


async def served(datasette: Datasette) -> Served:
    """What this server serves."""
    if (known := _KNOWN.get(datasette)) is None:
        path = next(Path(db.path) for db in datasette.databases.values() if db.path)
        published = Published.of(json.loads(path.with_name(CATALOGUE).read_text(encoding="utf-8")))
        published = replace(published, queries=await _queries(datasette, published))
        database = datasette.get_database(published.database)
        facts = await database.execute_fn(lambda conn: (_build_info(conn), _columns(conn, published), _keys(conn, published)))
        build, columns, keys = facts
        known = _KNOWN[datasette] = Served(published, build, columns, keys, _fingerprint(path), path)
    return known


async def _queries(datasette: Datasette, published: Published) -> dict[str, dict[str, Any]]:
    """The canned queries, with those that plugins add; Datasette 1.0 has no plugins that do."""
    if not hasattr(datasette, "get_canned_queries"):
        return published.queries
    return await datasette.get_canned_queries(published.database, None)


def _build_info(conn: sqlite3.Connection) -> dict[str, str]:
    return dict(conn.execute("select key, value from build_info"))


def _columns(conn: sqlite3.Connection, published: Published) -> dict[str, list[str]]:
    """The columns of every table, view and canned query, by name."""
    found = {name: table.columns for name, table in published.tables.items()}
    found |= {name: _selected(conn, f'select * from "{name}" limit 0', []) for name in published.views}
    return found | {name: _selected(conn, f"select * from ({q['sql']}) limit 0", q.get("params", [])) for name, q in published.queries.items()}


def _keys(conn: sqlite3.Connection, published: Published) -> dict[str, list[str]]:
    """The parts of the address of one record of each table that has any."""
    found = {}
    for table in published.tables.values():
        parts = ", ".join(f'"{c}"' for c in table.primary_key)
        if row := conn.execute(f'select {parts} from "{table.name}" order by {parts} limit 1').fetchone():
            found[table.name] = [tilde_encode(str(part)).replace("+", "~20") for part in row]
    return found


def _selected(conn: sqlite3.Connection, sql: str, parameters: list[str]) -> list[str]:
    """The columns of a query; none where it cannot run, which whoever asks it is told."""
    try:
        return [d[0] for d in conn.execute(sql, dict.fromkeys(parameters, "")).description]
    except sqlite3.Error:
        return []


def _fingerprint(database: Path) -> str:
    """SHA-256 over all that an answer is made of: the database, its metadata, the code and the templates."""
    digest = hashlib.sha256()
    for path in [database, database.with_name("metadata.json"), database.with_name(CATALOGUE), *_shaping_files()]:
        if path.exists():
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _shaping_files() -> Iterator[Path]:
    for folder in SHAPING:
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
