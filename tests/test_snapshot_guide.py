"""docs/snapshots.md: its examples run in the folder of a release and read every table, in Python and in R, with the types that datapackage.json declares."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scripts.package import Package
from scripts.progress import Stages
from scripts.snapshot import snapshot
from tests.conftest import ROOT

EXAMPLES = dict(re.findall(r"^```(\w+)\n(.+?)^```", (ROOT / "docs/snapshots.md").read_text(encoding="utf-8"), re.M | re.S))
CLASSES = {"string": "character", "integer": "integer", "number": "numeric", "boolean": "logical"}
POLARS = {"string": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
# the example for one table, for all of them: what it is called, the class of each column, and its rows
EVERY = """library(jsonlite)
read <- list()
for (name in vapply(fromJSON("datapackage.json", simplifyVector = FALSE)$resources, function(r) r$name, "")) {{
{example}
  read[[name]] <- list(classes = lapply(people, function(column) class(column)[1]), rows = people)
}}
cat(toJSON(read, dataframe = "columns", na = "null", digits = NA, auto_unbox = TRUE))
"""


@pytest.fixture(scope="module")
def folder(real_package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release of the real records."""
    return snapshot(real_package, ROOT / "datapackage.yaml", tmp_path_factory.mktemp("release"), None, Stages()).folder


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=os.environ | {"LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def resources(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]


def rows(folder: Path, resource: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns of a table, read with the declared types."""
    types = {f["name"]: POLARS[f["type"]] for f in resource["schema"]["fields"]}
    return pl.read_csv(folder / resource["path"], schema=types).to_dict(as_series=False)


def test_the_guide_has_these_examples() -> None:
    assert {"python", "r"} <= set(EXAMPLES)


def test_the_python_example_runs_and_both_its_ways_read_the_same(folder: Path) -> None:
    code = EXAMPLES["python"].replace("people = duckdb.read_parquet", "by_csv = people.fetchall()\npeople = duckdb.read_parquet")
    told = "\nprint(json.dumps([people.columns, [str(t) for t in people.types], by_csv == people.fetchall(), len(by_csv)]))"
    columns, types, same, count = json.loads(run([sys.executable, "-c", code + told], folder))
    people = next(r for r in resources(folder) if r["name"] == "people")
    assert columns == [f["name"] for f in people["schema"]["fields"]] and same and count == len(rows(folder, people)["id"])
    assert set(zip(columns, types, strict=True)) >= {("born", "VARCHAR"), ("reports", "BIGINT")}


def test_the_r_example_reads_every_table_with_the_declared_types(folder: Path, tmp_path: Path) -> None:
    assert shutil.which("Rscript"), "no R on the PATH: run `make languages`"
    script = tmp_path / "every.R"
    script.write_text(EVERY.format(example=EXAMPLES["r"].replace('"people"', "name")), encoding="utf-8")
    read = json.loads(run(["Rscript", "--encoding=UTF-8", str(script)], folder))
    assert list(read) == [r["name"] for r in resources(folder)] and len(read) > 50
    for resource in resources(folder):
        found = read[resource["name"]]
        assert found["classes"] == {f["name"]: CLASSES[f["type"]] for f in resource["schema"]["fields"]}, resource["name"]
        expected = rows(folder, resource)
        assert {c: [] if v == {} else v if isinstance(v, list) else [v] for c, v in found["rows"].items()} == expected, resource["name"]
