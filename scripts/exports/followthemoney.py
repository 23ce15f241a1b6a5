"""Records as FollowTheMoney entities, JSON lines, for investigators' tools; only tables whose schema says how they fit.

A schema's `followthemoney` names the entity's `schema`, its `properties` (property: column or columns; `{column: x, as: label}`
for the label of a coded value, `as: lower` for codes that the model writes small) and `constants` (property: value). A column
that refers to another table becomes a reference to that table's entity. Every entity has the addresses of its sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from scripts.catalogue import AS_REPORTED
from scripts.exports.content import Content
from scripts.package import Table

Entity = dict[str, Any]
MAPPING = "followthemoney"
PREFIX_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?")  # what the model can say: no season, no doubt


def write_entities(path: Path, content: Content) -> None:
    """Every entity of every mapped table, one JSON object a line, in the order of tables and ids."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for entity in entities(content):
            stream.write(json.dumps(entity, ensure_ascii=False, sort_keys=True) + "\n")


def is_mapped(content: Content) -> bool:
    return any(t.get(MAPPING) for t in content.package.observed)


def entities(content: Content) -> Iterator[Entity]:
    """The entities of a release; a link to a table that is not mapped is left out."""
    for table in content.package.observed:
        if table.get(MAPPING):
            addresses = _addresses(content, table)
            for row in content.frame(table.name).iter_rows(named=True):
                yield _entity(content, table, row, addresses.get(row["id"], []))


def _entity(content: Content, table: Table, row: dict[str, Any], addresses: list[str]) -> Entity:
    mapping = table.get(MAPPING)
    properties = {name: [value] for name, value in mapping.get("constants", {}).items()}
    for name, wanted in mapping["properties"].items():
        columns = wanted if isinstance(wanted, list) else [wanted]
        if values := [v for column in columns for v in _values(content, table, row, column)]:
            properties[name] = list(dict.fromkeys(values))
    if addresses:
        properties["sourceUrl"] = addresses
    return {"id": _id(content, table.name, row["id"]), "schema": mapping["schema"], "datasets": [content.package.name], "properties": properties}


def _values(content: Content, table: Table, row: dict[str, Any], wanted: str | dict[str, str]) -> list[str]:
    column, form = (wanted, "") if isinstance(wanted, str) else (wanted["column"], wanted["as"])
    text, field = row[column], table.field(column)
    if text is None or (field.edtf and not PREFIX_DATE.fullmatch(text)):
        return []
    if target := next((k.target for k in table.foreign_keys if k.field == column), None):
        return [_id(content, target, text)] if content.package.tables[target].get(MAPPING) else []
    if form == "label":
        return [c["label"] for c in field.categories if c["value"] == text]
    values = text.split(field.separator) if field.separator else [text]
    return [v.lower() for v in values] if form == "lower" else values


def _id(content: Content, table: str, record: str) -> str:
    return f"{content.package.name}-{table}-{record}"


def _addresses(content: Content, table: Table) -> dict[str, list[str]]:
    """The web addresses of the sources of every record of a table."""
    sources = content.package.sources
    urls = [f.name for f in sources.fields if f.descriptor.get("url")]
    if not urls:
        return {}
    pages = content.frame(sources.name).select(pl.col("id").alias("source"), pl.col(urls[0]).alias("_url")).drop_nulls()
    reports = content.frame(f"{table.name}{AS_REPORTED}").select("id", "source").join(pages, on="source")
    return dict(reports.group_by("id").agg(pl.col("_url").unique().sort()).iter_rows())
