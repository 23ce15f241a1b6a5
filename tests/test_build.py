"""The database: what is in it, that it is the same bytes each time, and that it is replaced whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.build import build
from scripts.load import LoadError
from scripts.package import load_package
from scripts.problems import Refused
from scripts.progress import Stages
from tests.conftest import ROOT


def make(mini: Path, name: str = "mini.db") -> Path:
    return build(load_package(mini / "datapackage.yaml"), mini / "dist" / name, Stages()).path


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as conn:
        return conn.execute(sql).fetchall()


def test_records(mini: Path) -> None:
    database = make(mini)
    assert rows(database, "select * from people") == [
        ("babak-alipour", "Babak Alipoor", "بابک علی‌پور", "1991-05", "law graduate; teacher", "executed", "2024-03-31", 4, 2, "born"),
        ("karim-galipour", "Karim Galipour", None, None, None, None, None, 1, 1, None),
        ("reza-rasaei", "Reza Rasaei", None, "1990", None, "released", None, 1, 1, None),
    ]
    assert rows(database, "select * from events") == [
        ("babak-alipour-arrest-1", "babak-alipour", "2023-12-27", "2024-01", "Karaj", "taken at night", 2, 1, 3, 2, "count; date; place"),
        ("reza-rasaei-arrest-1", "reza-rasaei", None, None, "Tehran", None, None, 0, 1, 1, None),
    ]


def test_rows_as_reported_are_kept_to_the_letter(mini: Path) -> None:
    database = make(mini)
    assert rows(database, "select source, place, alone from events_as_reported") == [("agency-1", "Tehran", 1), ("daily-1", "Tehran", 1), ("party-1", "Karaj | Qom", None), ("agency-1", "Tehran", 0)]  # fmt: skip


def test_timeline_and_names(mini: Path) -> None:
    database = make(mini)
    assert rows(database, 'select person, date, earliest, latest, event, detail, "table", record, voices from timeline') == [
        ("babak-alipour", "1991-05", "1991-05-01", "1991-05-31", "born", "Babak Alipoor", "people", "babak-alipour", 2),
        ("babak-alipour", "2023-12-27", "2023-12-27", "2023-12-27", "arrested", "Karaj; 2", "events", "babak-alipour-arrest-1", 2),
        ("reza-rasaei", "1990", "1990-01-01", "1990-12-31", "born", "Reza Rasaei", "people", "reza-rasaei", 1),
    ]
    assert rows(database, "select name, script, voices, sources from names where record = 'babak-alipour'") == [
        ("Babak Alipoor", "latin", 1, "party-1; party-tv-1"),
        ("Babak Alipour", "latin", 1, "agency-1; daily-1"),
        ("بابک علی‌پور", "persian", 1, "agency-1"),
    ]


def test_keys_indexes_and_types_are_declared(mini: Path) -> None:
    database = make(mini)
    assert {(r[2], r[3]) for r in rows(database, "pragma foreign_key_list(events_as_reported)")} == {
        ("events", "id"),
        ("sources", "source"),
        ("people", "person"),
    }
    assert [(r[1], r[2], r[5]) for r in rows(database, "pragma table_info(events)")] == [
        ("id", "TEXT", 1), ("person", "TEXT", 0), ("date", "TEXT", 0), ("ended", "TEXT", 0), ("place", "TEXT", 0), ("detail", "TEXT", 0), ("count", "INTEGER", 0),
        ("alone", "INTEGER", 0), ("reports", "INTEGER", 0), ("voices", "INTEGER", 0), ("disputed", "TEXT", 0),
    ]  # fmt: skip
    assert {r[1] for r in rows(database, "pragma index_list(events)")} >= {"idx_events_person", "idx_events_place", "idx_events_date"}
    assert rows(database, "pragma foreign_key_check") == [] and rows(database, "pragma integrity_check") == [("ok",)]


def test_who_says_what(mini: Path) -> None:
    claims = rows(make(mini), "select field, value, source from claims where \"table\" = 'people' and record = 'babak-alipour' and field in ('born', 'status')")
    assert claims == [
        ("born", "1991", "agency-1"), ("born", "1991-05", "daily-1"), ("born", "1990", "party-1"), ("born", "1990", "party-tv-1"),
        ("status", "on-death-row", "agency-1"), ("status", "on-death-row", "daily-1"), ("status", "executed", "party-1"), ("status", "executed", "party-tv-1"),
    ]  # fmt: skip


def test_the_same_sources_give_the_same_bytes(mini: Path, tmp_path: Path) -> None:
    first = make(mini).read_bytes()
    environment = {**os.environ, "TZ": "Asia/Tehran", "LC_ALL": "C", "PYTHONHASHSEED": "7", "POLARS_MAX_THREADS": "1"}
    other = tmp_path / "elsewhere.db"
    command = [sys.executable, "-m", "scripts", "build", "--package", str(mini / "datapackage.yaml"), "--output", str(other)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert other.read_bytes() == first


def test_refused_sources_leave_the_old_database(mini: Path) -> None:
    database = make(mini)
    before = database.read_bytes()
    (mini / "sources/people.csv").write_text("id\n")
    with pytest.raises(Refused):
        make(mini)
    assert database.read_bytes() == before
    assert [p.name for p in database.parent.iterdir()] == ["mini.db"]


def test_a_wrong_view_leaves_the_old_database(mini: Path) -> None:
    database = make(mini)
    before = database.read_bytes()
    view = mini / "views/death_row.yaml"
    view.write_text(view.read_text().replace("from people", "from peple"))
    with pytest.raises(LoadError, match=r"views/death_row.yaml: no such table"):
        make(mini)
    assert database.read_bytes() == before


def test_a_loss_stops_the_build(mini: Path) -> None:
    path = mini / "schema/people.yaml"
    path.write_text(path.read_text().replace("expect: {rows: 1}", "expect: {rows: 4, two_voices: 0.5, filled: {born: 0.9}}"))
    with pytest.raises(Refused) as caught:
        make(mini)
    assert [str(p) for p in caught.value.problems] == [
        "schema/people.yaml: expect: 33.3% of people have two voices or more, fewer than the 50% expected",
        "schema/people.yaml: expect: people has 3 records, fewer than the 4 expected",
        "schema/people.yaml: expect: people.born is filled in 66.7% of records, fewer than the 90% expected",
    ]


def test_the_summary_tells_what_changed(mini: Path) -> None:
    make(mini)
    people = mini / "sources/people.csv"
    people.write_text(
        people.read_text().replace(
            "reza-rasaei,agency-1,Reza Rasaei,,1990,,released,\n", "reza-rasaei,agency-1,Reza Rasaei,,1990,,released,\nzahra-rad,agency-1,Zahra Rad,,,,,\n"
        )
    )
    command = [sys.executable, "-m", "scripts", "build", "--package", str(mini / "datapackage.yaml"), "--output", str(mini / "dist/mini.db")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in done.stdout.splitlines()[1:]}
    assert (lines["people"], lines["events"], done.stderr) == ("4 (+1)", "2 (as before)", "")


def test_a_new_table_is_one_schema_and_one_csv(mini: Path) -> None:
    """No code knows a table by name: a new one is validated, merged, loaded, searchable and documented at once."""
    fields = yaml.safe_load((mini / "schema/events.yaml").read_text())["fields"]
    letters = {
        "title": "Letters", "summary": "Letters written.", "row": "One letter.", "counting": "Some.", "warnings": ["at-least"],
        "search": ["place"], "primaryKey": ["id", "source"],
        "foreignKeys": [{"fields": f, "reference": {"resource": t, "fields": "id"}} for f, t in (("source", "sources"), ("person", "people"))],
        "fields": [{**f, "timeline": "wrote"} if f["name"] == "date" else f for f in fields],
    }  # fmt: skip
    (mini / "schema/letters.yaml").write_text(yaml.safe_dump(letters))
    (mini / "sources/letters.csv").write_text("id,source,person,date,ended,place,detail,count,alone\nletter-1,agency-1,reza-rasaei,2024-05,,Evin,,,\n")
    package = mini / "datapackage.yaml"
    package.write_text(package.read_text() + "  - {name: letters, type: table, path: sources/letters.csv, encoding: utf-8, schema: schema/letters.yaml}\n")
    database = make(mini)
    assert rows(database, "select id, place, reports from letters") == [("letter-1", "Evin", 1)]
    assert rows(database, "select event, date from timeline where \"table\" = 'letters'") == [("wrote", "2024-05")]
    assert rows(database, "select rowid from letters_search where letters_search match 'key : (ivin)'") == [(1,)]
    assert rows(database, "select value from claims where \"table\" = 'letters' and field = 'place'") == [("Evin",)]
