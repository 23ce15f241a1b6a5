"""Quality in numbers: how much there is, who says it, what is filled, disputed, old or not yet mapped, as one Markdown page.

Everything is read off the schemas, so that any package has the same page. Nothing here depends on the day it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from scripts import dates
from scripts.consolidate import Consolidated, source_voices
from scripts.frames import Frames
from scripts.package import CONTRADICTION, Field, Package, Table

QUALITY = "docs/quality.md"
SHOWN = 20  # the longest lists end here
REPORTED = "_reported"  # ends the name of the column that keeps the words from which a value was mapped
INTRODUCTION = """# Quality in numbers

Written by `make docs` from the sources; a test refuses it when it has drifted. [The method](methodology.md) says what the words mean.
A *record* is one person, ruling or other thing; a *row* is what one source says about it; a *voice* is a publisher, or several that are
not independent of each other. These numbers tell how complete the dataset is, not how things are in the world: every count is "at least".
"""
Cell = str | int


def report(package: Package, frames: Frames, consolidated: Consolidated) -> str:
    """The whole page, as Markdown, from the source tables and what consolidation made of them."""
    voices = source_voices(package, frames)
    parts = [
        INTRODUCTION,
        *_section("Tables", _tables(package, frames, consolidated)),
        *_section("Who speaks", _speakers(package, frames, voices)),
        *_section("Voices behind each record", _support(package, frames, consolidated, voices)),
        *_section("How recent the news is", _news(package, frames, consolidated)),
        *_section("Disagreements", _disagreements(package, consolidated)),
        *_section("Not mapped", _unmapped(package, frames, consolidated)),
        *_section("Filled columns", _filled(package, frames, consolidated)),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    body = list(lines)
    if body:
        yield from (f"## {title}\n", *body)


def _tables(package: Package, frames: Frames, consolidated: Consolidated) -> Iterator[str]:
    """Records, rows and sources of each table of observations; rows of the others."""
    rows: list[list[Cell]] = []
    for table in package.observed:
        frame, records = frames[table.name], consolidated.tables[table.name]
        two, disputed = int((records["voices"] >= 2).sum()), records["disputed"].count()
        rows.append([table.name, records.height, frame.height, frame["source"].n_unique(), _share(two, records.height), disputed])
    yield from _markdown(["Table", "Records", "Rows", "Sources", "Two voices or more", "Records in dispute"], rows)
    others = [f"{t.name}: {frames[t.name].height}" for t in package.tables.values() if not t.is_observed]
    told = pl.concat([frames[t.name]["source"] for t in package.observed])
    unused = frames[package.sources.name]["id"].is_in(told.unique().implode()).not_().sum()
    yield f"{told.len()} rows of observations in all. Rows of the other tables: {', '.join(others)}. Sources that no row names: {unused}.\n"


def _speakers(package: Package, frames: Frames, voices: pl.DataFrame) -> Iterator[str]:
    """Publishers by each of their vocabularies, the voices with most rows, and sources by language, kind and the like."""
    told = pl.concat([frames[t.name].select("source") for t in package.observed])
    sources = frames[package.sources.name].select(pl.col("id").alias("source"), "publisher")
    for field in [f for f in package.publishers.fields if f.categories]:
        kinds = frames[package.publishers.name].select(pl.col("id").alias("publisher"), "voice", pl.col(field.name).alias("_kind"))
        spoken = sources.join(kinds, on="publisher")
        rows: list[list[Cell]] = []
        for category in field.categories:
            mine, own = kinds.filter(pl.col("_kind") == category["value"]), spoken.filter(pl.col("_kind") == category["value"])
            rows.append([category["label"], mine.height, mine["voice"].n_unique(), own.height, told.join(own, on="source").height])
        yield from _markdown([f"{package.publishers.name}.{field.name}", "Publishers", "Voices", "Sources", "Rows of observations"], rows)
    loudest = told.join(voices, on="source").group_by("voice").agg(pl.col("source").n_unique().alias("sources"), pl.len().alias("rows"))
    loudest = loudest.sort(["rows", "voice"], descending=[True, False])
    shares: list[list[Cell]] = [[voice, n, count, _share(count, told.height)] for voice, n, count in loudest.head(SHOWN).rows()]
    yield f"The {len(shares)} voices with most rows, of {loudest.height}. A page that relays another's report counts as that voice.\n"
    yield from _markdown(["Voice", "Sources", "Rows of observations", "Share"], shares)
    yield from _facets(package.sources, frames)


def _facets(table: Table, frames: Frames) -> Iterator[str]:
    """How a table is spread over its facets, except those that refer to another table."""
    for name in [f for f in table.get("facets", []) if f not in {k.field for k in table.foreign_keys}]:
        counts = frames[table.name][name].fill_null("not given").value_counts(name="n").sort(["n", name], descending=[True, False])
        yield f"{table.name}.{name}: {_listed(counts)}.\n"


def _support(package: Package, frames: Frames, consolidated: Consolidated, voices: pl.DataFrame) -> Iterator[str]:
    """How many records of the subject table rest on one voice, two, and so on; and whose the single ones are."""
    table = package.subject
    if table is None or not frames[table.name].height:
        return
    records = consolidated.tables[table.name]
    two = int((records["voices"] >= 2).sum())
    expected = table.get("expect", {}).get("two_voices")
    least = f"; the build stops below {expected:.0%}" if expected is not None else ""
    yield f"{two} of {records.height} {table.name} ({_share(two, records.height)}) have two independent voices or more{least}.\n"
    counts = records.group_by(pl.min_horizontal("voices", pl.lit(10)).alias("n")).len().sort("n")
    rows: list[list[Cell]] = [["10 or more" if n == 10 else str(n), count, _share(count, records.height)] for n, count in counts.rows()]
    yield from _markdown(["Voices", table.name, "Share"], rows)
    alone = frames[table.name].join(records.filter(pl.col("voices") == 1).select("id"), on="id").join(voices, on="source").unique(["id", "voice"])
    whose = alone["voice"].value_counts(name="n").sort(["n", "voice"], descending=[True, False])
    if whose.height:
        yield f"Single voices behind {alone.height} {table.name}: {_listed(whose)}.\n"


def _news(package: Package, frames: Frames, consolidated: Consolidated) -> Iterator[str]:
    """When each record of the subject table was last told of, by half-year; and the oldest of those that schemas say to watch."""
    table = package.subject
    field = next((f for f in table.fields if f.rule["rule"] == "latest"), None) if table else None
    if table is None or field is None:
        return
    people = _last_told(package, table, field, frames, consolidated)
    watched = [c for c in field.categories if c["value"] in field.rule.get("watch", [])]
    labels = {c["value"]: c["label"] for c in watched}
    mine = people.filter(pl.col(field.name).is_in(list(labels)))
    halves = people.with_columns(pl.col("told").map_elements(_half_year, return_dtype=pl.String).fill_null("no dated source").alias("half"))
    rows: list[list[Cell]] = []
    for (half,), group in halves.sort("half", descending=True).group_by("half", maintain_order=True):
        rows.append([str(half), group.height, *(int((group[field.name] == value).sum()) for value in labels)])
    yield f"When {table.name} were last told of: the newest date of their sources or of their {field.name}, a partial date read as its first day.\n"
    yield from _markdown(["Last told of", table.name, *labels.values()], rows)
    if mine.height:
        yield f"Told of longest ago among the {mine.height} that may have changed since; no later news is not news:\n"
        oldest = mine.sort(["told", "id"], nulls_last=False).head(SHOWN)
        columns = ["id", table.get("label"), field.name, field.rule["date"], "told"]
        yield from _markdown(columns, [[("" if v is None else labels.get(v, v)) for v in row] for row in oldest.select(columns).rows()])


def _last_told(package: Package, table: Table, field: Field, frames: Frames, consolidated: Consolidated) -> pl.DataFrame:
    """The records of a table with `told`: the newest of the dates of their sources and of their `latest` value, null where none is dated."""
    pages = frames[package.sources.name].select(pl.col("id").alias("source"), _first_day("published"))
    newest = frames[table.name].join(pages, on="source").group_by("id").agg(pl.col("published").max())
    told = pl.max_horizontal("published", _first_day(field.rule["date"])).alias("told")
    return consolidated.tables[table.name].join(newest, on="id").with_columns(told)


def _disagreements(package: Package, consolidated: Consolidated) -> Iterator[str]:
    """For each field in dispute: the records, their share of those that have the field, and the other values."""
    found = consolidated.disagreements.group_by("table", "field").agg(pl.col("record").n_unique().alias("records"), pl.len().alias("values"))
    decided = _decided(package, consolidated)
    rows: list[list[Cell]] = []
    for table, field, records, values in found.sort(["records", "table", "field"], descending=[True, False, False]).rows():
        filled = consolidated.tables[table][field].count()
        rows.append([f"{table}.{field}", records, _share(records, filled), values, decided.get((table, field), 0)])
    yield from _markdown(["Field", "Records in dispute", "Of the records that have it", "Other values", "Decided by an editor"], rows)
    yield f"{consolidated.disagreements.height} values contradict the one shown, in {sum(int(r[1]) for r in rows)} fields of records.\n"


def _decided(package: Package, consolidated: Consolidated) -> dict[tuple[str, str], int]:
    table = package.with_role("decisions")
    if table is None:
        return {}
    counts = consolidated.tables[table.name].group_by("table", "field").len()
    return {(t, f): n for t, f, n in counts.rows()}


def _unmapped(package: Package, frames: Frames, consolidated: Consolidated) -> Iterator[str]:
    """Fields with a closed vocabulary or a reference that are empty, and the words that are still waiting for a value."""
    rows: list[list[Cell]] = []
    words: list[str] = []
    for table in package.observed:
        records = consolidated.tables[table.name]
        for field in _closed(table):
            empty = records.filter(pl.col(field.name).is_null())
            waiting = _waiting(table, field, frames[table.name].join(empty.select("id"), on="id"))
            words += _words(table, field, waiting)
            if empty.height:
                told: Cell = waiting["id"].n_unique() if f"{field.name}{REPORTED}" in table.columns else ""
                rows.append([f"{table.name}.{field.name}", empty.height, _share(empty.height, records.height), told])
    yield "Fields with a closed vocabulary, or that refer to another table, which no source fills or whose words do not map to one value.\n"
    yield from _markdown(["Field", "Records without it", "Share", "Of these, words are given"], rows)
    yield from words


def _closed(table: Table) -> list[Field]:
    """The published fields of a table whose values come from a fixed list: its vocabularies and references."""
    references = {k.field for k in table.foreign_keys}
    return [f for f in table.fields[2:] if f.is_published and (f.categories or f.name in references)]


def _waiting(table: Table, field: Field, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (id, words) that keep the words for `field`; none where the table has no column for them."""
    column = f"{field.name}{REPORTED}"
    if column not in table.columns:
        return pl.DataFrame(schema={"id": pl.String, "words": pl.String})
    return rows.select("id", pl.col(column).alias("words")).drop_nulls()


