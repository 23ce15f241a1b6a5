"""A record's page as its template needs it."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from reading_room.cells import Cells
from reading_room.disputes import disputes
from reading_room.evidence import cited
from reading_room.facts import Facts
from reading_room.lists import Lists, base
from reading_room.records import Dossier, one_line
from reading_room.state import in_words
from scripts.package import Field

MOST_NAMES = 3  # of publishers behind a status


def record_page(page: Dossier, cells: Cells) -> dict[str, Any]:
    """All that row.html shows of a record."""
    cells.labels |= page.labels
    facts = Facts(page, cells)
    lists = Lists(page, cells, facts)
    record, table, lang = page.record, page.record.table, cells.lang
    title = _title(page, cells)
    return {
        "kicker": {"title": lang.of(table.descriptor), "href": cells.href(table.name)},
        "title": title,
        "heading": cells.text(title),
        "description": _description(page, cells, title),
        "other_name": _other_name(page, cells, title),
        "status": _status(page, cells, facts),
        "voices": record.row.get("voices") if table.get("kind") == "records" else None,
        "facts": [*facts.gathered(), *facts.own(record)],
        "notes": facts.notes(record),
        "timeline": lists.timeline(),
        "sections": lists.sections(),
        "beside": lists.beside(),
        "disputes": disputes(page, cells, facts, {(r.table.name, r.id): r for r, _ in lists.surroundings() if "id" in r.row}),
        "sources": cited(page.evidence, cells),
        "warnings": [lang.of(cells.catalogue.warnings[w], "text") for w in table.get("warnings", [])],
        "reported": facts.reported_at(record) if table.get("kind") == "records" else "",
        "is_subject": page.is_subject,
    }


def _title(page: Dossier, cells: Cells) -> str:
    """The record's name as plain text."""
    row, table = page.record.row, page.record.table
    if table.get("kind") == "as-reported":
        return page.labels.get((base(table.name), row["id"])) or str(row["id"])
    if label := cells.catalogue.labels(table.name):
        return str((cells.lang.persian and row.get(label[1])) or row[label[0]] or row["id"])
    if "id" in row:
        return one_line(cells.catalogue, cells.lang, table, row, page.labels) or row["id"]
    return cells.lang.join([str(row[c]) for c in table.primary_key])


def _description(page: Dossier, cells: Cells, title: str) -> str:
    """The record in a line, as text: its name, what it is, what is last reported of it, how many tell of it."""
    record, lang = page.record, cells.lang
    parts = [f"{title} ({lang.of(record.table.descriptor)})", in_words(cells, record.table.name, record.row)]
    if voices := record.row.get("voices"):
        parts.append(lang.say("voices", n=voices))
    return " · ".join(part for part in parts if part)


def _other_name(page: Dossier, cells: Cells, title: str) -> Markup:
    """The name in the other script, where the record has one."""
    label = cells.catalogue.labels(page.record.table.name) if page.record.table.get("kind") == "records" else None
    other = page.record.row.get(label[0] if cells.lang.persian else label[1]) if label else None
    return cells.text(other) if other and other != title else Markup()


def _status(page: Dossier, cells: Cells, facts: Facts) -> dict[str, Any] | None:
    """What is last reported of a record that has a state of its own, since when, and by whom."""
    record = page.record
    state, since = cells.catalogue.states.get(record.table.name, (None, ""))
    if state is None or not record.row.get(state.name):
        return None
    value, day = record.row[state.name], record.row.get(since)
    by = _saying(page, state, value, day)
    return {
        "value": cells.category(state, value),
        "when": cells.moment(day, both=True) if day else "",
        "by": cells.lang.join(_speakers(page, cells, by)),
        "marks": facts.marks(by, record),
        "disputed": state.name in record.disputed,
    }


def _saying(page: Dossier, state: Field, value: str, day: str | None) -> list[str]:
    """The sources that give this state for this day."""
    return [r["source"] for r in page.record.reported if r[state.name] == value and (not day or r[state.rule["date"]] == day)]


def _speakers(page: Dossier, cells: Cells, sources: list[str]) -> list[str]:
    """Who says so, each voice once, the first ones by name."""
    rows = [page.evidence.sources[s] for s in page.evidence.one_per_voice(sources)[:MOST_NAMES]]
    return [cells.text(r["relays_name"] or r["publisher_name"] or r["id"]) for r in rows]
