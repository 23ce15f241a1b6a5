"""The main job: sources in, one database out. It is written aside, checked, and moved over the old one in one step."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from scripts import dates
from scripts.aside import aside, replace
from scripts.catalogue import published_tables
from scripts.consolidate import Consolidated, consolidate
from scripts.crosschecks import decision_problems
from scripts.derive import derived_frames, reported_frames
from scripts.expectations import unmet
from scripts.frames import Frames
from scripts.kept import Kept, file_digest
from scripts.load import finish, insert, start
from scripts.package import Package, PackageError, Table, View
from scripts.problems import Problem, Refused
from scripts.progress import Stages
from scripts.validate import validate
from scripts.version import Version, version_of

VERDICT = "verdict"  # the kind of result that tells what a check of the whole package came to
DATABASE = "database"  # the kind of result that tells what a database on disk was made from


@dataclass(frozen=True)
class Sources:
    """Sources whose rows are right, each and together, with the warnings that they gave rise to."""

    frames: Frames
    warnings: list[Problem]
    digests: dict[str, str]  # the SHA-256 of every file that was read, by its path in the package


@dataclass(frozen=True)
class Checked:
    """Sources that passed every check, consolidated, with the warnings that they gave rise to."""

    frames: Frames
    consolidated: Consolidated
    warnings: list[Problem]


@dataclass(frozen=True)
class Verdict:
    """What a check tells of sources that passed: their rows and tables, and the warnings that they gave rise to."""

    rows: int
    tables: int
    warnings: list[Problem]


@dataclass(frozen=True)
class Built:
    """What a build made: the file, records per table now and in the database it replaced (empty if none)."""

    path: Path
    version: str
    counts: dict[str, int]
    previous: dict[str, int]
    warnings: list[Problem]
    seconds: float
    up_to_date: bool = False  # it was there already, and was left as it is


def judge(package: Package, stages: Stages, kept: Kept) -> Verdict:
    """What `check` tells; where nothing at all has changed it is read back. Raises as `check` does."""
    if found := kept.facts(VERDICT, [*_made_of(package), _digests(package)]):
        verdict = Verdict(found["rows"], found["tables"], [Problem(**p) for p in found["warnings"]])
    else:
        checked = check(package, stages, kept)
        verdict = Verdict(_row_count(checked.frames), len(checked.frames), checked.warnings)
    kept.write()
    return verdict


def check(package: Package, stages: Stages, kept: Kept | None = None) -> Checked:
    """Everything short of writing: validate, consolidate, and hold the result against what is expected.

    What `kept` knows from the run before is not done again; the result is the same. The caller writes what it learns.
    Raises Refused with every problem where anything is wrong, PackageError where a file changed while it was read.
    """
    kept = kept or Kept()
    return _merge(package, _read(package, stages, kept), stages, kept)


def build(package: Package, output: Path, stages: Stages, kept: Kept | None = None) -> Built:
    """Check the package and write its database to `output`, replacing an older one only when all went well.

    The same bytes stand there with and without `kept`, which saves work; a database that is what would be written is left as it is.
    Raises Refused where the sources are wrong, LoadError where the database would be; either leaves `output` as it was.
    """
    began = time.perf_counter()
    kept = kept or Kept()
    version = version_of(package.root)
    made_of = [*_made_of(package), version]
    if found := kept.facts(DATABASE, [*made_of, _digests(package), file_digest(output)]):
        with aside(output.parent, f".build-{output.name}-"):
            kept.write()  # nothing new: what killed runs have left behind goes
        return Built(output, version.name, found["rows"], found["rows"], [Problem(**p) for p in found["warnings"]], time.perf_counter() - began, True)
    sources = _read(package, stages, kept)
    with aside(output.parent, f".build-{output.name}-") as folder:
        new = folder / output.name
        counts, warnings = _write(new, package, sources, version, stages, kept)
        facts = {"rows": counts, "warnings": [p.as_dict() for p in warnings]}
        kept.note(DATABASE, [*made_of, sources.digests, file_digest(new)], facts, whole=True)
        previous = record_counts(output)
        replace(new, output)
    kept.write()
    return Built(output, version.name, counts, previous, warnings, time.perf_counter() - began)


def _write(path: Path, package: Package, sources: Sources, version: Version, stages: Stages, kept: Kept) -> tuple[dict[str, int], list[Problem]]:
    """Write the database of validated sources to a new file; returns its rows per table, and the warnings."""
    tables = published_tables(package)
    reported = reported_frames(package, sources.frames)
    with ThreadPoolExecutor(1) as beside:
        # what each source says is written while Polars merges it: both leave the interpreter free
        written = beside.submit(_write_reported, path, tables, reported)
        checked = _merge(package, sources, stages, kept)
        with stages("Deriving names and timelines"):
            frames = derived_frames(package, sources.frames, checked.consolidated)
    written.result()
    counts = {name: (frames | reported)[name].height for name in tables if name in frames or name in reported}
    frames["build_info"] = _build_info(package, counts, version, data_date(package, sources.frames), sources.digests)
    with stages("Writing the database"):
        finish(path, package, tables, frames)
    return counts, checked.warnings


def _write_reported(path: Path, tables: dict[str, Table], reported: Frames) -> None:
    start(path, tables)
    insert(path, [tables[name] for name in reported], reported)


def record_counts(path: Path) -> dict[str, int]:
    """Rows per table as the database at `path` tells them of itself; empty where there is none."""
    if not path.exists():
        return {}
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as conn:
            rows = conn.execute("select key, value from build_info where key like 'rows.%'").fetchall()
    except sqlite3.DatabaseError:
        return {}  # not a database of ours: there is nothing to compare with, and it is about to be replaced
    return {key.removeprefix("rows."): int(value) for key, value in rows}


def data_date(package: Package, frames: Frames) -> str:
    """The newest day on which a source was published or read, as the dates of the sources' table tell; empty where it has none."""
    columns = [f.name for f in package.sources.fields if f.edtf]
    stated = {d for c in columns for d in frames[package.sources.name][c].drop_nulls().to_list()}
    return max((dates.parse(d).earliest.isoformat() for d in stated), default="")


