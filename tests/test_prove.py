"""The quick proof and Frictionless with our checks agree on every table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scripts.files import canonical
from scripts.frames import read_table
from scripts.package import Package, Table, load_package
from scripts.prove import is_clean
from scripts.validate import row_problems
from tests.conftest import MINI

GOOD = {
    "id": ["a", "b-1", "reza-rasaei"], "source": ["agency-1"], "person": ["a"], "date": ["2024", "2024-05", "2024-05-06~", "2023 | 2024-01"],
    "ended": ["2025", "2024-05-07"], "place": ["Tehran", "Karaj | Qom", "تهران"], "detail": ["at night"], "count": ["1", "12"], "alone": ["true", "false"],
}  # fmt: skip
BAD = [
    "A b",
    " x",
    "19x1",
    "2024-13",
    "0",
    "-1",
    "1.0",
    "x|y",
    "| x",
    "=1",
    "yes",
    "a@b.example",
    "\u202ex",
    "1403-01-01",
    "x" * 4001,
    "<b>x</b>",
    "NaN",
    "۱۲",
    "é",
]
ROW = st.fixed_dictionaries({c: st.sampled_from([*v, ""]) | st.sampled_from(BAD) if c != "source" else st.just("agency-1") for c, v in GOOD.items()})
CLEAN_ROW = st.fixed_dictionaries({c: st.sampled_from(v) for c, v in GOOD.items()})


def one_table(folder: Path, rows: list[dict[str, str]]) -> tuple[Package, Table]:
    """A package of one table, `events` of the tiny one, with these rows."""
    descriptor = yaml.safe_load((MINI / "datapackage.yaml").read_text())
    descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] == "events"]
    schema: dict[str, Any] = yaml.safe_load((MINI / "schema/events.yaml").read_text())
    schema.pop("foreignKeys")
    (folder / "schema").mkdir(exist_ok=True)
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "schema/events.yaml").write_text(yaml.safe_dump(schema))
    (folder / "datapackage.yaml").write_text(yaml.safe_dump(descriptor))
    package = load_package(folder / "datapackage.yaml")
    table = package.tables["events"]
    assert table.path is not None
    table.path.write_text(canonical(table, [[row[c] for c in table.columns] for row in rows]))
    return package, table


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(CLEAN_ROW | ROW, min_size=1, max_size=4))
@example(rows=[{c: v[0] for c, v in GOOD.items()}])
@example(rows=[{c: v[0] for c, v in GOOD.items()}] * 2)
@example(rows=[dict.fromkeys(GOOD, "") | {"source": "agency-1"}])
def test_both_agree(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    package, table = one_table(tmp_path, rows)
    explained = row_problems(package, table)
    assert is_clean(table, read_table(table)) == (not explained), explained


def test_an_unknown_constraint_is_left_to_frictionless(mini: Path) -> None:
    path = mini / "schema/publishers.yaml"
    path.write_text(path.read_text().replace("constraints: {required: true}}", "constraints: {required: true, minLength: 99}}"))
    table = load_package(mini / "datapackage.yaml").tables["publishers"]
    assert not is_clean(table, read_table(table))


def test_frames_are_text(mini_package: Package) -> None:
    assert set(read_table(mini_package.tables["events"]).drop("_line").dtypes) == {pl.String}
