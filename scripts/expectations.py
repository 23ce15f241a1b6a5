"""What each schema says is expected of its table; a loss stops the build, because a shrinking dataset is a bug until explained.

`expect: {rows: 500, two_voices: 0.7, filled: {status: 0.9}}`: records at least, share of records with two voices or more, share
of records in which a column is filled.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from scripts.consolidate import Consolidated
from scripts.package import Package, Table
from scripts.problems import Problem


def unmet(package: Package, consolidated: Consolidated) -> list[Problem]:
    """Every expectation that the consolidated tables fall short of."""
    return [
        Problem(f"schema/{table.name}.yaml", 0, "expect", message)
        for table in package.tables.values()
        for message in _shortfalls(table, consolidated.tables[table.name])
    ]


def _shortfalls(table: Table, frame: pl.DataFrame) -> Iterator[str]:
    expected = table.get("expect", {})
    if frame.height < expected.get("rows", 0):
        yield f"{table.name} has {frame.height} records, fewer than the {expected['rows']} expected"
    if not frame.height:
        return
    for column, share in expected.get("filled", {}).items():
        filled = 1 - frame[column].null_count() / frame.height
        if filled < share:
            yield f"{table.name}.{column} is filled in {filled:.1%} of records, fewer than the {share:.0%} expected"
    if "two_voices" in expected:
        share = frame.select((pl.col("voices") >= 2).mean()).item()
        if share < expected["two_voices"]:
            yield f"{share:.1%} of {table.name} have two voices or more, fewer than the {expected['two_voices']:.0%} expected"
