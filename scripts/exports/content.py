"""What a built database publishes, read table by table: the one place that all files of a snapshot are made from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from scripts.catalogue import published_tables
from scripts.package import Package, Table, View
from scripts.version import Version

BATCH = 50_000  # rows held as Python values at a time
FRAME_TYPES = {"string": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}


@dataclass(frozen=True)
class Content:
    """A package, the database that was built from it, and the version of both."""

    package: Package
    database: Path
    version: Version

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Views first, since they answer what people ask most (and of them those with a `file` of their own), then every table."""
        views = sorted(self.package.views.values(), key=lambda v: ("file" not in v.descriptor, v.name))
        return {v.name: view_table(v) for v in views} | published_tables(self.package)

    def frame(self, name: str) -> pl.DataFrame:
        """The rows of a table or view in the order of its primary key, with the types that its schema declares."""
        table = self.tables[name]
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as conn:
            return pl.concat(list(_batches(conn, table)))

    @property
    def title(self) -> str:
        return self.package.descriptor.get("title", self.package.name)

    @property
    def name(self) -> str:
        """What the release is called: package and version."""
        return f"{self.package.name}-{self.version.name}"


def view_table(view: View) -> Table:
    """A view described the way tables are."""
    return Table(view.name, {**view.descriptor, "kind": "view", "fields": [f.descriptor for f in view.fields]})


def _batches(conn: sqlite3.Connection, table: Table) -> Iterator[pl.DataFrame]:
    columns = ", ".join(f'"{c}"' for c in table.columns)
    order = ", ".join(f'"{c}"' for c in table.primary_key) or "1"
    cursor = conn.execute(f'select {columns} from "{table.name}" order by {order}')
    stored = {f.name: pl.Int64 if f.type == "boolean" else FRAME_TYPES[f.type] for f in table.fields}
    typed = pl.Schema({f.name: FRAME_TYPES[f.type] for f in table.fields})
    yield pl.DataFrame(schema=typed)
    while rows := cursor.fetchmany(BATCH):
        yield pl.DataFrame(rows, schema=stored, orient="row", strict=False).cast(typed)
