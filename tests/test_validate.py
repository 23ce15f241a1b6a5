"""Wrong sources: every error at once, each with file, line, column, value and what right looks like."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.package import load_package
from scripts.problems import Refused
from scripts.validate import validate
from tests.conftest import ROOT


def refusal(mini: Path) -> list[str]:
    with pytest.raises(Refused) as caught:
        validate(load_package(mini / "datapackage.yaml"))
    return [str(p) for p in caught.value.problems]


def edit(mini: Path, table: str, old: str, new: str) -> None:
    path = mini / "sources" / f"{table}.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_tiny_package_is_valid(mini: Path) -> None:
    frames, warnings = validate(load_package(mini / "datapackage.yaml"))
    assert {name: f.height for name, f in frames.items()} == {
        "publishers": 4, "sources": 5, "people": 6, "events": 4, "decisions": 0, "retired_ids": 0,
    }  # fmt: skip
    assert warnings == []


CELLS = [
    ("people", "1991,law", "19x1,law", 'sources/people.csv:2: born: "19x1" is not an EDTF date (such as 1991, 1991-03, 1991-03-21, 1991-23 for autumn, or 1991-03~ for about)'),
    ("people", "executed,2024-03-31", "exectued,2024-03-31", 'sources/people.csv:4: status: "exectued" is not one of on-death-row, executed, released; did you mean executed?'),
    ("people", "Karim Galipour", "", "sources/people.csv:6: name: is empty; every row needs it"),
    ("people", "karim-galipour", "Karim-Galipour", 'sources/people.csv:6: id: "Karim-Galipour" does not match [a-z0-9]+(-[a-z0-9]+)* (such as babak-alipour)'),
    ("people", "Reza Rasaei", "رضا", 'sources/people.csv:7: name: "رضا" holds U+0631 ARABIC LETTER REH; this column is in Latin letters'),
    ("events", ",3,true", ",0,true", 'sources/events.csv:2: count: "0" breaks the constraint minimum 1'),
    ("events", ",3,true", ",3.0,true", 'sources/events.csv:2: count: "3.0" is not a whole number of at most 15 digits (such as 12)'),
    ("events", ",3,true", ",3,yes", 'sources/events.csv:2: alone: "yes" is not a boolean (such as true or false)'),
    ("events", "2024-01,,Tehran", "2024-01,2023,Tehran", 'sources/events.csv:2: ended: "2023" is before date, "2024-01"; one of the two is wrong'),
    ("events", "babak-alipour,2024-01,", "babak-alipor,2024-01,", 'sources/events.csv:2: person: "babak-alipor" is no id of people; did you mean babak-alipour?'),
    ("sources", "https://agency", "agency", 'sources/sources.csv:2: url: "agency.example.org/1" is not a web address (such as https://example.org/page)'),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "line"), CELLS)
def test_one_wrong_cell_is_one_line(mini: Path, table: str, old: str, new: str, line: str) -> None:
    edit(mini, table, old, new)
    assert [e for e in refusal(mini) if "order of the primary key" not in e] == [line]


def test_all_errors_at_once(mini: Path) -> None:
    for table, old, new, _ in CELLS[:3] + CELLS[5:6]:
        edit(mini, table, old, new)
    assert len(refusal(mini)) == 4


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "sources/publishers.csv: is empty; it needs at least the header id,name,voice"),
        (b"id,name,voice\na,b\n", "sources/publishers.csv:2: has 2 cells where the header has 3; is a comma missing or unquoted?"),
        (b'id,name,voice\na,"b,c\n', "sources/publishers.csv:2: has broken quoting (unexpected end of data); a quote inside quotes is doubled"),
        (b'id,name,voice\na,"b\nc",d\n', "sources/publishers.csv:2: holds a line break inside a cell, or a quote that never closes (2 lines); a record is one line"),
        (b"id,name\na,b\n", "sources/publishers.csv:1: voice: is missing from the header; it should be id,name,voice"),
        (b"id,name,voice,x\na,b,c,d\n", "sources/publishers.csv:1: x: is not a column of the schema; remove it or declare it there"),
        (b"name,id,voice\nb,a,c\n", "sources/publishers.csv:1: has its columns out of order; run `make format` (id,name,voice)"),
        (b"id,name,voice\nb,b,b\na,a,a\n", 'sources/publishers.csv:3: "a" is not in order of the primary key; run `make format`'),
        (b'id,name,voice\n"a",a,a\n', "sources/publishers.csv:2: is not quoted in the canonical way; run `make format`"),
        (b'id,name,voice\na,b"c,d\n', "sources/publishers.csv:2: is not quoted in the canonical way; run `make format`"),  # found by fuzzing: readers differ
        (b"id,name,voice\na,\xe9,a\n", "sources/publishers.csv:2: holds byte 0xe9, which is not UTF-8; save the file as UTF-8"),
        (b"id,name,voice\na,a\0,a\n", "sources/publishers.csv:2: holds a NUL byte"),
        (b"id,name,voice\r\na,a,a\r\n", "sources/publishers.csv:1: holds a carriage return; end lines with LF only"),
        (b"\xef\xbb\xbfid,name,voice\na,a,a\n", "sources/publishers.csv:1: starts with a byte order mark; save it as UTF-8 without one"),
        (b"id,name,voice\na,a,a", "sources/publishers.csv:2: does not end with a line break; the last row may be cut off"),
        (b"id,name,voice\n\na,a,a\n", "sources/publishers.csv:2: is an empty line; remove it"),
        (b"id,name,voice\na," + b"x" * 1_000_000 + b",a\n", "sources/publishers.csv:2: has a cell of 1000000 characters; a cell holds at most 4000"),
    ],
)  # fmt: skip
def test_a_broken_file_is_a_line_not_a_traceback(mini: Path, content: bytes, line: str) -> None:
    (mini / "sources" / "publishers.csv").write_bytes(content)
    assert [e for e in refusal(mini) if e.startswith("sources/publishers.csv")] == [line]


def test_a_missing_file_is_a_line(mini: Path) -> None:
    (mini / "sources" / "publishers.csv").unlink()
    assert refusal(mini) == ["sources/publishers.csv: cannot be read: No such file or directory; every table needs its file, if only with a header"]


def test_a_key_given_twice(mini: Path) -> None:
    edit(mini, "publishers", "daily,Daily,daily\n", "daily,Daily,daily\ndaily,Daily,daily\n")
    assert refusal(mini) == ["sources/publishers.csv:4: has the same id as another row; one source has one row per record"]


def test_retired_ids_do_not_return_and_point_to_what_exists(mini: Path) -> None:
    (mini / "sources" / "retired_ids.csv").write_text(
        "table,id,replaced_by,reason\n"
        "people,babak-alipoor,babak-alipour,renamed\n"
        "people,karim-galipour,reza-rasaei,merged\n"
        "people,x,babak-alipoor,merged\n"
        "people,y,nobody,merged\n"
    )
    assert refusal(mini) == [
        'sources/people.csv:6: id: "karim-galipour" is retired (merged) and must not return; use reza-rasaei',
        'sources/retired_ids.csv:4: replaced_by: "babak-alipoor" is no id of people; a retired id points to a record that exists, never to another retired one',
        'sources/retired_ids.csv:5: replaced_by: "nobody" is no id of people; a retired id points to a record that exists, never to another retired one',
    ]


def test_a_withdrawn_id_is_known_by_its_hash(mini: Path) -> None:
    digest = hashlib.sha256(b"karim-galipour").hexdigest()
    (mini / "sources" / "retired_ids.csv").write_text(f"table,id,replaced_by,reason\npeople,{digest},,withdrawn\n")
    assert refusal(mini) == ['sources/people.csv:6: id: "karim-galipour" is retired (withdrawn) and must not return']


def test_alike_names_are_a_warning_that_names_both(mini: Path) -> None:
    edit(mini, "people", "karim-galipour,agency-1,Karim Galipour", "babak-alipur,agency-1,Babak Alipuor")
    _, warnings = validate(load_package(mini / "datapackage.yaml"))
    assert [str(w) for w in warnings] == [
        'sources/people.csv:6: warning: id: "babak-alipur (Babak Alipuor)" is alike to babak-alipour ("Babak Alipoor"): '
        "one person? merge them, or list the pair under `distinct` in the schema"
    ]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "scripts", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_tells_errors_in_lines_and_exits_1(mini: Path) -> None:
    edit(mini, "people", "1991,law", "19x1,law")
    done = command("validate", "--package", str(mini / "datapackage.yaml"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [CELLS[0][3], "1 error; nothing was published or replaced."]


def test_the_command_tells_the_same_as_data(mini: Path) -> None:
    edit(mini, "people", "1991,law", "19x1,law")
    done = command("validate", "--json", "--package", str(mini / "datapackage.yaml"))
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "valid": False,
        "problems": [{"file": "sources/people.csv", "line": 2, "column": "born", "value": "19x1", "warning": False,
                      "message": CELLS[0][3].split('"19x1" ')[1]}],
    }  # fmt: skip


def test_a_schema_that_contradicts_itself_is_told(mini: Path) -> None:
    path = mini / "schema" / "people.yaml"
    path.write_text(path.read_text().replace("facets: [status]", "facets: [statsu]"))
    done = command("validate", "--package", str(mini / "datapackage.yaml"))
    assert (done.returncode, done.stderr) == (1, "schema of people: `facets` names 'statsu', which is no column\n")


def test_the_plain_frictionless_command_agrees(mini: Path) -> None:
    tool = Path(sys.executable).parent / "frictionless"
    done = subprocess.run([tool, "validate", "datapackage.yaml"], cwd=mini, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    edit(mini, "people", "karim-galipour,agency-1", "karim-galipour,nobody")
    done = subprocess.run([tool, "validate", "datapackage.yaml"], cwd=mini, capture_output=True, text=True, check=False)
    assert done.returncode == 1
