"""The real records: that what must be there is there, with its contradictions in sight."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

REPORT = "iran-hrm-2025-03-31-death-row-part-6"  # Iran HRM, 31 March 2025: the report that the dataset grew from


@pytest.fixture(scope="module")
def conn(real_database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{real_database}?mode=ro", uri=True)


def said(conn: sqlite3.Connection, table: str, columns: str, **where: str) -> set[tuple[Any, ...]]:
    """What the report says in the rows of a table."""
    conditions = " and ".join(f'"{k}" = ?' for k in where)
    return set(conn.execute(f"select {columns} from {table}_as_reported where source = ? and {conditions}", (REPORT, *where.values())))


def test_the_report_is_there_whole(conn: sqlite3.Connection) -> None:
    who = {"person": "babak-alipour"}
    person = said(conn, "people", "born, birthplace, education, alleged_group, status", id="babak-alipour")
    assert person == {("1991", "Amol", "law graduate", "PMOI/MEK", "on-death-row")}
    assert said(conn, "arrests", "date, released", **who) == {("2018-11", None), ("2021-12", "2023-03"), ("2024-01", None)}
    assert said(conn, "sentences", "kind, term", kind="imprisonment", **who) == {("imprisonment", "7 years")}
    assert {("evin", "4", "2021-12", "2023-03", None)} <= said(conn, "detentions", "prison, ward, since, until, solitary", **who)
    assert {("209", 1, "four months in solitary confinement")} <= said(conn, "detentions", "ward, solitary, duration_reported", **who)
    offences = {o for (o,) in said(conn, "charges", "offence", **who)}
    assert (
        {"baghi", "insulting-the-supreme-leader"} <= offences
        and any("membership" in o for o in offences)
        and any("collusion" in o or "conspiracy" in o for o in offences)
    )
    care = said(conn, "violations", "detail", kind="denial-of-medical-care", **who)
    assert all("intestinal" in d and "prostate" in d for (d,) in care) and len(care) == 1
    assert said(conn, "rulings", "date, court, judge, outcome", **who) == {("2024-10-06", "tehran-revolutionary-court-26", "iman-afshari", "death-sentence")}


def test_the_statement_and_the_letter_of_the_report(conn: sqlite3.Connection) -> None:
    appeals = set(conn.execute("select kind, date, addressee, signatories from appeals_as_reported where source = ?", (REPORT,)))
    assert ("open-letter", "2024-12-04", "Mai Sato, UN Special Rapporteur on Iran", "160 | more than 150") in appeals
    assert any(kind == "statement" for kind, *_ in appeals)
    about = {p for (p,) in conn.execute("select person from appeal_people_as_reported where source = ?", (REPORT,))}
    assert about == {"babak-alipour"}


@pytest.mark.parametrize(
    ("table", "field", "values"),
    [
        ("cases", "defendants_reported", {"six", "seven (him and six others)"}),
        ("appeals", "signatories", {"160", "more than 150"}),
        ("detentions", "duration_reported", {"two years", "about fifteen months (December 2021 to March 2023, the same page's dates)"}),
    ],
)
def test_its_own_contradictions_are_visible(conn: sqlite3.Connection, table: str, field: str, values: set[str]) -> None:
    rows = conn.execute('select published_value, other_value from disagreements where "table" = ? and field = ?', (table, field)).fetchall()
    assert any(values == {shown, other} for shown, other in rows)


def test_the_six_and_the_two_are_there_with_their_officials_and_appeals(conn: sqlite3.Connection) -> None:
    people = [
        "babak-alipour", "vahid-bani-amerian", "pouya-ghobadi", "akbar-daneshvarkar", "mohammad-taghavi", "abolhassan-montazer", "behrouz-ehsani", "mehdi-hassani",
    ]  # fmt: skip
    for person in people:
        (sentences,) = conn.execute("select count(*) from death_sentences where person = ? and court = 'tehran-revolutionary-court-26'", (person,)).fetchone()
        (appeals,) = conn.execute("select count(*) from appeal_people where person = ?", (person,)).fetchone()
        (voices,) = conn.execute("select voices from people where id = ?", (person,)).fetchone()
        assert sentences >= 1 and appeals >= 1 and voices >= 2, person
    assert {s for (s,) in conn.execute("select status from people where id in ('behrouz-ehsani', 'mehdi-hassani')")} == {"executed"}


def test_every_death_sentence_names_a_person_and_nothing_points_nowhere(conn: sqlite3.Connection) -> None:
    assert conn.execute("pragma foreign_key_check").fetchall() == []


def test_the_plain_frictionless_command_accepts_the_sources() -> None:
    tool = Path(sys.executable).parent / "frictionless"
    done = subprocess.run([tool, "validate", "datapackage.yaml"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