def _words(table: Table, field: Field, waiting: pl.DataFrame) -> Iterator[str]:
    counts = waiting.unique()["words"].value_counts(name="n").sort(["n", "words"], descending=[True, False])
    if counts.height:
        yield f"The most frequent of {counts.height} wordings without {table.name}.{field.name}:\n"
        yield from _markdown(["Words", "Records"], [list(row) for row in counts.head(SHOWN).rows()])


def _filled(package: Package, frames: Frames, consolidated: Consolidated) -> Iterator[str]:
    """How many records, and rows as reported, have each column; with the minimum that the schema expects."""
    for table in package.tables.values():
        frame, records = frames[table.name], consolidated.tables[table.name]
        if frame.height:
            own = f"{records.height} records, " if table.is_observed else ""
            yield f"### {table.name}\n\n{own}{frame.height} rows.\n"
            head = ["Column", "Records", "Rows", "Expected"] if table.is_observed else ["Column", "Rows", "Expected"]
            yield from _markdown(head, [_fill_row(table, field, frame, records) for field in table.fields])


def _fill_row(table: Table, field: Field, frame: pl.DataFrame, records: pl.DataFrame) -> list[Cell]:
    expected = table.get("expect", {}).get("filled", {}).get(field.name)
    least = "" if expected is None else f"at least {expected:.0%}"
    of_rows = _share(frame[field.name].count(), frame.height)
    of_records = _share(records[field.name].count(), records.height) if field.name in records.columns else ""
    return [field.name, of_records, of_rows, least] if table.is_observed else [field.name, of_rows, least]


