"""Made-up rows of any package's shape, for tests and benchmarks; nothing in them is about anybody."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from scripts.files import canonical
from scripts.package import Field, Package, Table, load_package

SYLLABLES = ["ba", "mo", "reza", "ali", "pour", "zade", "far", "shi", "nik", "rad", "mehr", "kia"]
SOURCES_SHARE = 0.02  # of the rows asked for: how many sources they come from
ROWS_PER_RECORD = 3


def synthesize(package: Package, rows: int, output: Path, seed: int = 1, subjects: int | None = None) -> Path:
    """Write a package like `package` into the folder `output`, with about `rows` observation rows; its datapackage.yaml.

    `subjects` is the number of records of the table that the package is about, where that is to be another than of the other tables.

    Ids, dates, vocabularies and references are valid, so that it passes validation; the same seed gives the same bytes.
    """
    output.mkdir(parents=True)
    for name in ("schema", "views"):
        if (package.root / name).is_dir():
            shutil.copytree(package.root / name, output / name)
    _write_descriptor(package, output)
    made = load_package(output / "datapackage.yaml")
    dice = random.Random(seed)
    ids = _ids(made, rows, subjects)
    for table in made.tables.values():
        _write(table, _rows(table, ids, ids[made.sources.name], dice))
    return output / "datapackage.yaml"


def _write_descriptor(package: Package, output: Path) -> None:
    (output / "datapackage.yaml").write_text(yaml.safe_dump(package.descriptor, allow_unicode=True, sort_keys=False), encoding="utf-8")
    for schema in (output / "schema").glob("*.yaml"):  # what real records must reach does not bind made-up ones
        schema.write_text("\n".join(_without_expectations(schema.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")


def _without_expectations(lines: list[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        inside = line.startswith("expect:") or (inside and line.startswith(" "))
        if not inside:
            kept.append(line)
    return kept


def _ids(package: Package, rows: int, subjects: int | None) -> dict[str, list[str]]:
    """How many records each table gets, and their ids: publishers few, sources some, records a third of their rows."""
    observed = [t for t in package.observed if not any("record_of" in f.descriptor for f in t.fields)]
    counts = {t.name: max(1, rows // len(observed) // ROWS_PER_RECORD) for t in observed}
    counts[package.sources.name] = max(ROWS_PER_RECORD, int(rows * SOURCES_SHARE))
    counts[package.publishers.name] = 50
    if subjects and package.subject:
        counts[package.subject.name] = subjects
    return {name: [f"{name.replace('_', '-')}-{i:07d}" for i in range(n)] for name, n in counts.items()}


def _rows(table: Table, ids: dict[str, list[str]], sources: list[str], dice: random.Random) -> list[list[str]]:
    if table.name not in ids:
        return []  # what refers to a record of any table (decisions, identifiers) is left out
    makers = [_maker(table, field, ids, dice) for field in table.fields]
    key = table.columns.index("source") if table.is_observed else None
    made = []
    for record in ids[table.name]:
        told_by = dice.sample(sources, ROWS_PER_RECORD) if key is not None else [""]
        for source in told_by:
            row = [record if f.name == "id" else make() for f, make in zip(table.fields, makers, strict=True)]
            if key is not None:
                row[key] = source
            made.append(row)
    return made


def _maker(table: Table, field: Field, ids: dict[str, list[str]], dice: random.Random) -> Callable[[], str]:
    """A function that makes one valid cell of a field; fields that are not required are empty half of the time."""
    target = next((k.target for k in table.foreign_keys if k.field == field.name), None)
    make = _value_maker(table, field, ids.get(target or "", []), dice)
    ordered = {later for _, later in table.get("order", [])} | {s["field"] for s in table.get("sequence", [])}
    if field.name in ordered:
        return lambda: ""  # a random end could lie before its beginning
    return make if field.required else lambda: make() if dice.random() < 0.5 else ""


def _value_maker(table: Table, field: Field, targets: list[str], dice: random.Random) -> Callable[[], str]:
    if targets:
        return lambda: dice.choice(targets)
    if enum := field.constraints.get("enum"):
        return lambda: dice.choice(enum)
    if field.edtf:
        return lambda: f"{dice.randint(2009, 2025)}-{dice.randint(1, 12):02d}" + (f"-{dice.randint(1, 28):02d}" if dice.random() < 0.7 else "")
    if field.type in ("integer", "number"):
        low, high = int(field.constraints.get("minimum", 0)), int(field.constraints.get("maximum", 2000))
        return lambda: str(dice.randint(low, high))
    if field.type == "boolean":
        return lambda: dice.choice(["true", "false"])
    if field.descriptor.get("url"):
        return lambda: f"https://example.org/{dice.getrandbits(40):x}"
    if example := field.descriptor.get("example"):
        return lambda: str(example)
    if field.descriptor.get("script") == "persian":
        return lambda: f"نام {dice.choice('ابپتجچ')}{dice.choice('دذرزژس')}"
    return lambda: "".join(dice.choices(SYLLABLES, k=2)).capitalize() + " " + "".join(dice.choices(SYLLABLES, k=2)).capitalize()


def _write(table: Table, rows: list[list[str]]) -> None:
    assert table.path is not None
    table.path.parent.mkdir(parents=True, exist_ok=True)
    table.path.write_text(canonical(table, rows), encoding="utf-8", newline="")
