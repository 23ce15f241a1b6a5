"""Sources broken in every way: refused with file, line and column, or kept to the letter; never a traceback, never a silent change.

EXAMPLES=3000 tries that many of each property; by default few, so that the tests stay quick.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scripts.build import build
from scripts.files import canonical, check_form, read_rows
from scripts.frames import LINE, read_table
from scripts.load import LoadError
from scripts.package import Package, PackageError, Table, load_package
from scripts.problems import Problem, Refused
from scripts.progress import Stages
from scripts.prove import is_clean
from scripts.rules import LONGEST_CELL
from scripts.validate import row_problems, validate
from tests.conftest import MINI, ROOT

# what has broken programs that read tables, calendars, addresses and names
CELLS = [
    "", " ", "  ", "\t", "\n", "\r", "\r\n", "\0", "a\0b", "\x1b[2J", "\x7f", "\x85", "\u2028", "\ufeff", "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2066a\u2069",
    "a\u0301", "ﬁ", "Ａ", "é", "e\u0301", "\U0001f600", "\U000e0041", "\ue000", "\ufffd", "\ufdfa", "ي", "ك", "٢٠٢٤", "۱۴۰۳", "۱۴۰۳/۰۷/۱۵", "علی‌پور", "علی\u200c", "\u200cعلی",
    '"', '""', "'", "a,b", "a;b", "a\tb", ",", '","', '"a"', 'a"b', "a | b", "a | a", "|", "a |b", "a; b", "NULL", "null", "NaN", "nan", "None", "N/A", "inf", "-inf", "true", "True", "TRUE", "yes", "1.0",
    "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "<script>alert(1)</script>", "<b>", "a<b", "&amp;", "&#60;", "{{7*7}}", "${7*7}", "%s%n", "javascript:alert(1)",
    "../../etc/passwd", "..", ".", "/", "\\", "con", "a/b", "a%2fb", "a.b", "a--b", "-a", "a-", "A", "a_b", "a b", "0", "00", "-0", "0.0", "01", "1_0", "1e3", "1E400", "0x10", "9" * 15, "9" * 18, "9" * 19, "9" * 400, "0." + "1" * 40, "1.10", ".5", "5.", "1,5",
    "2024", "2024-1-1", "2024-02-30", "2024-13", "2024-00", "2024-06-31", "2023-02-29", "2024-21", "2024-25", "2024-41", "2024~", "2024?", "2024%", "2024-01-01T00:00", "2024/2023", "2023/2024", "2024/", "/2024", "../2024", "2024-XX", "202X", "Y12024", "-0001", "0000", "1403-07-15", "1403", "1446-03-01", "1899", "2101", "2023-23~", "２０２４", "24-10-06", "06/10/2024", "Oct 2024", "15 Mehr 1403",
    "a@example.org", "a＠example.org", "+98 912 345 6789", "0098 9123456789", "0912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "0013542419", "۰۰۱۳۵۴۲۴۱۹",
    "http://", "http://x", "https://user:pw@example.org/", "ftp://example.org/", "https://example.org/ a", "https://exa\u202emple.org/", "https://[::1/", "https://example.org:99999999/", "HTTPS://EXAMPLE.ORG/", "//example.org/",
    "x" * LONGEST_CELL, "x" * (LONGEST_CELL + 1), "x" * 1_000_000, "ع" * (LONGEST_CELL + 1), "nobody", "babak-alipour", "agency-1", "people", hashlib.sha256(b"x").hexdigest(),
]  # fmt: skip
IN_FORM = [text for text in CELLS if not set(text) & set("\n\r\0") and len(text) <= LONGEST_CELL]
BYTES = [
    b"\0",
    b"\xef\xbb\xbf",
    b"\r",
    b"\r\n",
    b"\n",
    b"\n\n",
    b'"',
    b'""',
    b",",
    b",,",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x80\xae",
    b"\x1a",
    b";",
    b"\t",
    b" ",
]
EXAMPLES = int(os.environ.get("EXAMPLES", "30"))
# no shrinking: a failure is small as it is, and a minute is long
SPENT = settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate], deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MINI_TABLES = ["people", "events", "sources", "publishers"]


@cache
def mini_tables() -> Package:
    return load_package(MINI / "datapackage.yaml")


@contextmanager
def copy() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(shutil.copytree(MINI, Path(folder) / "mini"))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def assert_told(problems: list[Problem], root: Path) -> None:
    """Each names a file of the package and a line that it has, and fits on a line of its own."""
    assert problems
    lines: dict[str, int] = {}
    for problem in problems:
        path = root / problem.file
        assert path.exists() or "cannot be read" in problem.message
        if path.exists() and problem.file not in lines:
            lines[problem.file] = path.read_bytes().count(b"\n") + 1
        assert 0 <= problem.line <= lines.get(problem.file, 0)
        assert len(str(problem)) < 2000 and str(problem).isprintable(), repr(str(problem))


def assert_kept(table: Table, frame: pl.DataFrame) -> None:
    """Every cell is what the file says, letter by letter; an empty one is null."""
    assert table.path
    assert frame.drop(LINE).rows() == [tuple(cell or None for cell in row) for row in rows_of(table.path)]


def judge(root: Path) -> bool:
    """Whether the sources of the tiny package in `root` pass and make a database; either way all is told or kept."""
    package = load_package(root / "datapackage.yaml")
    try:
        frames, _ = validate(package)
    except Refused as refused:
        assert_told([p for p in refused.problems if not p.warning], root)
        return False
    for table in package.tables.values():
        assert_kept(table, frames[table.name])
    return builds(package, root)


def builds(package: Package, root: Path) -> bool:
    try:
        database = build(package, root / "dist/mini.db", Stages()).path
    except (Refused, LoadError, PackageError):
        return False
    with sqlite3.connect(database) as conn:
        for table in package.observed:
            stored = conn.execute(f'select * from "{table.name}_as_reported"').fetchall()
            assert table.path and sorted(written(table, row) for row in stored) == sorted(rows_of(table.path))
    return True


def written(table: Table, row: tuple[object, ...]) -> list[str]:
    """A stored row as its source writes it."""
    cells = []
    for field, value in zip(table.fields, row, strict=True):
        text = "" if value is None else {0: "false", 1: "true"}[int(str(value))] if field.type == "boolean" else str(value)
        cells.append(text.removesuffix(".0") if field.type == "number" else text)
    return cells


def with_cell(path: Path, table: Table, row: int, column: int, text: str) -> None:
    """Write a file whose one cell is `text`, in canonical form."""
    rows = rows_of(path)
    rows[row % len(rows)][column % len(table.columns)] = text
    path.write_text(canonical(table, rows), encoding="utf-8", newline="")


@pytest.mark.parametrize("name", MINI_TABLES)
def test_every_hostile_cell_in_every_column(name: str) -> None:
    """A file for each column, with a row for each cell: what passes is built and kept to the letter, and what does not is told by its line."""
    table = mini_tables().tables[name]
    for column in table.columns:
        with copy() as root:
            path = root / "sources" / f"{name}.csv"
            sound = rows_of(path)
            path.write_text(canonical(table, list(variants(table, sound[0], column))), encoding="utf-8", newline="")
            with pytest.raises(Refused) as caught:
                validate(load_package(root / "datapackage.yaml"))
            problems = [p for p in caught.value.problems if not p.warning]
            assert_told(problems, root)
            lines = {p.line for p in problems if p.file.endswith(f"/{name}.csv")}
            passed = [row for number, row in enumerate(rows_of(path), 2) if number not in lines]
            path.write_text(canonical(table, [*passed, *sound]), encoding="utf-8", newline="")
            judge(root)


def variants(table: Table, row: list[str], column: str) -> Iterator[list[str]]:
    """The row once for each hostile cell, as another record."""
    for number, text in enumerate(IN_FORM):
        changed = dict(zip(table.columns, row, strict=True)) | {"id": f"variant-{number:03}", column: text}
        yield list(changed.values())


@pytest.mark.parametrize("text", [t for t in CELLS if t not in IN_FORM], ids=lambda text: ascii(text[:12]))
def test_a_cell_that_breaks_the_form_of_the_file(text: str) -> None:
    with copy() as root:
        with_cell(root / "sources/people.csv", mini_tables().tables["people"], 0, 2, text)
        assert not judge(root)


@SPENT
@given(st.sampled_from(MINI_TABLES), st.integers(0, 9), st.integers(0, 9), st.sampled_from(CELLS) | st.text(max_size=30))
def test_what_is_built_is_what_was_written(name: str, row: int, column: int, text: str) -> None:
    with copy() as root:
        with_cell(root / "sources" / f"{name}.csv", mini_tables().tables[name], row, column, text)
        judge(root)


@SPENT
@given(st.sampled_from([*MINI_TABLES, "decisions", "retired_ids"]), st.data())
def test_bytes_cut_doubled_and_put_in(name: str, data: st.DataObject) -> None:
    with copy() as root:
        path = root / "sources" / f"{name}.csv"
        content = path.read_bytes()
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(content)))
            to = data.draw(st.integers(at, min(len(content), at + 40)))
            content = content[:at] + data.draw(st.sampled_from([b"", content[at:to] * 2, *BYTES]) | st.binary(max_size=4)) + content[to:]
        path.write_bytes(content)
        judge(root)


KEYS = st.sampled_from(["babak-alipour", "karim-galipour", "reza-rasaei", "nobody", "x", "babak-alipour-arrest-1", hashlib.sha256(b"reza-rasaei").hexdigest()])
TABLES = st.sampled_from(["people", "events", "sources", "nowhere", "decisions", "retired_ids", "people_as_reported", ""])


@SPENT
@given(st.lists(st.tuples(TABLES, KEYS, KEYS | st.just(""), st.sampled_from(["merged", "renamed", "withdrawn", "lost", ""])), max_size=5))
def test_redirects_in_circles_and_to_nowhere(rows: list[tuple[str, ...]]) -> None:
    with copy() as root:
        path = root / "sources/retired_ids.csv"
        path.write_text(canonical(mini_tables().tables["retired_ids"], [list(row) for row in rows]), encoding="utf-8", newline="")
        judge(root)


@SPENT
@given(
    st.lists(
        st.tuples(TABLES, KEYS, st.sampled_from(["born", "status", "name", "id", "source", "nothing", "date", "count", ""]), st.sampled_from(CELLS[:90])),
        max_size=4,
    )
)
def test_decisions_on_nothing(rows: list[tuple[str, ...]]) -> None:
    table = mini_tables().tables["decisions"]
    with copy() as root:
        whole = [[*row, *["It says so." for _ in table.columns[4:]]] for row in rows]
        (root / "sources/decisions.csv").write_text(canonical(table, whole), encoding="utf-8", newline="")
        judge(root)


@cache
def real_tables() -> Package:
    return load_package(ROOT / "datapackage.yaml")


@cache
def real_rows(name: str) -> list[list[str]]:
    path = real_tables().tables[name].path
    assert path
    return read_rows(path)[1:]


@settings(SPENT, max_examples=EXAMPLES * 6)
@given(
    st.sampled_from(sorted(t.name for t in real_tables().observed)), st.integers(0, 10_000), st.integers(0, 40), st.sampled_from(CELLS) | st.text(max_size=20)
)
def test_real_rows_broken_in_one_cell(name: str, row: int, column: int, text: str) -> None:
    """Both ways to judge agree; what is refused is told with the line that was broken."""
    package, rows = real_tables(), real_rows(name)
    chosen = [list(r) for r in rows[row % len(rows) :][:3]]
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "sources").mkdir()
        table = Table(name, package.tables[name].descriptor, root / "sources" / f"{name}.csv")
        chosen[0][column % len(table.columns)] = text
        assert table.path
        table.path.write_text(canonical(table, chosen), encoding="utf-8", newline="")
        form = check_form(table, root)
        if not form.readable:
            assert_told(form.problems, root)
            return
        frame = read_table(table)
        assert_kept(table, frame)
        problems = row_problems(Package(root, package.descriptor, package.tables, {}), table)
        assert is_clean(table, frame) == (not problems)
        if problems:
            assert_told(problems, root)
            assert 2 + rows_of(table.path).index(chosen[0]) in {p.line for p in problems}


BOMBS = {
    "many columns": b"id," + b",".join(b"c%d" % i for i in range(50_000)) + b"\n",
    "the same column": b",".join([b"id"] * 100_000) + b"\n",
    "commas": b"id,name,voice\n" + b"," * 5_000_000 + b"\n",
    "quotes": b"id,name,voice\n" + b'"' * 5_000_001 + b"\n",
    "empty lines": b"id,name,voice\n" + b"\n" * 200_000,
    "one quote, many lines": b'id,name,voice\na,"' + b"b\n" * 300_000,
    "a cell of twenty million": b"id,name,voice\na," + b"b" * 20_000_000 + b",c\n",
    "one letter a row": b"id,name,voice\n" + b"a\n" * 100_000,
    "the same key": b"id,name,voice\n" + b"a,a,a\n" * 20_000,
    "no text at all": bytes(range(256)) * 1000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_told_in_lines_by_the_command(mini: Path, bomb: str) -> None:
    (mini / "sources/publishers.csv").write_bytes(BOMBS[bomb])
    command = [sys.executable, "-m", "scripts", "validate", "--package", str(mini / "datapackage.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert done.stderr.startswith("sources/") and len(done.stderr) < 200_000


def test_keys_that_point_nowhere_many_times(mini: Path) -> None:
    rows = [[f"event-{i}", f"nowhere-{i}", f"nobody-{i}", *[""] * 6] for i in range(20_000)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([mini_tables().tables["events"].columns, *sorted(rows)])
    (mini / "sources/events.csv").write_text(out.getvalue())
    with pytest.raises(Refused) as caught:
        validate(load_package(mini / "datapackage.yaml"))
    assert_told(caught.value.problems, mini)
