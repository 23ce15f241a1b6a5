"""A release: which files, what is in them, the same bytes everywhere, and the way back to the database."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
import yaml

from scripts.build import build
from scripts.exports import workbook
from scripts.exports.citation import citation, zenodo
from scripts.exports.content import Content
from scripts.exports.rebuild import unpack
from scripts.package import Package, PackageError, load_package
from scripts.problems import Refused
from scripts.progress import Stages
from scripts.snapshot import Snapshot, snapshot
from scripts.version import Version
from tests.conftest import MINI, ROOT

# a table of places, a flat view and a mapping, added to the tiny package
PLACES = """
title: Places
summary: Places.
row: One place.
counting: All.
label: name
followthemoney: {schema: Organization, properties: {name: name}, constants: {country: ir}}
primaryKey: [id, source]
foreignKeys: [{fields: source, reference: {resource: sources, fields: id}}]
fields:
  - {name: id, type: string, description: The id., constraints: {required: true}}
  - {name: source, type: string, description: Who says so., constraints: {required: true}}
  - {name: name, type: string, description: Its name., consolidate: wording}
  - {name: latitude, type: number, description: North.}
  - {name: longitude, type: number, description: East.}
  - {name: since, type: string, edtf: true, description: Since when.}
"""
PLACE_ROWS = 'id,source,name,latitude,longitude,since\nhill,agency-1,"Hill, ""the""; Old",35.5,51,2024-03\nnowhere,agency-1,Nowhere,,,\n'
FLAT = """
title: Flat
summary: Everyone, flat.
row: One person.
file: flat
primaryKey: [id]
columns:
  id: The id.
  name_fa: {script: persian, description: The name.}
  status_date: {edtf: true, description: When.}
  arrests: {type: integer, description: How many arrests.}
sql: select p.id, p.name_fa, p.status_date, (select count(*) from events e where e.person = p.id) as arrests from people p
"""
PERSON = {
    "schema": "Person",
    "properties": {"name": ["name", "name_fa"], "birthDate": "born", "profession": "works", "status": {"column": "status", "as": "label"}},
}


@pytest.fixture
def place_package(mini: Path) -> Path:
    """The folder of a tiny package with a table of places, a flat view and a mapping to entities."""
    return extend(mini)


def extend(mini: Path) -> Path:
    (mini / "schema" / "places.yaml").write_text(PLACES, encoding="utf-8")
    (mini / "sources" / "places.csv").write_text(PLACE_ROWS, encoding="utf-8")
    (mini / "views" / "flat.yaml").write_text(FLAT, encoding="utf-8")
    edit(mini / "datapackage.yaml", lambda d: d["resources"].append({"name": "places", "path": "sources/places.csv", "schema": "schema/places.yaml"}))
    edit(mini / "schema" / "people.yaml", lambda d: d.update(followthemoney=PERSON))
    return mini


def edit(path: Path, change: object) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)  # type: ignore[operator]
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def release(folder: Path, previous: str | None = None) -> Snapshot:
    package_path = folder / "datapackage.yaml"
    return snapshot(load_package(package_path), package_path, folder / "dist" / "snapshots", previous, Stages())


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A release of the extended tiny package, for tests that only read it."""
    folder = tmp_path_factory.mktemp("tiny") / "mini"
    shutil.copytree(MINI, folder)
    return release(extend(folder))