def _row_count(frames: Frames) -> int:
    return sum(frame.height for frame in frames.values())


def _made_of(package: Package) -> list[object]:
    """All that a package declares, as far as results follow from it."""
    parts: list[tuple[str, Table | View]] = [*package.tables.items(), *package.views.items()]
    return [package.descriptor, [[name, part.descriptor] for name, part in parts]]


def _read(package: Package, stages: Stages, kept: Kept) -> Sources:
    """The validated sources; the digests of their files are the same before and after: what is published is what was checked."""
    before = kept.digests = _digests(package)
    try:
        with stages("Validating sources"):
            frames, warnings = validate(package, kept)
    except pl.exceptions.PolarsError as error:
        raise PackageError(f"{package.root}: a source could not be read any more, it must have changed meanwhile; run again ({error})") from error
    if changed := sorted({path for path, _ in before.items() ^ _digests(package).items()}):
        raise PackageError(f"{', '.join(changed)}: changed while it was read; nothing was published or replaced, run again")
    return Sources(frames, warnings, before)


def _merge(package: Package, sources: Sources, stages: Stages, kept: Kept) -> Checked:
    with stages("Consolidating records"):
        consolidated = consolidate(package, sources.frames, kept)
    problems = decision_problems(package, sources.frames, consolidated.disagreements) + unmet(package, consolidated)
    if problems:
        raise Refused(sorted(problems))
    told = {"rows": _row_count(sources.frames), "tables": len(sources.frames), "warnings": [p.as_dict() for p in sources.warnings]}
    kept.note(VERDICT, [*_made_of(package), sources.digests], told, whole=True)
    return Checked(sources.frames, consolidated, sources.warnings)


def _digests(package: Package) -> dict[str, str]:
    files = [t.path for t in package.tables.values() if t.path and t.path.is_file()]
    return {str(path.relative_to(package.root)): file_digest(path) for path in files}


def _build_info(package: Package, counts: dict[str, int], version: Version, data: str, digests: dict[str, str]) -> pl.DataFrame:
    facts = {"name": package.name, "version": version.name, "data_date": data, "committed": _moment(version.seconds)}
    facts |= {"commit": version.commit} if version.commit else {}
    facts |= {f"rows.{name}": str(count) for name, count in counts.items()}
    facts |= {f"sha256.{path}": digest for path, digest in digests.items()}
    return pl.DataFrame(sorted(facts.items()), schema={"key": pl.String, "value": pl.String}, orient="row")


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
