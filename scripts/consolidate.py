"""One record from many rows: what the sources agree on, and every disagreement, by the rules that the schema declares.

The unit of evidence is the voice, not the page (docs/methodology.md). Every rule is a function of the set of rows: their order,
the machine and the day change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl

from scripts import dates
from scripts.frames import Frames
from scripts.kept import Kept
from scripts.package import CONTRADICTION, UNION, WORDINGS, Field, Package, Table

# What a rule works on, one row per value that a source gives: id, value, source, voice, published (ISO date text).
# What it returns: `chosen` (id, value) and `others` (id, value) that cannot be true together with the chosen one.
CLAIMS = ["id", "value", "source", "voice", "published"]
DISAGREEMENTS = {
    "table": pl.String, "record": pl.String, "field": pl.String, "published_value": pl.String, "other_value": pl.String,
    "published_voices": pl.Int64, "other_voices": pl.Int64, "published_by": pl.String, "other_by": pl.String, "rule": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What a rule makes of the claims about one field: the value shown for each id, and those that contradict it."""

    chosen: pl.DataFrame
    others: pl.DataFrame


@dataclass(frozen=True)
class Consolidated:
    """The published tables (id, fields, reports, voices, disputed) by name, and all disagreements."""

    tables: Frames
    disagreements: pl.DataFrame


def consolidate(package: Package, frames: Frames, kept: Kept | None = None) -> Consolidated:
    """Merge the observation rows of every table; tables of other roles are published as they are.

    What `kept` knows is not merged again: a table depends on its rows, the voices of its own sources, the decisions about it, and what
    the records that it refers to are part of.

    Input and output columns are text; an empty cell is null.
    """
    voices = source_voices(package, frames)
    decisions = _decisions(package, frames)
    wholes = _wholes(package, frames)
    kept = kept or Kept()
    tables, disagreements = {}, [pl.DataFrame(schema=DISAGREEMENTS)]
    for table in package.tables.values():
        frame = frames[table.name].select(table.columns)
        if table.is_observed:
            given = _dependencies(table, frame, voices, decisions, wholes)
            frame, found = kept.frames(
                "merged", [table.name, table.descriptor, kept.rows(package, table, frame), *given], partial(consolidate_table, table, frame, *given)
            )
            disagreements.append(found)
        tables[table.name] = frame.sort(table.primary_key if not table.is_observed else "id")
    order = ["table", "record", "field", "other_value"]
    return Consolidated(tables, pl.concat(disagreements).sort(order))


def _dependencies(
    table: Table, frame: pl.DataFrame, voices: pl.DataFrame, decisions: pl.DataFrame, wholes: Frames
) -> tuple[pl.DataFrame, pl.DataFrame, Frames]:
    """Of voices, decisions and wholes those that this table can depend on."""
    own = voices.join(frame.select("source").unique(), on="source", how="semi", maintain_order="left")
    return own, decisions.filter(pl.col("table") == table.name), {k.target: wholes[k.target] for k in table.foreign_keys if k.target in wholes}


def source_voices(package: Package, frames: Frames) -> pl.DataFrame:
    """Who speaks in each source: columns source, voice, published (the last day its date can mean, "" where unknown).

    A page that relays another publisher's report counts as that publisher's voice.
    """
    publishers = frames[package.publishers.name].select(pl.col("id").alias("_speaker"), "voice")
    return (
        frames[package.sources.name]
        .select(pl.col("id").alias("source"), pl.coalesce("relays", "publisher").alias("_speaker"), _latest("published"))
        .join(publishers, on="_speaker", how="left")
        .select("source", "voice", pl.col("published").fill_null(""))
    )