@pytest.fixture(scope="session")
def real(real_package: Package, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A release of the real records."""
    return snapshot(real_package, ROOT / "datapackage.yaml", tmp_path_factory.mktemp("real-snapshot"), None, Stages())


def read(folder: Path, name: str) -> list[list[str]]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_files(tiny: Snapshot) -> None:
    tables = ["build_info", "death_row", "decisions", "disagreements", "events", "events_as_reported", "flat", "names", "people"]
    tables += ["people_as_reported", "places", "places_as_reported", "publishers", "retired_ids", "sources", "timeline"]
    single = [".zenodo.json", "CHANGES.md", "CITATION.cff", "LICENSE.txt", "README.txt", "SHA256SUMS", "data-dictionary.csv"]
    single += ["datapackage.json", "entities.ftm.json", "flat.csv", "mini.db", "mini.xlsx", "places.geojson", "sbom.cdx.json"]
    assert tiny.files == sorted([*single, *(f"csv/{t}.csv" for t in tables if t != "flat"), *(f"parquet/{t}.parquet" for t in tables)])
    assert tiny.folder.name == "mini-unversioned"


def test_csv(tiny: Snapshot) -> None:
    assert (tiny.folder / "flat.csv").read_bytes().decode() == (
        "id,name_fa,status_date,arrests\nbabak-alipour,بابک علی‌پور,2024-03-31,1\nkarim-galipour,,,0\nreza-rasaei,,,1\n"
    )
    assert (tiny.folder / "csv/places.csv").read_bytes().decode() == (
        'id,name,latitude,longitude,since,reports,voices,disputed\nhill,"Hill, ""the""; Old",35.5,51,2024-03,1,1,\nnowhere,Nowhere,,,,1,1,\n'
    )
    for name in ("people", "events", "places"):  # whole, to the letter, booleans and numbers included
        source = (tiny.folder.parents[2] / "sources" / f"{name}.csv").read_bytes()
        assert (tiny.folder / f"csv/{name}_as_reported.csv").read_bytes() == source


def test_checksums_and_zip(tiny: Snapshot) -> None:
    assert subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=tiny.folder, check=False).returncode == 0
    with zipfile.ZipFile(tiny.archive) as archive:
        assert archive.namelist() == [f"mini-unversioned/{path}" for path in tiny.files]
        assert {e.date_time for e in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(archive.read(f"mini-unversioned/{path}") == (tiny.folder / path).read_bytes() for path in tiny.files)


def frictionless(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "frictionless"), "validate", "datapackage.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("which", ["tiny", "real"])
def test_data_package_passes_the_plain_command(which: str, request: pytest.FixtureRequest) -> None:
    done = frictionless(request.getfixturevalue(which).folder)
    assert done.returncode == 0, done.stdout


def test_a_damaged_file_is_noticed(tiny: Snapshot, tmp_path: Path) -> None:
    damaged = shutil.copytree(tiny.folder, tmp_path / "damaged")
    (damaged / "csv/people.csv").write_bytes((damaged / "csv/people.csv").read_bytes().replace(b"1990", b"1991"))
    assert frictionless(damaged).returncode == 1


def test_data_package(tiny: Snapshot) -> None:
    described = json.loads((tiny.folder / "datapackage.json").read_text(encoding="utf-8"))
    resources = described.pop("resources")
    downloads = described.pop("downloads")
    assert described == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "mini",
        "title": "A tiny package for tests",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "Creative Commons Attribution 4.0"}],
        "warnings": {"at-least": {"text": "Every count is at least.", "text_fa": "دست‌کم"}},
        "version": "unversioned",
        "sources": [{"title": "Agency"}, {"title": "Daily"}, {"title": "Party"}, {"title": "Party TV"}],
    }
    flat = resources[0]
    data = (tiny.folder / "flat.csv").read_bytes()
    assert flat["schema"].pop("$schema") == "https://datapackage.org/profiles/2.0/tableschema.json"
    assert flat == {
        "name": "flat", "type": "table", "title": "Flat", "description": "Everyone, flat. One row: One person.", "kind": "view", "file": "flat",
        "sql": yaml.safe_load(FLAT)["sql"], "path": "flat.csv", "format": "csv", "mediatype": "text/csv", "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "skipInitialSpace": False, "header": True},
        "schema": {
            "title": "Flat", "summary": "Everyone, flat.", "row": "One person.", "primaryKey": ["id"],
            "fields": [
                {"name": "id", "type": "string", "description": "The id."},
                {"name": "name_fa", "type": "string", "script": "persian", "description": "The name."},
                {"name": "status_date", "type": "string", "edtf": True, "description": "When."},
                {"name": "arrests", "type": "integer", "description": "How many arrests."},
            ],
        },
    }  # fmt: skip
    listed = {r["path"] for r in resources} | {d["path"] for d in downloads}
    assert set(tiny.files) - listed == {"datapackage.json", "SHA256SUMS"}
    assert {d["path"]: d["mediatype"] for d in downloads if "/" not in d["path"]} == {
        ".zenodo.json": "application/json",
        "CHANGES.md": "text/markdown",
        "CITATION.cff": "application/yaml",
        "LICENSE.txt": "text/plain",
        "README.txt": "text/plain",
        "entities.ftm.json": "application/json+ftm",
        "mini.db": "application/vnd.sqlite3",
        "mini.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "places.geojson": "application/geo+json",
        "sbom.cdx.json": "application/vnd.cyclonedx+json",
    }


def declared_types(folder: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, path and field types of every table."""
    for resource in json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]:
        yield resource["name"], resource["path"], {f["name"]: f["type"] for f in resource["schema"]["fields"]}


