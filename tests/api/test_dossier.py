"""Dossiers: everything about one record in one answer, as its JSON Schema says."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.api.conftest import ask


def errors(dossier: Any) -> list[str]:
    """What the schema that a dossier names finds wrong with it, and with the schema itself."""
    schema = ask(dossier["$schema"]).json
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == dossier["$schema"]
    return [f"{list(e.path)}: {e.message}" for e in Draft202012Validator(schema).iter_errors(dossier)]


def test_a_person_in_full(service: str) -> None:
    answer = ask(f"{service}/mini/people/babak-alipour/dossier.json")
    found = answer.json
    dataset = found.pop("dataset")
    assert errors({**found, "dataset": dataset}) == []
    assert dataset == {
        "title": "A tiny package for tests", "version": answer.headers["x-dataset-version"], "edition": answer.headers["x-dataset-edition"],
        "data_date": "2025-04-02", "licence": "https://creativecommons.org/licenses/by/4.0/",
    }  # fmt: skip
    assert {k: found[k] for k in ("$schema", "table", "id", "url", "warnings")} == {
        "$schema": f"{service}/mini/people/dossier.schema.json", "table": "people", "id": "babak-alipour", "url": f"{service}/mini/people/babak-alipour",
        "warnings": ["Every count is at least."],
    }  # fmt: skip
    assert found["record"] == ask(f"{service}/mini/people/babak-alipour.json?_shape=objects").json["rows"][0]
    assert found["related"] == {"events": ask(f"{service}/mini/events.json?_shape=objects&person=babak-alipour").json["rows"]}
    assert found["mentioned"] == {}
    assert {name: len(rows) for name, rows in found["about"].items()} == {"decisions": 0, "disagreements": 6, "names": 3, "timeline": 2}


def test_every_claim_has_its_source_in_full(service: str) -> None:
    found = ask(f"{service}/mini/people/babak-alipour/dossier.json").json
    assert {(c["table"], c["record"], c["field"], c["value"], c["source"]) for c in found["claims"] if c["field"] in ("born", "place", "alone")} == {
        ("people", "babak-alipour", "born", "1991", "agency-1"), ("people", "babak-alipour", "born", "1991-05", "daily-1"),
        ("people", "babak-alipour", "born", "1990", "party-1"), ("people", "babak-alipour", "born", "1990", "party-tv-1"),
        ("events", "babak-alipour-arrest-1", "place", "Tehran", "agency-1"), ("events", "babak-alipour-arrest-1", "place", "Tehran", "daily-1"),
        ("events", "babak-alipour-arrest-1", "place", "Karaj | Qom", "party-1"), ("events", "babak-alipour-arrest-1", "alone", "true", "agency-1"),
        ("events", "babak-alipour-arrest-1", "alone", "true", "daily-1"),
    }  # fmt: skip
    assert {c["source"] for c in found["claims"]} == {s["id"] for s in found["sources"]}
    assert next(s for s in found["sources"] if s["id"] == "daily-1") == {
        "id": "daily-1", "title": "Agency, repeated", "url": "https://daily.example.org/1", "published": "2024-02-02",
        "publisher": {"id": "daily", "name": "Daily", "voice": "daily"}, "relays": {"id": "agency", "name": "Agency", "voice": "agency"},
    }  # fmt: skip


def test_only_tables_that_are_marked_have_dossiers(service: str) -> None:
    answer = ask(f"{service}/mini/events/babak-alipour-arrest-1/dossier.json")
    assert (answer.status, answer.json["error"]) == (404, "There is nothing of the kind for events, only for people.")
    assert ask(f"{service}/mini/events/dossier.schema.json").status == 404


@pytest.mark.parametrize(("table", "record"), [("people", "babak-alipour"), ("officials", "iman-afshari"), ("people", "reza-rasaei")])
def test_real_dossiers(real_site: str, table: str, record: str) -> None:
    base = f"{real_site}/iran-death-sentences"
    found = ask(f"{base}/{table}/{record}/dossier.json").json
    assert errors(found) == []
    known = {s["id"] for s in found["sources"]}
    assert all(c["source"] in known for c in found["claims"]) and found["claims"]
    listed = ask(f"{base}/claims.json?_shape=objects&_size=1000&table={table}&record={record}").json["rows"]
    assert [c for c in found["claims"] if c["table"] == table and c["record"] == record] == listed


def test_a_real_person_comes_with_cases_and_appeals(real_site: str) -> None:
    """Tables that only tie two others lead on to the records at their far end."""
    found = ask(f"{real_site}/iran-death-sentences/people/babak-alipour/dossier.json").json
    assert {"rulings", "arrests", "charges", "defendants", "cases", "appeal_people", "appeals"} <= set(found["related"])
    assert {"courts", "officials", "prisons"} <= set(found["mentioned"])
    assert all(row["person"] == "babak-alipour" for row in found["about"]["timeline"])
