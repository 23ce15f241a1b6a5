"""Rows in, database out: this project against others that do a part of its work, on the same made-up rows."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.measure import ROOT, BenchError, Cost, Job, Size, compare, cost_of
from bench.report import Section
from scripts.package import Package, load_package

PEERS = ROOT / ".venv-bench" / "bin"  # made by `make bench`; a peer that is not installed there nor here is left out
LOADER, SCRIPTS = "datapackage-to-datasette", [sys.executable, "-m", "scripts"]
FLOOR = """
import csv, sqlite3, sys
from contextlib import closing
with closing(sqlite3.connect(sys.argv[1])) as db, db:
    for name, path in zip(sys.argv[2::2], sys.argv[3::2]):
        head, *rows = csv.reader(open(path, encoding="utf-8", newline=""))
        columns = ", ".join(f'"{column}"' for column in head)
        db.execute(f'create table "{name}" ({columns})')
        db.executemany(f'insert into "{name}" values ({", ".join("?" * len(head))})', rows)
"""


@dataclass(frozen=True)
class Contender:
    """One way to do the work: what it does in words, the job, and the database that it leaves, if any."""

    does: str
    job: Job
    database: Path | None = None


def run(work: Path, size: Size) -> list[Section]:
    """Measure everybody on one package of `size.rows` rows; `work` is a folder to work in."""
    package = synthesized(work / "package", size.rows)
    contenders = _contenders(package, work)
    costs = compare({name: c.job for name, c in contenders.items()}, size.repeats)
    rows = source_rows(package)
    for name, contender in contenders.items():
        if contender.database and (loaded := loaded_rows(package, contender.database)) != rows:
            raise BenchError(f"{name} loaded {loaded} rows of {rows}: it has not done the work")
    return [_section(package, size, rows, {n: (c.does, costs[n]) for n, c in contenders.items()})]


def synthesized(folder: Path, rows: int) -> Package:
    """A package of about `rows` made-up rows in `folder`, made by a process of its own, so that this one stays small."""
    cost_of(Job([[*SCRIPTS, "synthesize", "--rows", str(rows), "--output", str(folder)]]))
    return load_package(folder / "datapackage.yaml")


def source_rows(package: Package) -> int:
    """The rows of all source files; each is one line."""
    return sum(t.path.read_bytes().count(b"\n") - 1 for t in package.tables.values() if t.path)


def loaded_rows(package: Package, database: Path) -> int:
    """How many source rows a database holds, whoever made it: ours keeps those of merged tables as reported."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        there = {name for (name,) in conn.execute("select name from sqlite_master where type = 'table'")}
        names = [f"{t}_as_reported" if f"{t}_as_reported" in there else t for t in package.tables]
        return sum(conn.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names if name in there)


def _contenders(package: Package, work: Path) -> dict[str, Contender]:
    """Everybody who is installed, ours first."""
    descriptor = str(package.root / "datapackage.yaml")
    ours, plain, floor, peer = (work / f"{name}.db" for name in ("ours", "sqlite-utils", "floor", "peer"))
    found = {
        "**build**": Contender("validates, merges, loads, indexes, checks", fresh_build(package, ours), ours),
        "**validate**": Contender("validates", Job([[*SCRIPTS, "validate", "--package", descriptor]], _without(package.root / "dist"))),
        "frictionless validate": Contender("validates rows, not our rules", Job([[program("frictionless"), "validate", descriptor]])),
        "sqlite-utils insert": Contender("loads", Job(_sqlite_utils(package, plain), _without(plain)), plain),
        _floor_name(): Contender("loads text, no key", Job(_floor(package, floor), _without(floor)), floor),
    }
    if has_program(LOADER):
        readable, metadata = _readable(package, work / "readable"), work / "metadata.json"
        command = [program(LOADER), str(peer), str(readable), str(metadata)]
        found[LOADER] = Contender("loads, with constraints", Job([command], _without(peer, metadata)), peer)
    return found


def fresh_build(package: Package, output: Path) -> Job:
    """A build from scratch: no database to replace, nothing kept from an earlier run."""
    command = [*SCRIPTS, "build", "--package", str(package.root / "datapackage.yaml"), "--output", str(output)]
    return Job([command], _without(output, package.root / "dist"))


def has_program(name: str) -> bool:
    return _find(name) is not None