@pytest.mark.parametrize("which", ["tiny", "real"])
def test_duckdb_reads_every_table_with_the_declared_types(which: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(which).folder
    names = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
    for name, path, types in declared_types(folder):
        wanted = {c: names[t] for c, t in types.items()}
        table = duckdb.read_csv(str(folder / path), header=True, dtype=wanted, quotechar='"')
        assert dict(zip(table.columns, map(str, table.dtypes), strict=True)) == wanted
        if (parquet := folder / "parquet" / f"{name}.parquet").exists():
            stored = duckdb.read_parquet(str(parquet))
            assert dict(zip(stored.columns, map(str, stored.dtypes), strict=True)) == wanted
            assert stored.fetchall() == table.fetchall()


@pytest.mark.parametrize("which", ["tiny", "real"])
def test_polars_reads_every_table_with_the_declared_types(which: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(which).folder
    kinds = {"string": pl.String(), "integer": pl.Int64(), "number": pl.Float64(), "boolean": pl.Boolean()}
    for name, path, types in declared_types(folder):
        frame = pl.read_csv(folder / path, schema={c: kinds[t] for c, t in types.items()})
        if (parquet := folder / "parquet" / f"{name}.parquet").exists():
            assert frame.equals(pl.read_parquet(parquet)), name


def test_no_cell_is_taken_for_a_missing_value(real: Snapshot) -> None:
    """R takes NA, and pandas these, for no value at all."""
    missing = {"#N/A", "#N/A N/A", "#NA", "-NaN", "-nan", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
    found = [(path, row) for _, path, _ in declared_types(real.folder) for row in read(real.folder, path) if missing & set(row)]
    assert found == []


def test_workbook(tiny: Snapshot) -> None:
    book = openpyxl.load_workbook(tiny.folder / "mini.xlsx")
    assert book.sheetnames[:6] == ["about", "data_dictionary", "راهنما", "flat", "death_row", "publishers"]
    assert set(book.sheetnames) == {"about", "data_dictionary", "راهنما", *(n for n, _, _ in declared_types(tiny.folder))}
    assert [cell.value for cell in book["about"]["A"]][:2] == ["A tiny package for tests", "Version unversioned"]
    flat = book["flat"]
    assert [[c.value for c in row] for row in flat.iter_rows()] == [
        ["id", "name_fa", "status_date", "arrests"],
        ["babak-alipour", "بابک علی‌پور", datetime(2024, 3, 31), 1],
        ["karim-galipour", None, None, 0],
        ["reza-rasaei", None, None, 1],
    ]
    assert flat["C2"].number_format == "yyyy-mm-dd"
    assert book["places"]["E2"].value == "2024-03"  # no whole day, so no date
    assert book["events"]["H2"].value is True
    assert all(book[name].freeze_panes == "A2" for name in book.sheetnames if name != "about")
    assert book["راهنما"].sheet_view.rightToLeft
    assert flat.column_dimensions["B"].alignment.readingOrder == 2
    assert book.properties.created == datetime(1980, 1, 1)


def test_workbook_runs_nothing(place_package: Path) -> None:
    """Text that looks like a formula or an address stays text; a text too long for a cell is cut and marked."""
    content = Content(load_package(place_package / "datapackage.yaml"), place_package, Version("1", "", 315532800))
    book = workbook.Workbook(place_package / "x.xlsx", content)
    table = content.tables["places"]
    texts = ["=1+1", "https://example.org/", "x" * 40_000]
    rows = [{"id": t, "latitude": None} for t in texts]
    book.add_table(table, pl.DataFrame(rows, schema={f.name: pl.Float64 if f.type == "number" else pl.String for f in table.fields}))
    book.close()
    sheet = openpyxl.load_workbook(place_package / "x.xlsx")["places"]
    assert [(c.data_type, c.hyperlink) for c in sheet["A"][1:]] == [("s", None)] * 3
    assert [c.value for c in sheet["A"][1:]] == [*texts[:2], "x" * 32_766 + "…"]


def test_a_table_longer_than_a_sheet_is_named(place_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    sheet = openpyxl.load_workbook(release(place_package).folder / "mini.xlsx")["people"]
    assert sheet["A2"].value == "This table has 3 rows, more than a sheet can hold: read its CSV or Parquet file."
    assert sheet.max_row == 2


def test_geojson(tiny: Snapshot) -> None:
    assert json.loads((tiny.folder / "places.geojson").read_text(encoding="utf-8")) == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "hill",
                "geometry": {"type": "Point", "coordinates": [51.0, 35.5]},
                "properties": {"id": "hill", "name": 'Hill, "the"; Old', "since": "2024-03", "reports": 1, "voices": 1},
            },
            {"type": "Feature", "id": "nowhere", "geometry": None, "properties": {"id": "nowhere", "name": "Nowhere", "reports": 1, "voices": 1}},
        ],
    }


def test_entities(tiny: Snapshot) -> None:
    lines = (tiny.folder / "entities.ftm.json").read_text(encoding="utf-8").splitlines()
    entities = [json.loads(line) for line in lines]
    assert [e["id"] for e in entities] == [
        "mini-people-babak-alipour", "mini-people-karim-galipour", "mini-people-reza-rasaei", "mini-places-hill", "mini-places-nowhere",
    ]  # fmt: skip
    assert entities[0] == {
        "id": "mini-people-babak-alipour",
        "schema": "Person",
        "datasets": ["mini"],
        "properties": {
            "name": ["Babak Alipoor", "بابک علی‌پور"],
            "birthDate": ["1991-05"],
            "profession": ["law graduate", "teacher"],
            "status": ["Executed"],
            "sourceUrl": [
                "https://agency.example.org/1",
                "https://daily.example.org/1",
                "https://party.example.org/1",
                "https://tv.example.org/1",
            ],
        },
    }
    assert entities[4]["properties"] == {"name": ["Nowhere"], "country": ["ir"], "sourceUrl": ["https://agency.example.org/1"]}


# the properties of FollowTheMoney 4.11 that the mappings use, and those that it requires
MODEL = {
    "Person": ({"name", "alias", "gender", "birthDate", "birthPlace", "nationality", "ethnicity", "religion", "education", "profession", "status", "position"}, {"name"}),
    "PublicBody": ({"name", "address", "country"}, {"name"}),
    "Organization": ({"name", "address", "country"}, {"name"}),
    "CourtCase": ({"name", "summary", "country"}, {"name"}),
    "CourtCaseParty": ({"case", "party", "role"}, {"case", "party"}),
    "Sanction": ({"entity", "authority", "program", "listingDate"}, {"entity"}),
}  # fmt: skip


def test_real_entities_fit_the_model(real: Snapshot) -> None:
    lines = (real.folder / "entities.ftm.json").read_text(encoding="utf-8").splitlines()
    entities = [json.loads(line) for line in lines]
    ids = {e["id"] for e in entities}
    assert len(ids) == len(entities) and {e["schema"] for e in entities} == set(MODEL)
    for entity in entities:
        allowed, required = MODEL[entity["schema"]]
        assert required <= set(entity["properties"]) <= allowed | {"sourceUrl"}, entity["id"]
        assert {v for p in ("case", "party", "entity") for v in entity["properties"].get(p, [])} <= ids
        assert set(entity["properties"].get("gender", [])) <= {"male", "female"}


def test_readme_names_every_file(tiny: Snapshot) -> None:
    text = (tiny.folder / "README.txt").read_text(encoding="utf-8")
    top = {f"{p.split('/')[0]}/" if "/" in p else p for p in tiny.files} - {"README.txt", ".zenodo.json"}
    files = text.split("FILES\n\n")[1].split("\n\n")[0]
    assert {line.split()[0] for line in files.splitlines() if not line.startswith(" ")} == top
    assert "Every count is at least." in text and "Version unversioned" in text
    assert "people_as_reported" in text


def test_dictionary_documents_every_column(real: Snapshot) -> None:
    rows = read(real.folder, "data-dictionary.csv")
    assert rows[0] == ["table", "column", "title", "title_fa", "type", "key", "values", "values_fa", "description", "description_fa"]
    documented = {(r[0], r[1]) for r in rows[1:]}
    assert documented == {(n, c) for n, _, types in declared_types(real.folder) if n != "data_dictionary" for c in types}
    assert [r[:2] for r in rows[1:] if not r[8]] == []


def test_citation_and_zenodo_come_from_the_package(real: Snapshot, real_package: Package) -> None:
    version = real.folder.name.removeprefix("iran-death-sentences-")
    assert (ROOT / "CITATION.cff").read_text(encoding="utf-8") == citation(real_package)
    assert (ROOT / ".zenodo.json").read_text(encoding="utf-8") == zenodo(real_package)
    cited = yaml.safe_load((real.folder / "CITATION.cff").read_text(encoding="utf-8"))
    deposit = json.loads((real.folder / ".zenodo.json").read_text(encoding="utf-8"))
    described = json.loads((real.folder / "datapackage.json").read_text(encoding="utf-8"))
    assert cited["title"] == deposit["title"] == described["title"]
    assert cited["version"] == deposit["version"] == described["version"] == version
    assert [a["name"] for a in cited["authors"]] == [c["name"] for c in deposit["creators"]] == [c["title"] for c in described["contributors"]]
    assert cited["license"].lower() == deposit["license"] == "cc-by-4.0"
    assert cited["cff-version"] == "1.2.0"


ANOTHER_DAY = """
import datetime, time
_now = time.time
time.time = lambda: _now() + 1e8
class _Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(days=1000)
datetime.datetime = _Later
"""


def test_same_bytes_on_another_day_in_another_place(place_package: Path, tmp_path: Path) -> None:
    def run(folder: Path, **environment: str) -> dict[str, str]:
        command = [sys.executable, "-m", "scripts", "snapshot", "--package", str(folder / "datapackage.yaml"), "--json"]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True, umask=int(environment["UMASK"], 8)
        )
        told = json.loads(done.stdout)
        files = [Path(told["folder"]) / f for f in told["files"]]
        return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in [*files, Path(told["zip"])]}

    elsewhere = shutil.copytree(place_package, tmp_path / "چاپ دوم" / "other")
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "sitecustomize.py").write_text(ANOTHER_DAY, encoding="utf-8")
    common = {"SOURCE_DATE_EPOCH": "1735689600"}
    first = run(place_package, TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="1", UMASK="022", **common)
    second = run(
        elsewhere, TZ="Asia/Tehran", LC_ALL="fa_IR.UTF-8", PYTHONHASHSEED="2", UMASK="077", POLARS_MAX_THREADS="1", PYTHONPATH=str(tmp_path / "later"), **common
    )
    assert "mini-2025-01-01.zip" in first
    assert second == first


