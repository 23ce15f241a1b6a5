"""Everything about one record in one answer: what is published of it, who says so, and what sources disagree on.

It follows the foreign keys of the schemas, so that it holds for any table whose schema says `dossier: true`.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from scripts.openapi import row_schema
from scripts.package import Table
from scripts.published import BOOKKEEPING, Published
from service.served import Served

Row = dict[str, Any]
Rows = list[Row]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def dossier(conn: sqlite3.Connection, known: Served, table: str, record: str) -> dict[str, Any] | None:
    """The dossier of a record as `schema` describes it; None where there is no such record."""
    return _Dossier(conn, known.published).of(table, record)


class _Dossier:
    """Reads one dossier from a database."""

    def __init__(self, conn: sqlite3.Connection, published: Published) -> None:
        self._conn, self._published = conn, published

    def of(self, table: str, record: str) -> dict[str, Any] | None:
        own = self._rows(table, "id", [record])
        if not own:
            return None
        related = self._related(table, record)
        involved = {table: [record], **{name: [r["id"] for r in rows] for name, rows in related.items()}}
        claims = self._pointing("claims", involved)
        return {
            "record": own[0],
            "related": related,
            "mentioned": self._mentioned({table: own, **related}, involved),
            "about": self._about(table, record, involved),
            "claims": claims,
            "sources": self._sources(sorted({c["source"] for c in claims})),
            "warnings": self._published.caveats(self._published.tables[table].descriptor),
        }

    def _related(self, table: str, record: str) -> dict[str, Rows]:
        """The records that refer to this one, by table, and those that a table which only ties leads on to."""
        found: dict[str, Rows] = {}
        for other in self._published.records.values():
            for column in other.targets(table):
                self._add(found, other.name, self._rows(other.name, column, [record]))
            if other in self._published.pointing:
                self._add(found, other.name, self._pointing(other.name, {table: [record]}))
        for name in [n for n in found if self._published.is_link(self._published.tables[n])]:
            column, target = self._far_side(self._published.tables[name], table)
            self._add(found, target, self._rows(target, "id", sorted({r[column] for r in found[name] if r[column]})))
        return {name: found[name] for name in self._published.records if found.get(name)}

    def _add(self, found: dict[str, Rows], name: str, rows: Rows) -> None:
        known = {r["id"] for r in found.get(name, [])}
        found.setdefault(name, []).extend(r for r in rows if r["id"] not in known)

    def _far_side(self, link: Table, table: str) -> tuple[str, str]:
        """The column of a table that ties two others, and the table it leads to, opposite to `table`."""
        own = [k for k in link.foreign_keys if k.field not in BOOKKEEPING]
        return next(((k.field, k.target) for k in own if k.target != table), (own[-1].field, own[-1].target))

    def _mentioned(self, rows: dict[str, Rows], involved: dict[str, list[str]]) -> dict[str, Rows]:
        """The records that all those refer to and that are not among them."""
        wanted: dict[str, set[str]] = {}
        for name, found in rows.items():
            for key in self._published.tables[name].foreign_keys:
                wanted.setdefault(key.target, set()).update(r[key.field] for r in found if r[key.field])
        missing = {t: sorted(ids - set(involved.get(t, []))) for t, ids in wanted.items()}
        return {t: self._rows(t, "id", missing[t]) for t in self._published.tables if missing.get(t)}

    def _about(self, table: str, record: str, involved: dict[str, list[str]]) -> dict[str, Rows]:
        """Names, timeline, disagreements, decisions: what tables other than those of records tell of all those records."""
        found = {}
        for other in self._published.pointing:
            if other.name in self._published.records or other.role == "retirements":
                continue
            own = other.targets(table)
            found[other.name] = self._rows(other.name, own[0], [record]) if own else self._pointing(other.name, involved)
        return found

    def _sources(self, ids: list[str]) -> Rows:
        """The sources in full, with their publishers and those whose reports they repeat in place of the ids."""
        sources = self._published.with_role("sources")
        assert sources is not None
        rows = self._rows(sources.name, "id", ids)
        for key in sources.foreign_keys:
            known = {r["id"]: r for r in self._rows(key.target, "id", sorted({r[key.field] for r in rows if r[key.field]}))}
            for row in rows:
                row[key.field] = known.get(row[key.field])
        return rows

    def _rows(self, table: str, column: str, values: list[str]) -> Rows:
        places = ", ".join("?" * len(values))
        order = ", ".join(f'"{c}"' for c in self._order(table))
        return self._read(f'select * from "{table}" where "{column}" in ({places}) order by {order}', values)

    def _order(self, table: str) -> list[str]:
        described = self._published.tables[table]
        sort = described.get("sort") or described.get("sort_desc")
        return [*([sort] if sort else []), *described.primary_key]

    def _pointing(self, name: str, involved: dict[str, list[str]]) -> Rows:
        """The rows of a table or view whose columns `table` and `record` name one of these records."""
        found: Rows = []
        for table, records in involved.items():
            places = ", ".join("?" * len(records))
            found += self._read(f'select * from "{name}" where "table" = ? and record in ({places})', [table, *records])
        return found

    def _read(self, sql: str, parameters: list[str]) -> Rows:
        cursor = self._conn.execute(sql, parameters)
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def schema(published: Published, table: str, address: str) -> dict[str, Any]:
    """The JSON Schema of the dossiers of a table, to be served at `address`."""
    sources = published.with_role("sources")
    assert sources is not None
    source = row_schema(sources, labels=False)
    for key in sources.foreign_keys:
        source["properties"][key.field] = {"anyOf": [{"$ref": f"#/$defs/{key.target}"}, {"type": "null"}]}
    records = {"type": "object", "properties": {name: _list(name) for name in published.records}, "additionalProperties": False}
    properties = {
        "$schema": {"type": "string", "format": "uri", "description": "The address of this schema."},
        "dataset": _facts("title", "version", "edition", "data_date", "licence", description="Which edition this was taken from, and its licence."),
        "table": {"const": table},
        "id": {"type": "string"},
        "url": {"type": "string", "format": "uri", "description": "The page of the record."},
        "warnings": {"type": "array", "items": {"type": "string"}, "description": "What to bear in mind with these facts."},
        "record": {"$ref": f"#/$defs/{table}"},
        "related": {**records, "description": "The records that refer to this one, by table, and those at the far end of tables that only tie two together."},
        "mentioned": {
            "type": "object", "properties": {name: _list(name) for name in published.tables}, "additionalProperties": False,
            "description": "The records that all those refer to: courts, places, people beside it.",
        },
        "about": {
            "type": "object", "properties": {t.name: _list(t.name) for t in published.pointing}, "additionalProperties": False,
            "description": "Spellings, dated events, disagreements and editorial decisions on all records that are given here as record or related.",
        },
        "claims": {"type": "array", "items": {"$ref": "#/$defs/claim"}, "description": "Who says what: every cell behind those records."},
        "sources": {"type": "array", "items": {"$ref": "#/$defs/source"}, "description": "Every source of the claims, in full."},
    }  # fmt: skip
    return {
        "$schema": DIALECT, "$id": address, "title": f"Everything about one record of {table}", "type": "object",
        "properties": properties, "required": list(properties), "additionalProperties": False,
        "$defs": {name: row_schema(t, labels=False) for name, t in published.tables.items()}
        | {"source": source, "claim": _facts("table", "record", "field", "value", "source", description="What one source says in one field of one record.")},
    }  # fmt: skip


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _facts(*names: str, description: str) -> dict[str, Any]:
    cell = {"type": ["string", "number", "null"]}
    return {"type": "object", "properties": dict.fromkeys(names, cell), "required": list(names), "description": description}