def program(name: str) -> str:
    """The path of a peer's command, of the benchmark's own environment or else of this one."""
    if not (path := _find(name)):
        raise BenchError(f"{name} is not installed; `make bench` installs it")
    return path


def _find(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([str(PEERS), str(Path(sys.executable).parent)]))


def _without(*paths: Path) -> Callable[[], None]:
    """What removes a job's output before each run."""

    def remove() -> None:
        for path in paths:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    return remove


def _sqlite_utils(package: Package, database: Path) -> list[list[str]]:
    """One command for each table; without its detection of types, which is slower and turns 0098 into 98."""
    insert = [program("sqlite-utils"), "insert", str(database)]
    keys = {t.name: [a for k in t.primary_key for a in ("--pk", k)] for t in package.tables.values()}
    return [[*insert, t.name, str(t.path), "--csv", "--no-detect-types", "--silent", *keys[t.name]] for t in package.tables.values()]


def _floor_name() -> str:
    return "sqlite3 .import" if shutil.which("sqlite3") else "sqlite3 executemany"


def _floor(package: Package, database: Path) -> list[list[str]]:
    """The least that loading can be: the command-line tool, or where it is missing Python's own module."""
    tables = [(t.name, str(t.path)) for t in package.tables.values()]
    if shell := shutil.which("sqlite3"):
        return [[shell, str(database), ".mode csv", *(f".import '{path}' {name}" for name, path in tables)]]
    return [[sys.executable, "-c", FLOOR, str(database), *(part for pair in tables for part in pair)]]


def _readable(package: Package, folder: Path) -> Path:
    """The package as datapackage-to-datasette can read it: it fails on a pattern where a cell is empty, so optional columns lose theirs."""
    for resource in package.descriptor["resources"]:
        schema = yaml.safe_load((package.root / resource["schema"]).read_text(encoding="utf-8"))
        for constraints in [f["constraints"] for f in schema["fields"] if "constraints" in f]:
            if not constraints.get("required"):
                constraints.pop("pattern", None)
        (folder / resource["schema"]).parent.mkdir(parents=True, exist_ok=True)
        (folder / resource["schema"]).write_text(yaml.safe_dump(schema, allow_unicode=True, sort_keys=False), encoding="utf-8")
        (folder / resource["path"]).parent.mkdir(exist_ok=True)
        (folder / resource["path"]).hardlink_to(package.root / resource["path"])
    shutil.copy(package.root / "datapackage.yaml", folder)
    return folder / "datapackage.yaml"


def _section(package: Package, size: Size, rows: int, measured: dict[str, tuple[str, Cost]]) -> Section:
    ours = measured["**build**"][1]
    lead = f"""{rows:,} rows in {len(package.tables)} tables, made up by `python -m scripts synthesize`. Times as long as our build: a number over 1 is
slower than it. Peers see the same files. {_prepared(measured)}{_both(measured, ours)}"""
    columns = ["command", "does", "seconds", "CPU seconds", "peak MB", "rows/s", "times our build", "runs"]
    cells = [[n, does, c.seconds, c.cpu, c.peak // 10**6, int(rows / c.seconds), c.seconds / ours.seconds, c.runs] for n, (does, c) in measured.items()]
    return Section("A million rows, from files to a database" if size.rows == Size.rows else "From files to a database", lead, _command(size), columns, cells)


def _prepared(measured: dict[str, tuple[str, Cost]]) -> str:
    if LOADER not in measured:
        return ""
    return f"For {LOADER}, patterns of columns that may be empty were taken out of the schemas beforehand, because it stops at the first empty cell of one. "


def _both(measured: dict[str, tuple[str, Cost]], ours: Cost) -> str:
    both = measured["frictionless validate"][1].seconds + measured["sqlite-utils insert"][1].seconds
    return f"frictionless validate and sqlite-utils insert together, which do less, take {both / ours.seconds:.1f} times as long as our build."


def _command(size: Size) -> str:
    return f"""
python -m scripts synthesize --rows {size.rows} --output package
python -m scripts build --package package/datapackage.yaml --output ours.db
python -m scripts validate --package package/datapackage.yaml
frictionless validate package/datapackage.yaml
sqlite-utils insert plain.db TABLE TABLE.csv --csv --no-detect-types --pk …    # for each table
sqlite3 floor.db '.mode csv' '.import TABLE.csv TABLE' …
datapackage-to-datasette peer.db readable/datapackage.yaml metadata.json"""
