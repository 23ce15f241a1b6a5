"""The OpenAPI description: whole, true to what is served, and nothing that Schemathesis sends by it gets a wrong answer."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scripts.catalogue import published_tables, published_views
from scripts.package import Package
from tests.api.conftest import ask

# a cursor is opaque and a query has no end: what fits the schema can still not be answered, and then gets a 400
CONFIG = """[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "404", "410"]
"""


def resolved(described: Any, node: Any) -> Any:
    """A node, or what its reference points to."""
    while "$ref" in node:
        found = described
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def addresses(described: Any) -> list[tuple[str, Any]]:
    """Every path that can be asked for by its examples, with its operation."""
    found = []
    for path, methods in described["paths"].items():
        parameters = [resolved(described, p) for p in methods["get"].get("parameters", [])]
        known = {p["name"]: p["example"] for p in parameters if p["in"] == "path" and "example" in p}
        if path.count("{") == len(known):
            shape = "?_shape=objects" if any(p["name"] == "_shape" for p in parameters) else ""
            found.append((path.format(**{k: quote(v, safe="/") for k, v in known.items()}) + shape, methods["get"]))  # the folders of a file keep their slashes
    return found


@pytest.mark.parametrize("site", ["service", "real_site"])
def test_every_path_answers_with_its_example(site: str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue(site)
    described = ask(f"{address}/openapi.json").json
    paths = addresses(described)
    answers = {path: ask(address + path) for path, _ in paths}
    assert {path: a.status for path, a in answers.items() if a.status != 200} == {}
    assert all(a.headers["content-type"].startswith("text/csv") for path, a in answers.items() if path.endswith(".csv"))


def test_every_table_view_and_query_is_described_column_by_column(real_site: str, real_package: Package) -> None:
    described = ask(f"{real_site}/openapi.json").json
    name = real_package.name
    queries = [query["name"] for query in ask(f"{real_site}/{name}.json").json["queries"]]
    lists = [*published_tables(real_package), *published_views(real_package), *queries]
    assert {path for path in described["paths"] if path.startswith(f"/{name}/") and path.count("/") == 2} == {
        f"/{name}/{n}.{f}" for n in lists for f in ("json", "csv")
    }
    for table in lists:
        header = next(csv.reader(ask(f"{real_site}/{name}/{table}.csv?_size=1").body.decode().splitlines()))
        assert list(described["components"]["schemas"][table]["properties"]) == header, table


def test_its_address_is_the_one_it_was_asked_at(service: str) -> None:
    answer = ask(f"{service}/openapi.json")
    assert (answer.json["openapi"], answer.json["servers"], answer.json["info"]["version"]) == (
        "3.1.0",
        [{"url": service}],
        answer.headers["x-dataset-version"],
    )
    assert answer.json["info"]["license"] == {"name": "Creative Commons Attribution 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}


@pytest.mark.parametrize(("site", "phases", "most"), [("service", "examples,coverage,fuzzing", "3"), ("real_site", "examples,fuzzing", "1")])
def test_schemathesis_finds_nothing(site: str, phases: str, most: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    address = request.getfixturevalue(site)
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        "run",
        f"{address}/openapi.json",
        "--checks",
        "all",
        "--phases",
        phases,
        "--max-examples",
        most,
    ]
    done = subprocess.run([*command, "--seed", "1", "--no-color"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:]


def test_all_rows_of_a_long_list_come_once(real_site: str, real_package: Package) -> None:
    """Packed or not: Datasette reads such a list page by page, and writes it row by row."""
    base = f"{real_site}/{real_package.name}"
    plain, packed = ask(f"{base}/claims.csv?_stream=on"), ask(f"{base}/claims.csv?_stream=on", Accept_Encoding="gzip")
    rows = list(csv.reader(plain.body.decode().splitlines()))[1:]
    assert len(rows) == ask(f"{base}/claims.json?_shape=objects&_size=0").json["filtered_table_rows_count"] > 10_000
    assert len(rows) == len({tuple(row) for row in rows})
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 5
