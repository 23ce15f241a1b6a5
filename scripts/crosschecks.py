"""What only several rows or tables together can show: references, retired ids, order of events, probable duplicates."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from scripts.checks import before
from scripts.frames import LINE, Frames
from scripts.names import name_key, word_keys
from scripts.package import Package, Table
from scripts.problems import Problem

NO_TABLE = "is no table of this package that has records"
ALIKE = 92  # of 100: rapidfuzz ratio of two name keys from which an editor should look


def cross_problems(package: Package, frames: Frames) -> list[Problem]:
    """Everything wrong between rows and tables; tables without a frame (their file is broken) are passed over."""
    found: list[Problem] = []
    for table in package.tables.values():
        if table.name in frames:
            found += _reference_problems(package, table, frames)
            found += _record_reference_problems(package, table, frames)
            found += _retired_problems(package, table, frames)
            found += _sequence_problems(package, table, frames)
            found += _duplicate_warnings(package, table, frames)
    found += _successor_problems(package, frames)
    return found


def _file(package: Package, table: Table) -> str:
    assert table.path is not None
    return str(table.path.relative_to(package.root))


def _reference_problems(package: Package, table: Table, frames: Frames) -> Iterator[Problem]:
    for key in table.foreign_keys:
        if key.target not in frames:
            continue
        known = frames[key.target].select(pl.col("id").alias(key.field)).unique()
        lost = frames[table.name].filter(pl.col(key.field).is_not_null()).join(known, on=key.field, how="anti")
        ids = known[key.field].sort().to_list() if lost.height else []  # in order, so that of equally good hints it is always the same one
        for line, value in lost.select(LINE, key.field).rows():
            yield Problem(_file(package, table), line, key.field, _no_record(value, key.target, ids), value)


def _no_record(value: str, target: str, known: list[str]) -> str:
    best = process.extractOne(value, known, score_cutoff=75)
    return f"is no id of {target}" + (f"; did you mean {best[0]}?" if best else "; add it there first")


def _record_reference_problems(package: Package, table: Table, frames: Frames) -> Iterator[Problem]:
    """Columns with `record_of: table` hold an id of the table that the other column names."""
    for field in [f for f in table.fields if "record_of" in f.descriptor]:
        ids: dict[str, set[str]] = defaultdict(set)
        for line, target, record in frames[table.name].select(LINE, field.descriptor["record_of"], field.name).rows():
            has_records = _has_records(package, target)
            if has_records and target in frames and not ids[target]:
                ids[target] = set(frames[target]["id"])
            if not has_records:
                yield Problem(_file(package, table), line, field.descriptor["record_of"], NO_TABLE, target)
            elif target in frames and record not in ids[target]:
                yield Problem(_file(package, table), line, field.name, _no_record(record, target, sorted(ids[target])), record)


def _has_records(package: Package, name: str) -> bool:
    """Whether `name` is a table whose rows have ids that others may name; retired ids do not."""
    table = package.tables.get(name)
    return table is not None and "id" in table.columns and table.role != "retirements"


def _retirements(package: Package, frames: Frames) -> list[dict[str, Any]]:
    table = package.with_role("retirements")
    return frames[table.name].rows(named=True) if table and table.name in frames else []


def _retired_problems(package: Package, table: Table, frames: Frames) -> Iterator[Problem]:
    """An id that was merged, renamed or withdrawn never returns; a withdrawn one is listed as its SHA-256."""
    retired = {r["id"]: r for r in _retirements(package, frames) if r["table"] == table.name}
    if not retired or "id" not in table.columns or table.role == "retirements":
        return
    for record, line in frames[table.name].group_by("id").agg(pl.col(LINE).min()).rows():
        row = retired.get(record) or retired.get(hashlib.sha256(record.encode()).hexdigest())
        if row:
            instead = f"; use {row['replaced_by']}" if row["replaced_by"] else ""
            yield Problem(_file(package, table), line, "id", f"is retired ({row['reason']}) and must not return{instead}", record)


def _successor_problems(package: Package, frames: Frames) -> Iterator[Problem]:
    """A retired id points to a record that exists now, so that no chain or circle of redirects can arise."""
    table = package.with_role("retirements")
    for row in _retirements(package, frames):
        assert table is not None
        target, successor = row["table"], row["replaced_by"]
        if not _has_records(package, target):
            yield Problem(_file(package, table), row[LINE], "table", NO_TABLE, target)
        elif successor and target in frames and successor not in set(frames[target]["id"]):
            message = f"is no id of {target}; a retired id points to a record that exists, never to another retired one"
            yield Problem(_file(package, table), row[LINE], "replaced_by", message, successor)


def _sequence_problems(package: Package, table: Table, frames: Frames) -> Iterator[Problem]:
    """`sequence`: within one source, the event of this table is not before the event of another (executed after sentenced)."""
    for rule in table.get("sequence", []):
        other, column = rule["after"].split(".")
        if other not in frames:
            continue
        on = ["source", *rule["same"]]
        first = frames[other].filter(pl.col(column).is_not_null()).select(*on, pl.col(column).alias("_first"))
        pairs = frames[table.name].filter(pl.col(rule["field"]).is_not_null()).join(first, on=on).select(LINE, rule["field"], "_first")
        for line, later, earlier in pairs.rows():
            if before(later, earlier):
                message = f'is before {other}.{column}, "{earlier}", of the same source; one of the two is wrong'
                yield Problem(_file(package, table), line, rule["field"], message, later)


def _duplicate_warnings(package: Package, table: Table, frames: Frames) -> Iterator[Problem]:
    """Two records of the subject table whose names are alike: a person should look, nothing is merged."""
    if not table.get("subject"):
        return
    names = frames[table.name].drop_nulls(["id", "name"]).group_by("id").agg(pl.col("name").min(), pl.col(LINE).min()).sort("id").rows()
    apart = {frozenset(pair) for pair in table.get("distinct", [])}
    for (a, name_a, _), (b, name_b, line) in _alike(names):
        if frozenset((a, b)) not in apart:
            message = f'is alike to {a} ("{name_a}"): one person? merge them, or list the pair under `distinct` in the schema'
            yield Problem(_file(package, table), line, "id", message, f"{b} ({name_b})", warning=True)


def _alike(names: list[tuple[str, str, int]]) -> Iterator[tuple[tuple[str, str, int], tuple[str, str, int]]]:
    """Pairs of alike names among those that share a word, so that the work stays near linear."""
    blocks = defaultdict(list)
    for row in names:
        blocks[max(word_keys(row[1]), key=len, default="")].append(row)
    for block in blocks.values():
        keys = [name_key(name) for _, name, _ in block]
        for i, row in enumerate(block):
            near = process.extract_iter(keys[i], keys[i + 1 : i + 200], scorer=fuzz.ratio, score_cutoff=ALIKE)
            yield from ((row, block[i + 1 + ahead]) for _, _, ahead in near)


def decision_problems(package: Package, frames: Frames, disagreements: pl.DataFrame) -> list[Problem]:
    """A decision needs a dispute to decide, on a column that exists; one whose dispute is gone has done its work."""
    table = package.with_role("decisions")
    if table is None:
        return []
    about = ["table", "record", "field"]
    disputed = set(disagreements.select(about).join(frames[table.name].select(about), on=about, how="semi").rows())
    found = []
    for row in frames[table.name].rows(named=True):
        target = package.tables[row["table"]]
        if row["field"] not in target.columns:
            found.append(Problem(_file(package, table), row[LINE], "field", f"is no column of {target.name}", row["field"]))
        elif (row["table"], row["record"], row["field"]) not in disputed:
            message = "decides nothing: no source contradicts this value (any more); remove the decision"
            found.append(Problem(_file(package, table), row[LINE], "value", message, row["value"]))
    return found
