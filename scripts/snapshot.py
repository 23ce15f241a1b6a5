"""A release: the database and everything made from it, in one folder and one zip file, the same bytes for the same commit.

It is written aside and moved into place when all of it is there; a release that loses a record without a word is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.aside import aside
from scripts.build import build
from scripts.diff import Diff, compare, unannounced
from scripts.diff_formats import as_atom, as_markdown
from scripts.exports import dictionary
from scripts.exports.archive import files_of, write_sums, write_zip
from scripts.exports.bill import BILL, LOCK, bill
from scripts.exports.citation import write_citations
from scripts.exports.content import Content
from scripts.exports.descriptor import write_descriptor
from scripts.exports.followthemoney import is_mapped, write_entities
from scripts.exports.geojson import is_place_table, write_geojson
from scripts.exports.readme import LICENCE, README, about, licence, readme
from scripts.exports.tables import csv_path, parquet_path, write_csv, write_parquet
from scripts.exports.workbook import Workbook
from scripts.package import Package, Table
from scripts.problems import Problem, Refused
from scripts.progress import Stages
from scripts.releases import release_database
from scripts.version import version_of

CHANGES, FEED, ENTITIES = "CHANGES.md", "changes.atom", "entities.ftm.json"


@dataclass(frozen=True)
class Snapshot:
    """What was written: the folder, the zip file, its files, and what the sources gave to warn of."""

    folder: Path
    archive: Path
    files: list[str]
    warnings: list[Problem]


def snapshot(package: Package, package_path: Path, output: Path, previous: str | None, stages: Stages) -> Snapshot:
    """Write the release of `package` into the folder `output`, replacing one of the same version.

    `previous` is the release before, in any form that releases.py knows. Raises Refused where the sources are wrong, or where a
    record of the release before is gone and the retired ids do not say why.
    """
    with aside(output, ".snapshot-") as work:
        content, warnings = _build(package, work, stages)
        folder = content.database.parent
        diff = _changes(content, package_path, previous, work, stages)
        tables = _write_tables(content, folder, stages)
        with stages("Writing the documents"):
            _write_documents(content, folder, tables, diff)
        with stages("Packing"):
            write_zip(folder, work / f"{content.name}.zip")
        return Snapshot(*_publish(folder, work / f"{content.name}.zip", output), files_of(output / content.name), warnings)


def _build(package: Package, work: Path, stages: Stages) -> tuple[Content, list[Problem]]:
    version = version_of(package.root)
    database = work / f"{package.name}-{version.name}" / f"{package.name}.db"
    built = build(package, database, stages)
    return Content(package, database, version), built.warnings


def _changes(content: Content, package_path: Path, previous: str | None, work: Path, stages: Stages) -> Diff | None:
    """The difference to the release before; None where there is none."""
    if previous is None:
        return None
    with stages("Comparing with the release before"):
        diff = compare(content.package, release_database(previous, package_path, work), content.database)
    if lost := unannounced(content.package, diff):
        raise Refused(sorted(lost))
    return diff


def _write_tables(content: Content, folder: Path, stages: Stages) -> dict[str, Table]:
    """Every table in every form, read once each; the table behind each CSV file, by path."""
    for name in ("csv", "parquet"):
        (folder / name).mkdir()
    words = dictionary.dictionary(content.tables)
    book = Workbook(folder / f"{content.package.name}.xlsx", content)
    book.add_about(about(content))
    book.add_table(dictionary.TABLE, words)
    book.add_persian_dictionary(words)
    for table in content.tables.values():
        with stages(f"Writing {table.name}"):
            frame = content.frame(table.name)
            write_csv(folder / csv_path(table), frame)
            write_parquet(folder / parquet_path(table), frame)
            book.add_table(table, frame)
            if is_place_table(table):
                write_geojson(folder / f"{table.name}.geojson", frame)
    with stages("Closing the workbook"):
        book.close()
    write_csv(folder / csv_path(dictionary.TABLE), words)
    return {csv_path(t): t for t in [*content.tables.values(), dictionary.TABLE]}


def _write_documents(content: Content, folder: Path, tables: dict[str, Table], diff: Diff | None) -> None:
    if is_mapped(content):
        write_entities(folder / ENTITIES, content)
    write_citations(content.package, folder, content.version.name)
    (folder / BILL).write_text(bill(content.package.name, content.version, LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    texts = {CHANGES: as_markdown(diff) if diff else "# Changes\n\nThis is the first release.\n", LICENCE: licence(content)}
    if diff:
        texts[FEED] = as_atom(diff)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / README).write_text(readme(content, [*files_of(folder), README, "datapackage.json", "SHA256SUMS"]), encoding="utf-8")
    write_descriptor(content, folder, tables)
    write_sums(folder)


def _publish(folder: Path, archive: Path, output: Path) -> tuple[Path, Path]:
    """Move a finished release to where readers find it, over one of the same version, which goes with what is cleared away."""
    target = output / folder.name
    if target.exists():
        target.rename(folder.parent / "replaced")
    folder.rename(target)
    archive.replace(output / archive.name)
    return target, output / archive.name
