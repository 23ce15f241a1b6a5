"""Tables as CSV, in the canonical form of the sources, and as Parquet."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from scripts.package import Table


def csv_path(table: Table) -> str:
    """Where in a snapshot a table's CSV is: a view that names a `file` stands at the top, where it is seen first."""
    return f"{table.get('file')}.csv" if table.get("file") else f"csv/{table.name}.csv"


def parquet_path(table: Table) -> str:
    return f"parquet/{table.name}.parquet"


def write_csv(path: Path, frame: pl.DataFrame) -> None:
    """UTF-8 without byte order mark, LF, minimal quoting; an empty cell is a null."""
    whole = pl.col(pl.Float64).cast(pl.String).str.strip_suffix(".0")  # 18000, as the sources write it
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(frame.with_columns(pl.col(pl.Boolean).cast(pl.String), whole).iter_rows())


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    frame.write_parquet(path, compression="zstd", row_group_size=100_000)