def contents(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table that is not the search's own, except what a database tells of its build."""
    with sqlite3.connect(database) as conn:
        names = [n for (n,) in conn.execute("select name from sqlite_master where type = 'table' and name not like '%\\_search%' escape '\\'")]
        return {n: conn.execute(f'select * from "{n}"').fetchall() for n in names if n not in ("build_info", "sqlite_stat1", "sqlite_stat4")}


@pytest.mark.parametrize("which", ["tiny", "real"])
def test_round_trip(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The database that is built from a release's CSV files equals the release's own, and so do its CSV files."""
    release_: Snapshot = request.getfixturevalue(which)
    package = load_package(unpack(release_.folder, tmp_path / "unpacked"))
    built = build(package, tmp_path / "again.db", Stages()).path
    own = next(release_.folder.glob("*.db"))
    assert contents(built) == contents(own)
    version = Version(release_.folder.name.removeprefix(f"{package.name}-"), "", 0)
    again, first = Content(package, built, version), {n: p for n, p, _ in declared_types(release_.folder)}
    assert set(again.tables) == set(first) - {"data_dictionary"}
    for name in set(again.tables) - {"build_info"}:
        assert again.frame(name).equals(pl.read_parquet(release_.folder / "parquet" / f"{name}.parquet")), name


def test_unpack_refuses_what_is_no_snapshot(tiny: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="has no datapackage"):
        unpack(tmp_path, tmp_path / "x")
    with pytest.raises(PackageError, match="exists already"):
        unpack(tiny.folder, tmp_path)


QUESTIONS = [  # what a reader sees on the site, asked of the database; and of the files
    ("select count(*) from people", "select count(*) from 'csv/people.csv'"),
    ("select count(*) from people where status = 'on-death-row'", "select count(*) from 'death-sentences.csv' where status = 'on-death-row'"),
    ("select count(*) from people where status = 'executed'", "select count(*) from 'csv/people.csv' where status = 'executed'"),
    ("select count(*) from sources", "select count(*) from 'parquet/sources.parquet'"),
    ("select count(*) from disagreements", "select count(*) from 'csv/disagreements.csv'"),
    ("select count(*) from sentences where kind = 'death'", "select sum(death_sentences) from 'death-sentences.csv'"),
    ("select count(*) from executions where date like '2024%'", "select count(*) from 'parquet/executions.parquet' where date like '2024%'"),
    ("select count(distinct person) from charges where offence = 'moharebeh'", "select count(distinct person) from 'csv/charges.csv' where offence = 'moharebeh'"),
    ("select count(*) from people where voices >= 2", "select count(*) from 'csv/people.csv' where voices >= 2"),
    ("select judge from death_sentences where judge is not null group by 1 order by count(*) desc, 1 limit 1",
     "select judge from 'csv/rulings.csv' where outcome = 'death-sentence' and judge is not null group by 1 order by count(*) desc, 1 limit 1"),
]  # fmt: skip


@pytest.mark.parametrize(("of_site", "of_files"), QUESTIONS)
def test_every_number_of_the_site_is_in_the_files(of_site: str, of_files: str, real: Snapshot, real_database: Path) -> None:
    with sqlite3.connect(real_database) as conn:
        expected = conn.execute(of_site).fetchall()
    for path in ("csv/", "parquet/", "death-sentences.csv"):
        of_files = of_files.replace(f"'{path}", f"'{real.folder}/{path}")
    assert duckdb.connect().execute(of_files).fetchall() == expected
    assert expected[0][0]


def drop(folder: Path, table: str, record: str) -> None:
    """Remove every row that begins with an id."""
    path = folder / "sources" / f"{table}.csv"
    path.write_text("".join(line for line in path.read_text(encoding="utf-8").splitlines(True) if not line.startswith(f"{record},")), encoding="utf-8")


def test_a_record_that_vanishes_without_a_word_stops_the_release(place_package: Path) -> None:
    before = release(place_package)
    kept = before.archive.read_bytes()
    earlier = shutil.copy(before.folder / "mini.db", place_package / "earlier.db")
    drop(place_package, "people", "karim-galipour")
    with pytest.raises(Refused) as refused:
        release(place_package, earlier)
    assert [str(p) for p in refused.value.problems] == [
        'sources/retired_ids.csv: id: "people/karim-galipour" was published in version unversioned and is gone; '
        "ids never vanish: say here whether it was merged, renamed or withdrawn"
    ]
    assert before.archive.read_bytes() == kept and sorted(p.name for p in before.archive.parent.iterdir()) == ["mini-unversioned", "mini-unversioned.zip"]

    retired = place_package / "sources" / "retired_ids.csv"
    retired.write_text(retired.read_text(encoding="utf-8") + "people,karim-galipour,reza-rasaei,merged\n", encoding="utf-8")
    after = release(place_package, earlier)
    assert {"CHANGES.md", "changes.atom"} <= set(after.files)
    assert "- `karim-galipour` (Karim Galipour): merged, now reza-rasaei" in (after.folder / "CHANGES.md").read_text(encoding="utf-8")


def test_the_first_release_has_nothing_to_compare_with(tiny: Snapshot) -> None:
    assert (tiny.folder / "CHANGES.md").read_text(encoding="utf-8") == "# Changes\n\nThis is the first release.\n"


def test_command(place_package: Path) -> None:
    command = [sys.executable, "-m", "scripts", "snapshot", "--package", str(place_package / "datapackage.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    folder = place_package / "dist" / "snapshots" / "mini-unversioned"
    assert done.stdout == f"{folder}: 45 files, compared with nothing\n{folder}.zip\n"
    (place_package / "sources" / "people.csv").write_text("id\n", encoding="utf-8")
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1 and "nothing was published or replaced" in refused.stderr
    assert (folder / "SHA256SUMS").exists()
