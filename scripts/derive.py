"""Tables that the engine makes from the consolidated ones: every spelling of a name, and everything dated about a person."""

from __future__ import annotations

import polars as pl

from scripts import dates
from scripts.catalogue import AS_REPORTED
from scripts.consolidate import Consolidated, source_voices
from scripts.frames import Frames
from scripts.names import is_persian
from scripts.package import UNION, Package, Table

TIMELINE = ["person", "date", "earliest", "latest", "event", "detail", "table", "record", "voices"]


def reported_frames(package: Package, frames: Frames) -> Frames:
    """The rows of every table of what each source says, by name."""
    return {f"{t.name}{AS_REPORTED}": frames[t.name].select(t.columns).sort(t.primary_key) for t in package.observed}


def derived_frames(package: Package, frames: Frames, consolidated: Consolidated) -> Frames:
    """The rows of every other published table, by name, except build_info (which only the build knows)."""
    return consolidated.tables | {
        "disagreements": consolidated.disagreements,
        "names": names(package, frames),
        "timeline": timeline(package, consolidated.tables),
    }


def names(package: Package, frames: Frames) -> pl.DataFrame:
    """Every spelling in the columns that the schemas mark `names: true`: table, record, name, script, voices, sources."""
    voices = source_voices(package, frames)
    spellings = [pl.DataFrame(schema=dict.fromkeys(["table", "id", "name", "source"], pl.String))]
    for table in package.observed:
        for field in [f for f in table.fields if f.descriptor.get("names")]:
            column = pl.col(field.name).str.split(UNION).alias("name")
            rows = frames[table.name].select(pl.lit(table.name).alias("table"), "id", column, "source").explode("name").drop_nulls("name")
            spellings.append(rows)
    grouped = pl.concat(spellings).join(voices, on="source", how="left").group_by("table", pl.col("id").alias("record"), "name")
    used = grouped.agg(pl.col("voice").n_unique().cast(pl.Int64).alias("voices"), pl.col("source").unique().sort().str.join(UNION).alias("sources"))
    script = pl.col("name").map_elements(lambda n: "persian" if is_persian(n) else "latin", return_dtype=pl.String).alias("script")
    return used.with_columns(script).select("table", "record", "name", "script", "voices", "sources").sort("table", "record", "name")


def timeline(package: Package, tables: Frames) -> pl.DataFrame:
    """Every date that a schema marks `timeline: <event>`, about every person its record concerns."""
    events = [pl.DataFrame(schema={c: pl.Int64 if c == "voices" else pl.String for c in TIMELINE})]
    for table in package.observed:
        for field in [f for f in table.fields if "timeline" in f.descriptor]:
            rows = _with_person(package, table, tables)
            detail = descriptions(package, table, tables)
            events.append(
                rows.drop_nulls(field.name).join(detail, on="id").select(
                    "_person", pl.col(field.name).alias("date"), *_bounds(field.name), pl.lit(field.descriptor["timeline"]).alias("event"),
                    pl.col("_detail").alias("detail"), pl.lit(table.name).alias("table"), pl.col("id").alias("record"), pl.col("voices").cast(pl.Int64),
                ).rename({"_person": "person"})
            )  # fmt: skip
    return pl.concat(events).sort("person", "earliest", "latest", "table", "record", "event")


def descriptions(package: Package, table: Table, tables: Frames) -> pl.DataFrame:
    """One line on each record, from the columns that the schema lists under `describe`: columns id, _detail."""
    frame = tables[table.name]
    parts = []
    for name in table.get("describe", []):
        field, column = table.field(name), pl.col(name)
        target = next((k.target for k in table.foreign_keys if k.field == name), None)
        if field.categories:
            column = column.replace({c["value"]: c["label"] for c in field.categories})
        elif target and (label := package.tables[target].get("label")):
            known = tables[target].select(pl.col("id").alias(name), pl.col(label).alias(f"_{name}"))
            frame, column = frame.join(known, on=name, how="left"), pl.col(f"_{name}")
        parts.append(column)
    detail = pl.concat_str(parts, separator=UNION, ignore_nulls=True) if parts else pl.lit(None, pl.String)
    return frame.select("id", detail.alias("_detail")).with_columns(pl.col("_detail").replace("", None))


def _with_person(package: Package, table: Table, tables: Frames) -> pl.DataFrame:
    """The table's records with `_person`: the record itself, the person it refers to, or all whom a link table ties to it."""
    subject = package.subject
    frame = tables[table.name]
    if subject is None:
        return frame.clear().with_columns(pl.lit(None, pl.String).alias("_person"))
    if table.name == subject.name:
        return frame.with_columns(pl.col("id").alias("_person"))
    if own := table.targets(subject.name):
        return frame.with_columns(pl.col(own[0]).alias("_person"))
    links = [(t, t.targets(table.name)[0], t.targets(subject.name)[0]) for t in package.observed if t.targets(table.name) and t.targets(subject.name)]
    pairs = [tables[t.name].select(pl.col(here).alias("id"), pl.col(person).alias("_person")) for t, here, person in links]
    empty = pl.DataFrame(schema={"id": pl.String, "_person": pl.String})
    return frame.join(pl.concat([empty, *pairs]).unique(), on="id")


def _bounds(column: str) -> list[pl.Expr]:
    def bound(which: str) -> pl.Expr:
        return pl.col(column).map_elements(lambda t: getattr(dates.parse(t), which).isoformat(), return_dtype=pl.String).alias(which)

    return [bound("earliest"), bound("latest")]
