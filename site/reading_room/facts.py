"""Facts with their sources: the fields of a record, its notes, and what is gathered from the tables around it."""

from __future__ import annotations

from markupsafe import Markup

from reading_room.catalogue import BOOKKEEPING, NOTE
from reading_room.cells import Cells
from reading_room.model import Fact, Value
from reading_room.records import Dossier
from reading_room.rows import Record
from scripts.package import Field


class Facts:
    """Writes the facts of the records of one page."""

    def __init__(self, page: Dossier, cells: Cells) -> None:
        self.page, self.cells, self.lang, self.catalogue = page, cells, cells.lang, cells.catalogue

    def own(self, record: Record) -> list[Fact]:
        """The record's own fields in the order of the schema, without its name and its state, which head the page, and its notes."""
        table = record.table
        hidden = {*BOOKKEEPING, *self.catalogue.state_columns(table.name)}
        if table.get("kind") in ("records", "plain"):
            hidden |= set(self.catalogue.labels(table.name) or ())
        if table.get("kind") == "as-reported":
            hidden -= {"source"}
        columns = [f for f in table.fields if f.name not in {*hidden, NOTE}]
        return [self.fact(record, f) for f in columns if record.row.get(f.name) not in (None, "")]

    def of(self, record: Record, columns: list[Field]) -> list[Fact]:
        """Those of the columns in which the record has something; notes come last, each with the source it is about."""
        told = [self.fact(record, f) for f in columns if f.name != NOTE and record.row.get(f.name) not in (None, "")]
        notes = self.notes(record)
        return [*told, notes] if notes else told

    def fact(self, record: Record, column: Field) -> Fact:
        pointed = self._pointed(record, column)
        parts = [(record.row[column.name], pointed)] if pointed else self._parts(record, column)
        values = [Value(html, self.marks(record.backing(column, part), record)) for part, html in parts]
        return Fact(self.lang.of(column.descriptor), self.lang.of(column.descriptor, "description"), values, column.name in record.disputed)

    def _parts(self, record: Record, column: Field) -> list[tuple[str, Markup]]:
        if column.edtf:
            return [(part, self.cells.moment(part, both=True)) for part in [record.row[column.name]] if "|" not in part] or self._as_text(record, column)
        return self.cells.values(record.table.name, column, record.row[column.name])

    def _as_text(self, record: Record, column: Field) -> list[tuple[str, Markup]]:
        """A cell in which a source contradicts itself, as it stands."""
        return [(record.row[column.name], self.cells.text(record.row[column.name]))]

    def notes(self, record: Record) -> Fact | None:
        """What a reader should know of each source's row, in full, with the mark of the source."""
        reported = self.catalogue.tables.get(self.catalogue.reported(record.table.name) or record.table.name, record.table)
        if NOTE not in reported.columns:
            return None
        column = reported.field(NOTE)
        noted = [r for r in record.reported or [record.row] if r.get(NOTE)]
        noted.sort(key=lambda r: self.page.evidence.numbers.get(r.get("source", ""), 0))
        values = [Value(self.cells.text(r[NOTE]), self.marks([r["source"]] if "source" in r else [], record)) for r in noted]
        return Fact(self.lang.of(column.descriptor), self.lang.of(column.descriptor, "description"), values) if values else None

    def _pointed(self, record: Record, column: Field) -> Markup | None:
        """In tables that point to records of any table: the table by its title, the record by its name."""
        if record.table.name not in self.catalogue.polymorphic or record.row["table"] not in self.catalogue.tables:
            return None
        if column.name == "table":
            return self.cells.text(self.lang.of(self.catalogue.tables[record.row["table"]].descriptor))
        return self.cells.link(record.row["table"], record.row["record"]) if column.name == "record" else None

    def gathered(self) -> list[Fact]:
        """Columns of other tables that sum up a record, as its schema lists them: courts, judges, offences of a person."""
        wanted = self.page.record.table.get("page", {}).get("through", []) if self.page.is_subject else []
        return [f for reference in wanted if (f := self._gather(*reference.split("."))).values]

    def _gather(self, table: str, column: str) -> Fact:
        described = self.catalogue.tables[table].field(column)
        target = self.catalogue.target(table, column) or ""
        backing: dict[str, list[str]] = {}
        for related in (r for r in self.page.related if r.reference.table == table):
            for record in related.found:
                if value := record.row.get(column):
                    backing.setdefault(value, []).extend(record.backing(described, value))
        ranked = sorted(backing, key=lambda v: (-self.page.evidence.voices(backing[v]), v))
        back = self.catalogue.tables[table].targets(self.page.record.table.name)[0]
        all_at = f"{self.cells.href(table)}?{back}={self.page.record.id}"
        values = [Value(self.cells.link(target, v), self.page.evidence.marks(backing[v], self.lang, all_at), self._tags(target, v)) for v in ranked]
        return Fact(self.lang.of(described.descriptor), self.lang.of(described.descriptor, "description"), values)

    def _tags(self, table: str, record: str) -> list[Markup]:
        tags = []
        for reference, value in self.page.tags.get((table, record), []):
            other, column = reference.split(".")
            tags.append(self.cells.category(self.catalogue.tables[other].field(column), value))
        return tags

    def marks(self, sources: list[str], record: Record) -> Markup:
        return self.page.evidence.marks(sources, self.lang, self.reported_at(record))

    def reported_at(self, record: Record) -> str:
        """Where all rows behind a record are."""
        reported = self.catalogue.reported(record.table.name)
        return f"{self.cells.href(reported)}?id={record.id}" if reported else "#sources"
