"""The quick proof that a file is in canonical form, held against the pass that explains what is not."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scripts.files import canonical, check_form, explain, is_canonical
from scripts.frames import LINE, read_table
from scripts.package import Table, load_package
from scripts.rules import LONGEST_CELL
from tests.conftest import MINI

PIECES = [b"a", b"b", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xc2\x85", b" ", b",", b'"', b'""', b"\n", b"#", b"'", b"=", b"\t", b"\r", b"\0", b"\xff", b"\x1f"]
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=6)
TABLE = load_package(MINI / "datapackage.yaml").tables["publishers"]
HEADER = b"id,name,voice\n"


def table_at(folder: Path, data: bytes) -> Table:
    (folder / "publishers.csv").write_bytes(data)
    return replace(TABLE, path=folder / "publishers.csv")


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=24).map(b"".join))
@example(b'"",a,b\n')
@example(b"a,b,c\n\n")
@example(b'a,"b\nc",d\n')
@example(b"a,b\n")
@example(b",,\n")
@example(b"b,b,b\na,a,a\n")
def test_what_is_proven_needs_no_explanation(tmp_path: Path, body: bytes) -> None:
    data = HEADER + body
    if is_canonical(TABLE, data):
        assert explain("publishers.csv", TABLE, data) == []
        read = read_table(table_at(tmp_path, data)).drop(LINE).fill_null("").rows()
        assert [TABLE.columns, *map(list, read)] == list(csv.reader(data.decode().split("\n")[:-1]))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=5))
def test_what_is_written_in_canonical_form_is_sound(tmp_path: Path, rows: list[list[str]]) -> None:
    data = canonical(TABLE, rows).encode()
    assert check_form(table_at(tmp_path, data), tmp_path).problems == []


def test_files_of_common_rows_are_proven(tmp_path: Path) -> None:
    rows = [["a", "one, two", ""], ["b", 'said "no"', "نام"], ["c", "x" * LONGEST_CELL, "z"]]
    data = canonical(TABLE, rows).encode()
    assert is_canonical(table_at(tmp_path, data), data)
    assert not is_canonical(TABLE, data.replace(b"x" * LONGEST_CELL, b"x" * (LONGEST_CELL + 1)))
    assert list(csv.reader(data.decode().splitlines()))[1:] == rows