def _first_day(column: str) -> pl.Expr:
    """The first day that a date, its mark of doubt aside, can mean, as ISO text: news is at least that recent."""

    def first(text: str) -> str:
        return max(dates.parse(part.rstrip("~?%")).earliest for part in text.split(CONTRADICTION)).isoformat()

    return pl.col(column).map_elements(first, return_dtype=pl.String)


def _half_year(day: str) -> str:
    of = date.fromisoformat(day)
    return f"{of.year}, {'January to June' if of.month <= 6 else 'July to December'}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _listed(counts: pl.DataFrame) -> str:
    """`name n, name n`, the longest lists cut."""
    told = ", ".join(f"{name} {n}" for name, n in counts.head(SHOWN).rows())
    return told + (f", and {counts.height - SHOWN} more" if counts.height > SHOWN else "")


def _markdown(head: list[str], rows: list[list[Cell]]) -> Iterator[str]:
    """A Markdown table and the empty line after it; columns of numbers and shares stand right. Nothing where there are no rows."""
    if not rows:
        return
    numeric = [all(isinstance(row[i], int) or row[i] in ("", "–") or str(row[i]).endswith("%") for row in rows) for i in range(len(head))]
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---:' if right else '---' for right in numeric)} |"
    yield from (f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
    yield ""