def consolidate_table(table: Table, frame: pl.DataFrame, voices: pl.DataFrame, decisions: pl.DataFrame, wholes: Frames) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per id of `frame` (columns of `table`), and the disagreements found on the way.

    `wholes` tells, by name of a table with parts, what each of its records is part of.
    """
    targets = {k.field: k.target for k in table.foreign_keys}
    rows = frame.join(voices, on="source", how="left")
    merged = rows.group_by("id").agg(pl.len().alias("reports"), pl.col("voice").n_unique().alias("voices"))
    disputes = [pl.DataFrame(schema=DISAGREEMENTS)]
    published = [f for f in table.fields[2:] if f.is_published]
    companions = {f.rule["date"] for f in published if f.rule["rule"] == "latest"}
    for field in [f for f in published if f.name not in companions]:
        claims = _claims(rows, field)
        choice = _decide(_choose(field, claims, rows, wholes.get(targets.get(field.name, ""))), claims, decisions.filter(pl.col("field") == field.name))
        merged = merged.join(choice.chosen.select("id", pl.col("value").alias(field.name)), on="id", how="left")
        disputes.append(_disagreements(table, field, choice, claims))
    merged = _with_companions(table, merged, rows)
    found = pl.concat(disputes)
    disputed = (
        found.select(pl.col("record").alias("id"), "field").unique().sort("id", "field").group_by("id").agg(pl.col("field").str.join(UNION).alias("disputed"))
    )
    merged = merged.join(disputed, on="id", how="left")
    return merged.select("id", *(f.name for f in published), "reports", "voices", "disputed"), found


def _claims(rows: pl.DataFrame, field: Field) -> pl.DataFrame:
    """The values that sources give for a field; one that contradicts itself gives several."""
    claims = rows.select("id", pl.col(field.name).alias("value"), "source", "voice", "published").drop_nulls("value")
    if field.may_contradict:
        claims = claims.with_columns(pl.col("value").str.split(CONTRADICTION)).explode("value")
    return claims


def _choose(field: Field, claims: pl.DataFrame, rows: pl.DataFrame, wholes: pl.DataFrame | None) -> Choice:
    rule = field.rule
    if rule["rule"] == "union":
        return _union(claims.with_columns(pl.col("value").str.split(UNION)).explode("value"), UNION)
    if rule["rule"] == "wordings":
        return _union(claims, WORDINGS)
    if rule["rule"] == "wording":
        return Choice(_most_reported(claims).chosen, claims.select("id", "value").clear())
    if rule["rule"] == "latest":
        return _latest_wins(claims, rows.select("id", "source", pl.col(rule["date"]).alias("_own")), rule.get("final", []))
    if rule["rule"] == "furthest":
        return _furthest(claims, rule["order"])
    if field.edtf:
        return _most_reported_date(claims)
    return _most_reported(claims) if wholes is None else _most_reported_part(claims, wholes)


def _most_reported(claims: pl.DataFrame) -> Choice:
    """The value of most voices; a tie goes to the most recently published source, then to the source id."""
    ranked = _rank(_votes(claims, "value"), ["votes", "published"])
    return Choice(ranked.unique("id", keep="first", maintain_order=True), _rest(ranked))


def _most_reported_date(claims: pl.DataFrame) -> Choice:
    """As above, where a voice for a less precise date supports every date inside it; of equals the more precise wins."""
    spans = _with_spans(claims)
    values = spans.select("id", "value", "earliest", "latest").unique()
    several = values.filter(pl.len().over("id") > 1)
    pairs = several.join(several, on="id", suffix="_broad")
    inside = (pl.col("earliest_broad") <= pl.col("earliest")) & (pl.col("latest_broad") >= pl.col("latest"))
    apart = (pl.col("latest") < pl.col("earliest_broad")) | (pl.col("earliest") > pl.col("latest_broad"))
    precision = several.select("id", "value", (pl.col("earliest") - pl.col("latest")).dt.total_days().alias("precision"))
    return _most_supported(claims, pairs.filter(inside), pairs.filter(apart), precision)


def _most_reported_part(claims: pl.DataFrame, wholes: pl.DataFrame) -> Choice:
    """The same for things that are parts of others (a branch of a court): who names the whole supports each of its parts.

    `wholes` has a row (part, whole, depth) for everything above a part, and for itself at depth 0.
    """
    values = claims.select("id", "value").unique()
    several = values.filter(pl.len().over("id") > 1)
    pairs = several.join(several.rename({"value": "value_broad"}), on="id")
    above = pairs.join(wholes, left_on=["value", "value_broad"], right_on=["part", "whole"], how="inner")
    related = pl.concat(
        [above.select("id", "value", "value_broad"), above.select("id", pl.col("value_broad").alias("value"), pl.col("value").alias("value_broad"))]
    )
    apart = pairs.join(related, on=["id", "value", "value_broad"], how="anti")
    depth = wholes.group_by("part").agg(pl.col("depth").max().alias("precision"))
    return _most_supported(claims, above, apart, several.join(depth, left_on="value", right_on="part"))


def _most_supported(claims: pl.DataFrame, covers: pl.DataFrame, apart: pl.DataFrame, precision: pl.DataFrame) -> Choice:
    """The value with most voices when each is also backed by the broader values that cover it; of equals the most precise.

    `covers` and `apart` pair values of one id (value, value_broad): the broader one covers it, or both cannot be true.
    """
    single = claims.join(precision, on="id", how="anti").unique("id").select("id", "value")
    backed = covers.select("id", "value", "value_broad").join(claims.rename({"value": "value_broad"}), on=["id", "value_broad"])
    ranked = _rank(_votes(backed, "value").join(precision, on=["id", "value"]), ["votes", "precision", "published"])
    chosen = ranked.unique("id", keep="first", maintain_order=True).select("id", "value")
    others = apart.join(chosen.rename({"value": "value_broad"}), on=["id", "value_broad"]).select("id", "value")
    return Choice(pl.concat([single, chosen]), others)


def _union(claims: pl.DataFrame, separator: str) -> Choice:
    """Every distinct value, in alphabetical order; nothing here is a disagreement."""
    parts = claims.select("id", "value").unique().sort("id", "value")
    return Choice(parts.group_by("id", maintain_order=True).agg(pl.col("value").str.join(separator)), parts.clear())


def _latest_wins(claims: pl.DataFrame, own_dates: pl.DataFrame, final: list[str]) -> Choice:
    """The value with the latest date of its own (else its source's); a final one stands, and a later other contradicts it."""
    dated = claims.join(own_dates.with_columns(_latest("_own")).unique(["id", "source"]), on=["id", "source"], how="left")
    dated = dated.with_columns(pl.coalesce("_own", "published").alias("day"), pl.col("value").is_in(final).alias("is_final"))
    votes = dated.group_by("id", "value").agg(
        pl.col("is_final").first(), pl.col("day").max(), pl.col("voice").n_unique().alias("votes"), pl.col("published").max(), pl.col("source").min()
    )
    # among final values the one of most voices; otherwise the latest, then the one of most voices
    votes = votes.with_columns(pl.when("is_final").then(pl.lit("9999")).otherwise(pl.col("day")).alias("weight"))
    ranked = _rank(votes, ["weight", "votes", "published"])
    chosen = ranked.unique("id", keep="first", maintain_order=True)
    pairs = _rest(ranked).join(chosen.select("id", "is_final", "day"), on="id", suffix="_chosen")
    clash = pl.when("is_final_chosen").then(pl.col("is_final") | (pl.col("day") > pl.col("day_chosen"))).otherwise(pl.col("day") == pl.col("day_chosen"))
    return Choice(chosen.select("id", "value"), pairs.filter(clash & (pl.col("day_chosen") != "")).select("id", "value"))


def _furthest(claims: pl.DataFrame, order: list[str]) -> Choice:
    """The value furthest along an order of states that follow each other; an earlier state is no contradiction."""
    place = pl.col("value").replace_strict({v: i for i, v in enumerate(order)}, return_dtype=pl.Int64).alias("place")
    ranked = claims.with_columns(place).sort("id", "place", descending=[False, True])
    return Choice(ranked.unique("id", keep="first", maintain_order=True).select("id", "value"), claims.select("id", "value").clear())


def _votes(claims: pl.DataFrame, value: str) -> pl.DataFrame:
    """For each value of each id: how many voices, and its most recently published source (of equals the first id)."""
    newest = pl.struct(pl.col("published"), pl.col("source")).sort_by(["published", "source"], descending=[True, False]).first()
    return claims.group_by("id", value).agg(pl.col("voice").n_unique().alias("votes"), newest.alias("_newest")).unnest("_newest")


def _rank(votes: pl.DataFrame, best_first: list[str]) -> pl.DataFrame:
    """Sorted so that the value to show comes first within each id; the source id, then the value, breaks what ties remain."""
    return votes.sort("id", *best_first, "source", "value", descending=[False, *[True] * len(best_first), False, False])


def _rest(ranked: pl.DataFrame) -> pl.DataFrame:
    return ranked.filter(~pl.col("id").is_first_distinct())


def _decide(choice: Choice, claims: pl.DataFrame, decisions: pl.DataFrame) -> Choice:
    """An editor's decision replaces the chosen value; the replaced one joins the others."""
    if decisions.is_empty():
        return choice
    decided = decisions.select(pl.col("record").alias("id"), "value")
    kept = choice.chosen.select("id", "value").join(decided, on="id", how="anti")
    reported = claims.join(decided, on="id", suffix="_decided").filter(pl.col("value") != pl.col("value_decided")).select("id", "value").unique()
    others = choice.others.select("id", "value").join(decided, on="id", how="anti")
    return Choice(pl.concat([kept, decided]), pl.concat([others, reported]))


def _disagreements(table: Table, field: Field, choice: Choice, claims: pl.DataFrame) -> pl.DataFrame:
    """One row for each value that contradicts the one shown, with the voices behind both."""
    if choice.others.is_empty():
        return pl.DataFrame(schema=DISAGREEMENTS)
    said = claims.select("id", "value", pl.col("voice").alias("by")).unique().with_columns(pl.len().over("id", "value").cast(pl.Int64).alias("n"))
    # most values have one voice: only what several say needs joining, which is what takes time
    several = said.filter(pl.col("n") > 1).group_by("id", "value").agg(pl.col("by").sort().str.join(UNION), pl.col("n").first())
    backers = pl.concat([said.filter(pl.col("n") == 1), several])
    shown = choice.chosen.select("id", pl.col("value").alias("published_value"))
    pairs = choice.others.select("id", "value").unique().join(shown, on="id").join(backers, on=["id", "value"])
    pairs = pairs.join(backers, left_on=["id", "published_value"], right_on=["id", "value"], how="left", suffix="_shown")
    return pairs.select(
        pl.lit(table.name).alias("table"), pl.col("id").alias("record"), pl.lit(field.name).alias("field"), "published_value",
        pl.col("value").alias("other_value"), pl.col("n_shown").fill_null(0).alias("published_voices"), pl.col("n").alias("other_voices"),
        pl.col("by_shown").alias("published_by"), pl.col("by").alias("other_by"), pl.lit(field.rule["rule"]).alias("rule"),
    )  # fmt: skip


def _with_companions(table: Table, merged: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The date of a `latest` value is the latest date given for the value that is shown, never for another one."""
    for field in [f for f in table.fields if f.rule["rule"] == "latest"]:
        column = field.rule["date"]
        dated = rows.select("id", pl.col(field.name).alias("_value"), pl.col(column).alias("_day")).drop_nulls()
        dated = dated.with_columns(_latest("_day").alias("_last")).sort("id", "_last", "_day", descending=[False, True, True])
        shown = merged.select("id", pl.col(field.name).alias("_value")).join(dated, on=["id", "_value"])
        shown = shown.sort("id", "_last", "_day", descending=[False, True, True]).unique("id", keep="first", maintain_order=True)
        merged = merged.join(shown.select("id", pl.col("_day").alias(column)), on="id", how="left")
    return merged


def _decisions(package: Package, frames: Frames) -> pl.DataFrame:
    table = package.with_role("decisions")
    columns = ["table", "record", "field", "value"]
    return frames[table.name].select(columns) if table else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def _wholes(package: Package, frames: Frames) -> Frames:
    """For each table whose schema names a `part_of` column: (part, whole, depth), each record with itself and all above it."""
    found = {}
    for table in [t for t in package.observed if t.get("part_of")]:
        rows = (
            frames[table.name]
            .select("id", table.get("part_of"))
            .sort("id", table.get("part_of"), nulls_last=True)
            .unique("id", keep="first", maintain_order=True)
        )
        parents = dict(rows.rows())
        found[table.name] = pl.DataFrame(
            [(part, whole, depth) for part in parents for depth, whole in enumerate(_line(part, parents))],
            schema={"part": pl.String, "whole": pl.String, "depth": pl.Int64},
            orient="row",
        )
    return found


def _line(part: str | None, parents: dict[str, str | None]) -> list[str]:
    """`part` and everything it is part of, from the inside out; a circle ends where it closes."""
    line: list[str] = []
    while part and part not in line:
        line.append(part)
        part = parents.get(part)
    return line


def _with_spans(claims: pl.DataFrame) -> pl.DataFrame:
    values = claims.select("value").unique()
    spans = pl.DataFrame([(v, *dates.parse(v)) for v in values["value"]], schema={"value": pl.String, "earliest": pl.Date, "latest": pl.Date}, orient="row")
    return claims.join(spans, on="value")


def _latest(column: str) -> pl.Expr:
    """The last day that an EDTF text can mean, as ISO text; null stays null."""
    return pl.col(column).map_elements(lambda text: dates.parse(text).latest.isoformat(), return_dtype=pl.String)
