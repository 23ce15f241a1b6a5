"""The served site as a developer meets it: search, documentation and every canned query over HTTP."""

from __future__ import annotations

import json
import sqlite3
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.catalogue import published_tables, published_views
from scripts.package import Package
from tests.conftest import ROOT
from tests.test_names import ALIPOUR, ALIPOUR_FA

QUERIES = yaml.safe_load((ROOT / "metadata.yml").read_text())["databases"]["iran-death-sentences"]["queries"]
DATABASE = "/iran-death-sentences"


def get(address: str, path: str, **parameters: str) -> Any:
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{address}{path}?{query}") as answer:
        return json.load(answer)


@pytest.mark.parametrize("spelling", [*ALIPOUR_FA, *ALIPOUR, "Alipour", "Alipoor", "Ali-Pour", "Ali Pour", "علی‌پور", "عليپور"])
def test_the_ordinary_search_finds_babak_alipour_however_spelled(real_site: str, spelling: str) -> None:
    found = get(real_site, f"{DATABASE}/people.json", _search=spelling, _shape="array", _col="id")
    assert "babak-alipour" in [row["id"] for row in found]


@pytest.mark.parametrize("other", ["Galipour", "گالی‌پور", "Valipour"])
def test_another_name_is_not_offered(real_site: str, other: str) -> None:
    assert "babak-alipour" not in [row["id"] for row in get(real_site, f"{DATABASE}/people.json", _search=other, _shape="array", _col="id")]


def test_a_name_without_a_persian_spelling_is_found_across_scripts(mini_site: str) -> None:
    assert [r["id"] for r in get(mini_site, "/mini/people.json", _search="رضا رسایی", _shape="array")] == ["reza-rasaei"]


def test_the_same_spelling_ranks_before_the_same_consonants(real_site: str) -> None:
    found = get(real_site, f"{DATABASE}/find-person.json", name="بابک علی‌پور", _shape="array")
    assert found[0]["person"] == "babak-alipour"


@pytest.mark.parametrize("query", ['"', "AND", "key:*", "( ) NEAR", "'; drop table people; --", "\u200c", "ء"])
def test_a_strange_search_is_an_empty_result_not_an_error(real_site: str, query: str) -> None:
    assert isinstance(get(real_site, f"{DATABASE}/people.json", _search=query, _shape="array"), list)


@pytest.mark.parametrize("name", QUERIES)
def test_a_canned_query_answers_at_once(real_site: str, name: str) -> None:
    """Each has a title, a description, a default for every parameter and a whole answer that is not cut off."""
    query = QUERIES[name]
    assert query["title"].strip() and query["title_fa"].strip() and len(query["description"]) > 40
    answer = get(real_site, f"{DATABASE}/{name}.json", _shape="objects")
    assert answer["rows"] and not answer["truncated"], name


def plan(database: Path, name: str) -> list[str]:
    """How SQLite goes about a canned query without parameters, step by step."""
    with closing(sqlite3.connect(database)) as conn:
        rows = conn.execute(f"explain query plan {QUERIES[name]['sql']}", dict.fromkeys(QUERIES[name].get("params", []), ""))
        return [row[3] for row in rows]


def test_disagreements_come_in_the_order_of_their_key(real_database: Path) -> None:
    """None is read that is not shown, and nothing is sorted, however many there are."""
    (step,) = plan(real_database, "disputed-records")
    assert step.startswith("SEARCH disagreements USING INDEX sqlite_autoindex_disagreements_1 (table>? AND table<?)")


def test_disputed_records_are_the_rows_of_the_view(real_site: str, real_database: Path) -> None:
    with closing(sqlite3.connect(real_database)) as conn:
        rows = conn.execute('select * from disputed_records order by "table", record, field').fetchall()
        columns = [c[0] for c in conn.execute("select * from disputed_records limit 0").description]
    expected = [dict(zip(columns, row, strict=True)) for row in rows]
    assert get(real_site, f"{DATABASE}/disputed-records.json", _shape="array") == expected
    assert get(real_site, f"{DATABASE}/disputed-records.json", table="rulings", _shape="array") == [r for r in expected if r["table"] == "rulings"] != []
    assert get(real_site, f"{DATABASE}/disputed-records.json", table="ruling", _shape="array") == []


def test_only_reports_on_people_on_death_row_are_read_for_those_not_reported_lately(real_database: Path) -> None:
    steps = plan(real_database, "not-reported-lately")
    newest_first = "SCAN people USING COVERING INDEX idx_people_status_date"  # until the first row that has a day
    assert {s for s in steps if s.startswith("SCAN")} == {"SCAN today", "SCAN waiting", newest_first}
    assert {"SEARCH p USING INDEX idx_people_status (status=?)", "SEARCH r USING COVERING INDEX sqlite_autoindex_people_as_reported_1 (id=?)"} <= set(steps)


def test_queries_take_parameters(real_site: str) -> None:
    early = get(real_site, f"{DATABASE}/death-row-on-date.json", date="2010-01-01", _shape="array")
    late = get(real_site, f"{DATABASE}/death-row-on-date.json", date="2024-12-31", _shape="array")
    assert {r["person"] for r in early} != {r["person"] for r in late}
    assert "babak-alipour" in {r["person"] for r in late} and "babak-alipour" not in {r["person"] for r in early}
    assert {r["person"] for r in get(real_site, f"{DATABASE}/co-defendants.json", person="babak-alipour", _shape="array")} >= {
        "pouya-ghobadi",
        "vahid-bani-amerian",
    }
    said = get(real_site, f"{DATABASE}/who-says-what.json", table="people", record="babak-alipour", _shape="array")
    assert {"field": "born", "value": "1991"}.items() <= next(r for r in said if r["field"] == "born").items()


def test_an_execution_ends_a_place_on_death_row(real_site: str) -> None:
    before = get(real_site, f"{DATABASE}/death-row-on-date.json", date="2025-07-01", _shape="array")
    after = get(real_site, f"{DATABASE}/death-row-on-date.json", date="2025-08-01", _shape="array")
    executed = {"behrouz-ehsani", "mehdi-hassani"}  # on 27 July 2025
    assert executed <= {r["person"] for r in before} and not executed & {r["person"] for r in after}


def test_documentation_is_on_the_page_it_is_about(real_site: str, real_package: Package) -> None:
    with urllib.request.urlopen(f"{real_site}/-/metadata.json") as answer:
        tables = json.load(answer)["databases"]["iran-death-sentences"]["tables"]
    for table in published_tables(real_package).values():
        assert table.get("row") in tables[table.name]["description_html"].replace("&#x27;", "'").replace("&quot;", '"')
        assert set(tables[table.name]["columns"]) == set(table.columns)
        assert tables[table.name]["license"] == "CC BY 4.0"
    assert set(published_views(real_package)) <= set(tables)
