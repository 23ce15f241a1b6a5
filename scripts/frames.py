"""Source tables as Polars data frames: every column text, an empty cell null, and `_line`, the line in the file."""

from __future__ import annotations

import polars as pl

from scripts.package import Package, Table

Frames = dict[str, pl.DataFrame]
LINE = "_line"


def read_table(table: Table) -> pl.DataFrame:
    """The rows of a table's file; for files that `files.check_form` finds readable."""
    assert table.path is not None
    frame = pl.read_csv(table.path, infer_schema=False, row_index_name=LINE, row_index_offset=2)
    return frame if frame.height else empty_frame(table)


def read_package(package: Package) -> Frames:
    """All source tables of a package, by name."""
    return {name: read_table(table) for name, table in package.tables.items()}


def empty_frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema={LINE: pl.UInt32, **dict.fromkeys(table.columns, pl.String)})
