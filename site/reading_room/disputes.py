"""What sources disagree on, for a reader: every value with the voices for it, which one is shown, and why."""

from __future__ import annotations

from typing import Any

from reading_room.cells import Cells
from reading_room.facts import Facts
from reading_room.records import Dossier
from reading_room.rows import Record, Row
from scripts.package import UNION, Field


def disputes(page: Dossier, cells: Cells, facts: Facts, known: dict[tuple[str, str], Record]) -> list[dict[str, Any]]:
    """Each disputed field of the record and of the `known` ones around it."""
    grouped: dict[tuple[str, str, str], list[Row]] = {}
    for row in page.disputes:
        grouped.setdefault((row["table"], row["record"], row["field"]), []).append(row)
    return [_dispute(page, cells, facts, known.get(key[:2]), rows) for key, rows in grouped.items()]


def _dispute(page: Dossier, cells: Cells, facts: Facts, record: Record | None, rows: list[Row]) -> dict[str, Any]:
    first = rows[0]
    table = cells.catalogue.tables[first["table"]]
    column = table.field(first["field"])
    values = [(first["published_value"], first["published_by"], first["published_voices"])]
    values += [(r["other_value"], r["other_by"], r["other_voices"]) for r in rows]
    is_own = record is None or record is page.record
    return {
        "title": cells.lang.of(column.descriptor),
        "table": "" if is_own else cells.lang.of(table.descriptor),
        "of": "" if is_own else cells.link(table.name, first["record"]),
        "values": [{**_value(cells, facts, record, column, first["table"], *v), "shown": i == 0} for i, v in enumerate(values)],
        "why": _why(page, cells, first),
    }


def _value(cells: Cells, facts: Facts, record: Record | None, column: Field, table: str, value: str, by: str | None, voices: int) -> dict[str, Any]:
    publishers = cells.catalogue.with_role("publishers")
    names = by.split(UNION) if by else []
    return {
        "html": cells.value(table, column, value),
        "by": cells.lang.join([cells.name(publishers.name, name) if publishers else cells.text(name) for name in names]),
        "voices": voices,
        "marks": facts.marks(record.backing(column, value), record) if record else "",
    }


def _why(page: Dossier, cells: Cells, row: Row) -> str:
    say, rule = cells.lang.say, f"why.{row['rule']}"
    if reason := page.decisions.get((row["table"], row["record"], row["field"])):
        return say("why.decision", reason=reason)
    if row["published_voices"] == row["other_voices"] and row["rule"] == "most-reported":
        return say("why.tie")
    return say(rule) if cells.lang.knows(rule) else ""
