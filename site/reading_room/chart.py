"""One chart: what its YAML declares, the rows that its query gave, and what they are called in a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from reading_room.cells import Cells
from reading_room.rows import Row

NARROW = 360  # the width of a picture for a phone


@dataclass
class Cell:
    """A cell of the table that says the same as the picture."""

    html: Markup
    number: bool = False


Table = tuple[list[str], list[list[Cell]]]


@dataclass
class Chart:
    """A chart in one language; `places` is what a map needs besides its rows."""

    name: str
    spec: Mapping[str, Any]
    cells: Cells
    rows: list[Row] = field(default_factory=list)
    facts: Row = field(default_factory=dict)

    @property
    def lang(self) -> Any:
        return self.cells.lang

    @property
    def kind(self) -> str:
        return self.spec["kind"]

    @property
    def title(self) -> str:
        """What is seen, with the numbers that the chart's `facts` ask of the database."""
        return self.lang.of(self.spec).format(**{k: self._fact(v) for k, v in self.facts.items()})

    def _fact(self, value: Any) -> str:
        """Numbers are written as such, texts (years) only with the digits of the language."""
        return self.lang.digits(value) if isinstance(value, str) else self.lang.number(value or 0)

    def told(self, key: str) -> str:
        return self.lang.of(self.spec, key)

    def column(self, role: str) -> str:
        """The name of the column that plays a role: `x`, `value`, `label`…"""
        declared = self.spec[role]
        return declared["column"] if isinstance(declared, dict) else declared

    def value(self, role: str, row: Row) -> Any:
        return row[self.column(role)]

    def heading(self, role: str) -> str:
        """A role's column in words: as the chart names it, or the table or field that its values are from."""
        declared = self.spec[role]
        if not isinstance(declared, dict):
            return self.told(f"{role}_title") or self.told("axis")
        table = self.cells.catalogue.tables[declared["table"]]
        return self.lang.of(table.field(declared["field"]).descriptor if "field" in declared else table.descriptor)

    def words(self, role: str, row: Row) -> str:
        """What a row has in a role, as text: the label of a code, the name of a record."""
        declared, value = self.spec[role], self.value(role, row)
        if value is None:
            return self.lang.say("none")
        if not isinstance(declared, dict):
            return str(value)
        if "field" in declared:
            known = next((c for c in self.cells.catalogue.tables[declared["table"]].field(declared["field"]).categories if c["value"] == value), None)
            return self.lang.of(known, "label") if known else str(value)
        return self.cells.labels.get((declared["table"], str(value))) or str(value)

    def html(self, role: str, row: Row) -> Markup:
        """The same as HTML: a record with a link to its page."""
        declared, value = self.spec[role], self.value(role, row)
        if isinstance(declared, dict) and "field" not in declared and value is not None:
            return self.cells.link(declared["table"], str(value))
        return self.cells.text(self.words(role, row))

    def number(self, value: float) -> Cell:
        return Cell(escape(self.lang.number(value)), number=True)

    def digits(self, text: object) -> str:
        return self.lang.digits(str(text))


def mentioned(spec: Mapping[str, Any], rows: list[Row]) -> set[tuple[str, str]]:
    """The records that the rows of a chart name."""
    roles = [d for d in spec.values() if isinstance(d, dict) and "table" in d and "field" not in d]
    return {(d["table"], str(row[d["column"]])) for d in roles for row in rows if row.get(d["column"])}
