"""README.txt and the licence: what is in a snapshot, for someone who has nothing but its files."""

from __future__ import annotations

import textwrap
from fnmatch import fnmatch

from scripts.catalogue import AS_REPORTED
from scripts.contact import contact_of
from scripts.exports.content import Content
from scripts.exports.dictionary import TABLE as DICTIONARY
from scripts.exports.tables import csv_path

README, LICENCE = "README.txt", "LICENSE.txt"
WIDTH, INDENT = 100, 28
# what the files are for, in the order in which the README names them; patterns for the names at the top of a snapshot
FILES = {
    "*.csv": "{summary}",
    "*.xlsx": "every table as a sheet, for Excel, LibreOffice and Numbers; start here if you do not program",
    "csv/": "one CSV file per table: UTF-8, comma, one header line; an empty cell says that no source says anything",
    "parquet/": "the same tables as Parquet, for DuckDB, pandas, Polars, R and Spark",
    "*.db": "the same tables as one SQLite database, with indexes and full-text search",
    "*.geojson": "the places, for maps; one without coordinates has no geometry",
    "*.ftm.json": "FollowTheMoney entities, one JSON object a line, as far as that model fits",
    "datapackage.json": "a Data Package: types, keys, titles, licence, sources, sizes and checksums, for programs",
    "CHANGES.md": "what changed since the release before, record by record",
    "CITATION.cff": "how to cite this dataset",
    "LICENSE.txt": "what you may do with it",
    "sbom.cdx.json": "the software that made it, every library with its version and checksums (CycloneDX)",
    "SHA256SUMS": "checksums of all files; `sha256sum -c SHA256SUMS` checks them",
}


def about(content: Content) -> list[str]:
    """What a reader should know first, a line each: title, version, licence, caveats."""
    package = content.package
    lines = [content.title, f"Version {content.version.name}", package.descriptor.get("description", "")]
    lines += [f"Licence: {licence.get('title', licence['name'])} ({licence['path']})" for licence in package.descriptor["licenses"]]
    lines += [warning["text"] for warning in package.warnings.values()]
    lines += [f"Corrections and withdrawals: {contact}"] if (contact := contact_of(package.descriptor)) else []
    return [line for line in lines if line]


def readme(content: Content, paths: list[str]) -> str:
    """The text of README.txt for a snapshot of the files `paths`."""
    title, version, *rest = about(content)
    head = f"{title}\n{'=' * len(title)}"
    paragraphs = [head, version, *rest, "FILES", "\n".join(_files(content, paths)), "HOW TO READ THE TABLES", *_advice(content)]
    return "\n\n".join(p if "\n" in p else textwrap.fill(p, WIDTH) for p in paragraphs) + "\n"


def licence(content: Content) -> str:
    """The text of the data's licence file: its name, where its text is, and what it asks, in short."""
    first = content.package.descriptor["licenses"][0]
    return (
        f"{content.title} is published under {first.get('title', first['name'])} ({first['name']}).\n"
        f"The whole text: {first['path']}\n\n"
        "You may copy, share and adapt it for any purpose. Name the dataset and its version, link to the licence, and say what you changed.\n"
        "The licence covers the compilation; the pages it cites belong to those who published them.\n"
    )


def _files(content: Content, paths: list[str]) -> list[str]:
    names = sorted({f"{folder}/" if rest else folder for folder, _, rest in (p.partition("/") for p in paths)})
    summaries = {csv_path(t): t.get("summary", "") for t in [*content.tables.values(), DICTIONARY]}
    lines = [f"{name:{INDENT}}{what.format(summary=summaries.get(name))}" for pattern, what in FILES.items() for name in names if fnmatch(name, pattern)]
    return [textwrap.fill(line, WIDTH, subsequent_indent=" " * INDENT) for line in lines]


def _advice(content: Content) -> list[str]:
    example = (content.package.subject or content.package.observed[0]).name
    return [
        f'A row of a table such as "{example}" is one record; the table "{example}{AS_REPORTED}" has the rows it was made from, one for each source '
        'that tells of it. Where sources contradict each other, the column "disputed" names the fields, and the table "disagreements" has every value.',
        "Dates are as precise as the sources give them (EDTF, ISO 8601-2): 2024-10-06, 2024-10, 2024, 2023-23 for autumn 2023, 2024-01~ for about; "
        "read such columns as text. In the XLSX file whole days are real dates, and all others are text.",
        "A column that refers to another table holds its ids. A cell with several values parts them by a semicolon and a space.",
        "Excel: open the XLSX file rather than a CSV file, so that letters and dates stay as they are.",
    ]
