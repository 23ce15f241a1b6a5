"""Many rows, one record: each rule on a tiny example, and what must hold for any rows at all."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.build import check
from scripts.consolidate import DISAGREEMENTS, consolidate_table, source_voices
from scripts.frames import read_package
from scripts.package import CONTRADICTION, UNION, Package, Table, load_package
from scripts.problems import Refused
from scripts.progress import Stages

STATES = ["imposed", "upheld", "overturned"]
FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string"},
    {"name": "source", "type": "string"},
    {"name": "place", "type": "string"},
    {"name": "date", "type": "string", "edtf": True},
    {"name": "words", "type": "string", "consolidate": "union"},
    {"name": "detail", "type": "string", "consolidate": "wordings"},
    {"name": "note", "type": "string", "consolidate": "none"},
    {"name": "title", "type": "string", "consolidate": "wording"},
    {"name": "state", "type": "string", "consolidate": {"rule": "furthest", "order": STATES}, "constraints": {"enum": STATES}},
    {"name": "court", "type": "string"},
    {"name": "status", "type": "string", "consolidate": {"rule": "latest", "date": "status_date", "final": ["dead"]}, "constraints": {"enum": ["held", "free", "dead"]}},
    {"name": "status_date", "type": "string", "edtf": True},
]  # fmt: skip
TABLE = Table("things", {"primaryKey": ["id", "source"], "fields": FIELDS, "foreignKeys": [{"fields": "court", "reference": {"resource": "courts"}}]})
VOICES = pl.DataFrame(
    {
        "source": ["a1", "a2", "b1", "c1", "d1"],
        "voice": ["a", "a", "b", "c", "d"],
        "published": ["2024-01-01", "2024-05-05", "2024-02-02", "2024-03-03", ""],
    }
)
WHOLES = {
    "courts": pl.DataFrame(
        {
            "part": ["tehran", "tehran-15", "tehran-15", "tehran-26", "tehran-26"],
            "whole": ["tehran", "tehran-15", "tehran", "tehran-26", "tehran"],
            "depth": [0, 0, 1, 0, 1],
        }
    )
}
NO_DECISIONS = pl.DataFrame(schema=dict.fromkeys(["table", "record", "field", "value"], pl.String))
TEXT = dict.fromkeys([f["name"] for f in FIELDS], pl.String)


def merge(rows: list[dict[str, str]], decisions: pl.DataFrame = NO_DECISIONS) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    frame = pl.DataFrame([{"id": "x", **dict.fromkeys(list(TEXT)[2:]), **row} for row in rows], schema=TEXT)
    merged, found = consolidate_table(TABLE, frame, VOICES, decisions, WHOLES)
    return merged.sort("id").to_dicts(), found.sort("record", "field", "other_value").to_dicts()


def shown(field: str, **values: str) -> tuple[Any, list[Any]]:
    """The value shown when source b1, say, gives `b1=value`, and the values that contradict it."""
    merged, found = merge([{"source": source, field: value} for source, value in values.items()])
    return merged[0][field], [d["other_value"] for d in found if d["field"] == field]


def test_most_voices_win_not_most_pages() -> None:
    assert shown("place", a1="Tehran", a2="Tehran", b1="Karaj", c1="Karaj") == ("Karaj", ["Tehran"])


def test_a_tie_goes_to_the_newest_source_then_to_the_first_source_id() -> None:
    assert shown("place", a1="Tehran", b1="Karaj") == ("Karaj", ["Tehran"])
    assert shown("place", a2="Tehran", b1="Karaj") == ("Tehran", ["Karaj"])
    assert shown("place", b1="Karaj", d1="Qom") == ("Karaj", ["Qom"])


def test_a_less_precise_date_supports_the_more_precise_and_is_no_disagreement() -> None:
    assert shown("date", a1="2024-01", b1="2024-01-15", c1="2024") == ("2024-01-15", [])
    assert shown("date", a1="2024-01", b1="2024-01-15", c1="2023-12-27") == ("2024-01-15", ["2023-12-27"])


def test_of_equally_supported_dates_the_more_precise_wins() -> None:
    assert shown("date", a2="2024", b1="2024-03") == ("2024-03", [])


def test_a_whole_supports_its_parts_and_is_no_disagreement() -> None:
    assert shown("court", a1="tehran", b1="tehran", c1="tehran-26") == ("tehran-26", [])
    assert shown("court", a1="tehran", b1="tehran-15", c1="tehran-26") == ("tehran-26", ["tehran-15"])


def test_union_and_wording_have_no_disagreements() -> None:
    assert shown("words", a1="b; a", b1="c") == ("a; b; c", [])
    assert shown("detail", a1="b; a", b1="c") == ("b; a / c", [])
    assert shown("title", a1="One", b1="Two", c1="Two") == ("Two", [])


def test_a_note_stays_with_its_source() -> None:
    assert "note" not in merge([{"source": "a1", "note": "a doubt"}])[0][0]


def test_the_furthest_state_wins() -> None:
    assert shown("state", a1="upheld", b1="imposed", c1="imposed") == ("upheld", [])


def test_a_source_that_contradicts_itself_is_a_disagreement_of_its_own_voice() -> None:
    merged, found = merge([{"source": "a1", "place": "160 | more than 150"}])
    assert merged[0]["place"] == "160"
    assert found == [{**dict.fromkeys(DISAGREEMENTS), "table": "things", "record": "x", "field": "place", "published_value": "160",
                      "other_value": "more than 150", "published_voices": 1, "other_voices": 1, "published_by": "a", "other_by": "a", "rule": "most-reported"}]  # fmt: skip


def status(*rows: tuple[str, str, str | None]) -> tuple[Any, Any, list[Any]]:
    merged, found = merge([{"source": s, "status": v} | ({"status_date": d} if d else {}) for s, v, d in rows])
    return merged[0]["status"], merged[0]["status_date"], [d["other_value"] for d in found]


def test_the_latest_status_wins_and_an_earlier_one_is_no_disagreement() -> None:
    assert status(("a1", "held", "2024-01-02"), ("b1", "free", "2024-06")) == ("free", "2024-06", [])


def test_a_status_without_a_date_counts_as_of_its_sources_date() -> None:
    assert status(("c1", "held", None), ("b1", "free", "2024-02-02")) == ("held", None, [])


def test_an_end_is_not_undone_by_a_later_page_but_that_is_a_disagreement() -> None:
    assert status(("a1", "dead", "2024-01-02"), ("b1", "held", "2024-06")) == ("dead", "2024-01-02", ["held"])
    assert status(("a1", "dead", "2024-06"), ("b1", "held", "2024-01")) == ("dead", "2024-06", [])


def test_two_statuses_of_one_day_are_a_disagreement() -> None:
    assert status(("a1", "held", "2024-06-01"), ("b1", "free", "2024-06-01"), ("c1", "free", "2024-06-01")) == ("free", "2024-06-01", ["held"])


def test_counts_and_disputed_fields() -> None:
    merged, _ = merge([{"source": "a1", "place": "Qom", "date": "2024"}, {"source": "a2", "place": "Qom"}, {"source": "b1", "place": "Karaj", "date": "2023"}])
    assert (merged[0]["reports"], merged[0]["voices"], merged[0]["disputed"]) == (3, 2, "date; place")


def test_a_decision_overrules_and_leaves_the_dispute_visible() -> None:
    decision = pl.DataFrame({"table": ["things"], "record": ["x"], "field": ["place"], "value": ["Qom"]})
    merged, found = merge([{"source": "a1", "place": "Qom"}, {"source": "b1", "place": "Karaj"}, {"source": "c1", "place": "Karaj"}], decision)
    assert merged[0]["place"] == "Qom"
    assert [(d["published_value"], d["other_value"], d["other_voices"]) for d in found] == [("Qom", "Karaj", 2)]


def test_a_decision_without_a_dispute_is_refused(mini: Path) -> None:
    (mini / "sources/decisions.csv").write_text("table,record,field,value,reason\npeople,reza-rasaei,born,1990,Because.\n")
    with pytest.raises(Refused, match=r'sources/decisions.csv:2: value: "1990" decides nothing'):
        check(load_package(mini / "datapackage.yaml"), Stages())


def test_a_relaying_page_speaks_with_the_voice_it_relays(mini_package: Package) -> None:
    voices = dict(source_voices(mini_package, read_package(mini_package)).select("source", "voice").rows())
    assert voices == {"agency-1": "agency", "daily-1": "agency", "daily-2": "daily", "party-1": "party", "party-tv-1": "party"}


VALUES = {
    "place": st.sampled_from(["Tehran", "Karaj", "Qom", "Qom | Karaj"]),
    "date": st.sampled_from(["2024", "2024-01", "2024-01-15", "2023-12-27", "2023-23", "2024-01~", "2023 | 2024-02"]),
    "words": st.sampled_from(["a", "b", "a; b"]),
    "title": st.sampled_from(["One", "Two"]),
    "state": st.sampled_from(STATES),
    "court": st.sampled_from(["tehran", "tehran-15", "tehran-26"]),
    "status": st.sampled_from(["held", "free", "dead"]),
    "status_date": st.sampled_from(["2024", "2024-02", "2024-06-01"]),
}
ROW = st.fixed_dictionaries({}, optional=VALUES)
ROWS = st.dictionaries(st.sampled_from(VOICES["source"].to_list()), ROW, min_size=1).map(lambda d: [{"source": s, **row} for s, row in d.items()])


@settings(max_examples=150, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_row_order_never_matters(rows: list[dict[str, str]], randomness: random.Random) -> None:
    shuffled = rows[:]
    randomness.shuffle(shuffled)
    assert merge(shuffled) == merge(rows)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_every_published_value_is_reported_by_some_source(rows: list[dict[str, str]]) -> None:
    record = merge(rows)[0][0]
    for field in VALUES:
        if record[field] is not None:
            reported = {part for row in rows if field in row for value in row[field].split(CONTRADICTION) for part in value.split(UNION)}
            assert set(record[field].split(UNION)) <= reported


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_an_agreeing_source_never_changes_a_value(rows: list[dict[str, str]]) -> None:
    """A source of a voice of its own that says just what is published."""
    record = merge([r for r in rows if r["source"] != "d1"] or [{"source": "a1"}])[0][0]
    agreeing = {"source": "d1", **{f: record[f] for f in VALUES if record[f] is not None}}
    again = merge([*(r for r in rows if r["source"] != "d1"), agreeing])[0][0]
    assert {f: again[f] for f in VALUES} == {f: record[f] for f in VALUES}
