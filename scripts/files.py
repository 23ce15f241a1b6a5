"""The CSV files themselves: one canonical form, byte for byte, so that a diff shows only meaning.

UTF-8 without byte order mark, comma, LF, a header in schema order, one record a line, minimal quoting, sorted by primary key.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from scripts.package import Package, Table
from scripts.problems import Problem
from scripts.rules import LONGEST_CELL

csv.field_size_limit(16 * 1024 * 1024)
MENDABLE = "; run `make format`"  # ends what is told of a file that is not canonical and can be made so
UNSORTED = f"is not in order of the primary key{MENDABLE}"


@dataclass(frozen=True)
class Form:
    """What is wrong with the form of a file, and whether its rows can be read all the same."""

    problems: list[Problem]
    readable: bool


def check_form(table: Table, root: Path) -> Form:
    """Everything wrong with the form of a table's file; order alone leaves it readable.

    Where quoting is not canonical, programs differ in what they read.
    """
    assert table.path is not None
    name = str(table.path.relative_to(root))
    try:
        data = table.path.read_bytes()
    except OSError as error:
        problem = Problem(name, 0, "", f"cannot be read: {error.strerror}; every table needs its file, if only with a header")
        return Form([problem], False)
    problems = [] if is_canonical(table, data) else explain(name, table, data)
    return Form(problems, all(p.message == UNSORTED for p in problems))


def explain(name: str, table: Table, data: bytes) -> list[Problem]:
    """Everything wrong with the form of these bytes, line by line; `name` is the file's in messages."""
    if not data:
        return [Problem(name, 0, "", f"is empty; it needs at least the header {','.join(table.columns)}")]
    if byte_problems := list(_byte_problems(name, data)):
        return byte_problems
    return list(_record_problems(name, data.decode("utf-8"), table))


def is_canonical(table: Table, data: bytes) -> bool:
    """Whether Polars reads the bytes and writes the same again, in order: then nothing is wrong; where not, `explain` tells."""
    if b"\0" in data or b"\r" in data:
        return False
    try:
        frame = pl.read_csv(io.BytesIO(data), infer_schema=False)
    except pl.exceptions.PolarsError:
        return False
    if frame.columns != table.columns or frame.height + 1 != data.count(b"\n") or frame.write_csv().encode() != data:
        return False
    key, cells = frame.select(table.primary_key), frame.select(pl.all().str.len_chars())
    lengths = [(shortest, longest) for shortest, longest in zip(cells.min().row(0), cells.max().row(0), strict=True) if longest is not None]
    return key.equals(key.sort(table.primary_key)) and all(shortest and longest <= LONGEST_CELL for shortest, longest in lengths)


def read_rows(path: Path) -> list[list[str]]:
    """The records of a CSV file, header first; for files that `check_form` finds readable, or are to be formatted."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def canonical(table: Table, rows: list[list[str]]) -> str:
    """The canonical text of a file with these records (without header), each in schema order."""
    key = [table.columns.index(k) for k in table.primary_key]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    ordered = sorted(rows, key=lambda row: [row[i] for i in key])
    writer.writerows(ordered)
    return out.getvalue()


def format_package(package: Package) -> list[str]:
    """Rewrite every source file in canonical form; the names of the files that changed.

    Columns may stand in any order; an unknown or missing one, or a ragged row, is left for validation to tell.
    """
    changed = []
    for table in package.tables.values():
        assert table.path is not None
        header, *rows = read_rows(table.path)
        if sorted(header) != sorted(table.columns) or any(len(row) != len(header) for row in rows):
            continue
        order = [header.index(c) for c in table.columns]
        text = canonical(table, [[row[i] for i in order] for row in rows])
        if text.encode() != table.path.read_bytes():
            table.path.write_bytes(text.encode())
            changed.append(table.name)
    return changed


def _byte_problems(name: str, data: bytes) -> Iterator[Problem]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield Problem(name, 1, "", "starts with a byte order mark; save it as UTF-8 without one")
    for bad, what in ((b"\0", "a NUL byte"), (b"\r", "a carriage return; end lines with LF only")):
        if bad in data:
            yield Problem(name, data[: data.index(bad)].count(b"\n") + 1, "", f"holds {what}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        yield Problem(name, line, "", f"holds byte 0x{data[error.start]:02x}, which is not UTF-8; save the file as UTF-8")
    if not data.endswith(b"\n"):
        yield Problem(name, data.count(b"\n") + 1, "", "does not end with a line break; the last row may be cut off")


def _record_problems(name: str, text: str, table: Table) -> Iterator[Problem]:
    lines = text.split("\n")[:-1]
    reader, before = csv.reader((f"{line}\n" for line in lines), strict=True), 0
    key = [table.columns.index(k) for k in table.primary_key]
    last: list[str] = []
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(name, before + 1, "", f"has broken quoting ({error}); a quote inside quotes is doubled")
            return
        number, span, before = before + 1, reader.line_num - before, reader.line_num
        if number == 1:
            header = list(_header_problems(name, row, table.columns))
            yield from header
            if header:
                return
            continue
        if problem := _row_problem(row, span, len(table.columns), lines[number - 1]):
            yield Problem(name, number, "", problem)
            continue
        current = [row[i] for i in key]
        if current < last:
            yield Problem(name, number, "", UNSORTED, ", ".join(current))
        last = current


def _row_problem(row: list[str], lines: int, columns: int, line: str) -> str | None:
    if not row:
        return "is an empty line; remove it"
    if lines > 1:
        return f"holds a line break inside a cell, or a quote that never closes ({lines} lines); a record is one line"
    if len(row) != columns:
        return f"has {len(row)} cells where the header has {columns}; is a comma missing or unquoted?"
    if len(line) > LONGEST_CELL and max(map(len, row)) > LONGEST_CELL:
        return f"has a cell of {max(map(len, row))} characters; a cell holds at most {LONGEST_CELL}"
    if '"' in line and line != _quoted(row):
        return f"is not quoted in the canonical way{MENDABLE}"
    return None


def _header_problems(name: str, header: list[str], columns: list[str]) -> Iterator[Problem]:
    for column in [c for c in columns if c not in header]:
        yield Problem(name, 1, column, f"is missing from the header; it should be {','.join(columns)}")
    for column in [c for c in header if c not in columns]:
        yield Problem(name, 1, column, "is not a column of the schema; remove it or declare it there")
    if sorted(header) == sorted(columns) and header != columns:
        yield Problem(name, 1, "", f"has its columns out of order; run `make format` ({','.join(columns)})")
    if len(set(header)) < len(header):
        yield Problem(name, 1, "", "names a column twice")


def _quoted(row: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(row)
    return out.getvalue()
