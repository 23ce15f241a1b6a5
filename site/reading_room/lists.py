"""What surrounds a record, as lists: its timeline, the records that refer to it, and those it shares something with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from reading_room.catalogue import BOOKKEEPING, Reference, visible_fields
from reading_room.cells import SEPARATORS, Cells
from reading_room.facts import Facts
from reading_room.model import Entry, Fact, Section
from reading_room.records import Dossier, Related
from reading_room.rows import Record, Row
from scripts import dates
from scripts.catalogue import AS_REPORTED
from scripts.package import Field, Table

FEW = 2  # wordings that stand on a timeline; more of them are small print


class Lists:
    """Writes the lists of one page."""

    def __init__(self, page: Dossier, cells: Cells, facts: Facts) -> None:
        self.page, self.cells, self.facts = page, cells, facts
        self.lang, self.catalogue = cells.lang, cells.catalogue
        self.record, self.table = page.record, page.record.table
        layout: dict[str, list[str]] = self.table.get("page", {})
        self.told = layout.get("sections") if page.is_subject else None  # the tables that the schema wants in full
        self.shared = layout.get("beside", [])
        self._entries: dict[tuple[str, str], Entry] = {}

    # the timeline

    def timeline(self) -> list[Entry]:
        """Everything dated about the record, in order; of two dates the one that may be earlier comes first."""
        if not self.page.is_subject:
            return []
        entries = [e for record, reference in self.surroundings() for e in self._events(record, reference)]
        return sorted(entries, key=lambda e: (*e.span, e.event, e.href))

    def surroundings(self) -> Iterable[tuple[Record, Reference | None]]:
        """The record and all that is tied to it, with how it is."""
        yield self.record, None
        for related in self.page.related:
            for record in related.found:
                yield self._far(record, related.reference) or record, related.reference

    def _events(self, record: Record, reference: Reference | None) -> Iterable[Entry]:
        """An entry for each date of a record; its small print stands with the first, unless a section tells it."""
        brief = reference is not None and reference.table in (self.told or [])
        for number, column in enumerate(self._dated(record)):
            entry = self._entry_of(record, reference)
            few = [f for f in entry.said if len(f.values) <= (1 if brief else FEW)]
            details = [*(f for f in entry.said if f not in few), *entry.details]
            span = dates.parse(record.row[column.name])
            yield replace(
                entry, said=[] if number else few, details=[] if brief or number else details, event=self._event_name(column),
                when=self.cells.moment(record.row[column.name], both=True), span=(span.earliest.isoformat(), span.latest.isoformat()),
                disputed=column.name in record.disputed or (number == 0 and entry.disputed),
            )  # fmt: skip

    def _entry_of(self, record: Record, reference: Reference | None) -> Entry:
        if reference is None:
            column = self._dated(record)[0]
            marks = self.facts.marks(record.backing(column, record.row[column.name]), record)
            return Entry(self.cells.href(record.table.name, record.id), [], [], [], marks, 0, False)
        return self.entry(record, reference)

    def _dated(self, record: Record) -> list[Field]:
        """The fields that put this record on a timeline."""
        return [f for f in self.catalogue.dated[record.table.name] if record.row.get(f.name)]

    def _event_name(self, column: Field) -> str:
        event = column.descriptor["timeline"]
        return self.lang.say(f"event.{event}") if self.lang.knows(f"event.{event}") else event

    # sections

    def sections(self) -> list[Section]:
        """What refers to the record, table by table; about a subject, those that its schema lists, and what has no date."""
        shown = [r for r in self.page.related if r.reference.table not in self.shared and self._is_section(r)]
        if self.told is None:
            return [self._section(r) for r in shown]
        order = {name: i for i, name in enumerate(self.told)}
        shown.sort(key=lambda r: order.get(r.reference.table, len(order)))
        undated = self._undated()
        return [self._section(r) for r in shown] + ([undated] if undated.entries else [])

    def _is_section(self, related: Related) -> bool:
        """On a subject's page whatever can be dated is told by the timeline, unless the schema wants it in full."""
        table = related.reference.table
        return self.told is None or table in self.told or not (self.catalogue.dated[table] or self.catalogue.is_link(table))

    def _section(self, related: Related) -> Section:
        table, column = related.reference
        entries = [self.entry(self._far(r, related.reference) or r, related.reference, r) for r in related.found]
        all_at = "" if related.total == len(entries) else f"{self.cells.href(table)}?{column}={self.record.id}"
        kind = "said" if self.catalogue.tables[table].get("kind") == "as-reported" else "plain"
        return Section(f"{table}-{column}", self._title(related.reference), entries, related.total, all_at, related.people, kind)

    def _title(self, reference: Reference) -> str:
        table, column = self.catalogue.tables[reference.table], reference.column
        far = self.catalogue.target(table.name, self.catalogue.far_side(*reference)) if self.catalogue.is_link(table.name) else None
        if far and not self.catalogue.tables[far].get("subject"):
            return self.lang.of(self.catalogue.tables[far].descriptor)
        title = self.lang.of(self.catalogue.tables[base(table.name)].descriptor)
        several = sum(r.table == table.name for r in self.catalogue.references[self.table.name]) > 1
        return f"{title} ({self.lang.of(table.field(column).descriptor)})" if several else title

    def _undated(self) -> Section:
        """What could be dated and is not, so that it goes missing neither from the timeline nor from the sections."""
        entries = []
        for related in self.page.related:
            table = self.catalogue.tables[related.reference.table]
            if table.name not in (self.told or []) and self.catalogue.dated[table.name]:
                found = [r for r in related.found if not self._dated(r)]
                entries += [replace(self.entry(r, related.reference), event=self.lang.of(table.descriptor)) for r in found]
        return Section("undated", self.lang.say("undated"), entries, len(entries))

    # entries

    def entry(self, record: Record, reference: Reference, tied_by: Record | None = None) -> Entry:
        """A record as a line of a list, without the column that leads back to the page."""
        key = (record.table.name, str(record.row.get("id", "")) + str(record.row.get("source", "")))
        if key not in self._entries:
            self._entries[key] = self._new_entry(record, reference, tied_by or record)
        return self._entries[key]

    def _new_entry(self, record: Record, reference: Reference, marked: Record) -> Entry:
        table, row = record.table, record.row
        back = {"source"} if table.get("kind") == "as-reported" else set(table.targets(self.table.name)) & {reference.column}
        head, said, used = self._head(record, back)
        day = self._day(record)
        hidden = {*BOOKKEEPING, *back, *used}
        if table.get("kind") != "as-reported":
            hidden |= {*self.catalogue.state_columns(table.name), *(f.name for f in self._dated(record)), day.name if day else ""}
        columns = [f for f in visible_fields(table) if f.name not in hidden] if self._in_detail(table) else []
        return Entry(
            href=self.cells.href(table.name, *(str(row[c]) for c in table.primary_key)),
            head=head,
            said=said,
            details=self.facts.of(record, columns),
            marks=self.facts.marks(marked.sources, marked) if self.page.is_subject else Markup(),
            voices=marked.row.get("voices") or 0,
            disputed=bool(record.disputed),
            when=self._when(record, day),
        )

    def _when(self, record: Record, day: Field | None) -> Markup:
        """The date an entry stands under; what one source says has its dates among what it says."""
        if day is None or record.table.get("kind") == "as-reported":
            return Markup()
        return self.cells.moment(record.row[day.name], both=self.page.is_subject)

    def _day(self, record: Record) -> Field | None:
        """The date that an entry stands under: that of its state, else the first that puts it on a timeline, else any."""
        state = self.catalogue.state_columns(record.table.name)
        dates_of_state = [f for f in record.table.fields if f.name in state and f.edtf]
        every = [*dates_of_state, *self._dated(record), *(f for f in record.table.fields if f.edtf)]
        return next((f for f in every if record.row.get(f.name)), None)

    def _in_detail(self, table: Table) -> bool:
        """Small print stands on a subject's page and on a source's; elsewhere it is one click away."""
        return table.get("kind") == "as-reported" or (self.page.is_subject and not table.get("label"))

    def _head(self, record: Record, back: set[str]) -> tuple[list[Markup], list[Fact], set[str]]:
        """What an entry says first, the wordings of sources, and the columns used for both."""
        table, row = record.table, record.row
        if table.get("kind") == "as-reported":
            return [self.cells.link(base(table.name), row["id"])], [], {*(self.catalogue.labels(base(table.name)) or ())[:1]}
        head, used = self._names(record)
        said: list[Fact] = []
        subject = table.targets(self.catalogue.subject.name) if self.catalogue.subject else []
        for name in dict.fromkeys([*subject, *table.get("describe", []), *self.catalogue.state_columns(table.name)[:1]]):
            column = table.field(name)
            if name in back | used or row.get(name) is None:
                continue
            used.add(name)
            if column.rule["rule"] in SEPARATORS:
                said.append(self.facts.fact(record, column))
            else:
                head.append(self._in_words(table, column, row[name]))
        return head, said, used

    def _names(self, record: Record) -> tuple[list[Markup], set[str]]:
        """The name of an entry that has one, and of what it points to."""
        table, row = record.table, record.row
        if table.name in self.catalogue.polymorphic:
            is_elsewhere = row["table"] in self.catalogue.tables and row["record"] != self.record.row.get("id")
            return [self.cells.link(row["table"], row["record"])] if is_elsewhere else [], {"table", "record"}
        if table.get("label"):
            return [self.cells.link(table.name, row["id"])], set(self.catalogue.labels(table.name) or ())
        return [], set()

    def _in_words(self, table: Table, column: Field, value: Any) -> Markup:
        """A value that stands without its column's title; a bare number keeps it: Ward 4."""
        html = self.cells.value(table.name, column, value)
        return Markup(f"{self.cells.text(self.lang.of(column.descriptor))} {html}") if str(value).isdigit() else html

    # what is shared

    def beside(self) -> list[dict[str, Any]]:
        """What the record shares with others, as its schema wants it: the case and the co-defendants, who comes before and after."""
        found = []
        for related in (r for r in self.page.related if r.reference.table in self.shared):
            for record in related.found:
                if (far := self._far(record, related.reference)) is not None:
                    found.append(self._shared_with(far, record))
        return found

    def _shared_with(self, far: Record, link: Record) -> dict[str, Any]:
        everyone = self.page.companions.get(far.id, [])
        previous, following = _neighbours(everyone, self.record.id)
        return {
            "link": self.cells.link(far.table.name, far.id),
            "marks": self.facts.marks(link.sources, link),
            "others": [self._companion(row) for row in everyone if row["id"] != self.record.id],
            "previous": self._companion(previous) if previous else None,
            "following": self._companion(following) if following else None,
        }

    def _companion(self, row: Row) -> dict[str, Any]:
        latin, persian = self.catalogue.labels(self.table.name) or ("id", "id")
        state = self.catalogue.states.get(self.table.name, (None,))[0]
        name = (self.lang.persian and row.get(persian)) or row[latin] or row["id"]
        return {
            "href": self.cells.href(self.table.name, row["id"]),
            "name": self.cells.text(name),
            "status": self.cells.category(state, row[state.name]) if state and row.get(state.name) else "",
        }

    def _far(self, record: Record, reference: Reference) -> Record | None:
        """For a row of a table that ties two others together, the record at its other end."""
        if not self.catalogue.is_link(reference.table):
            return None
        far = self.catalogue.far_side(*reference)
        return self.page.far.get((self.catalogue.target(reference.table, far) or "", record.row[far]))


def base(table: str) -> str:
    """The table of records that a table of rows as reported belongs to."""
    return table.removesuffix(AS_REPORTED)


def _neighbours(rows: list[Row], record: str) -> tuple[Row | None, Row | None]:
    before = next((a for a, b in pairwise(rows) if b["id"] == record), None)
    after = next((b for a, b in pairwise(rows) if a["id"] == record), None)
    return before, after
