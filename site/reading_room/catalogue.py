"""What is published, as the pages need it: tables with their references to each other, read from Datasette's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from scripts.catalogue import AS_REPORTED
from scripts.package import Field, Table

BOOKKEEPING = ("id", "source", "reports", "voices", "disputed")
NOTE = "note"


class Reference(NamedTuple):
    """A column of a table that holds ids of another."""

    table: str
    column: str


@dataclass(frozen=True)
class Catalogue:
    """The published database: its name, its tables and views, and the warnings that belong to them."""

    config: Mapping[str, Any]
    tables: dict[str, Table] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Catalogue:
        return cls(config, {name: Table(name, d) for name, d in config.get("tables", {}).items()})

    @property
    def database(self) -> str:
        return self.config["database"]

    @property
    def views(self) -> dict[str, dict[str, Any]]:
        return self.config.get("views", {})

    @property
    def questions(self) -> dict[str, dict[str, Any]]:
        """The canned queries of metadata.yml."""
        return self.config.get("queries", {})

    @property
    def warnings(self) -> dict[str, dict[str, str]]:
        return self.config.get("warnings", {})

    @cached_property
    def subject(self) -> Table | None:
        """The table that the dataset is about."""
        return next((t for t in self.records if t.get("subject")), None)

    @cached_property
    def records(self) -> list[Table]:
        """The tables of records, without the rows as reported and what the engine derives."""
        return [t for t in self.tables.values() if t.get("kind") in ("records", "plain")]

    def with_role(self, role: str) -> Table | None:
        return self._roles.get(role)

    @cached_property
    def _roles(self) -> dict[str, Table]:
        return {t.role: t for t in reversed(self.records)}  # of several the first

    def reported(self, table: str) -> str | None:
        """The table that holds the rows as reported behind the records of `table`."""
        name = f"{table}{AS_REPORTED}"
        return name if name in self.tables else None

    def target(self, table: str, column: str) -> str | None:
        """The table whose ids `column` holds."""
        return self._targets.get((table, column))

    @cached_property
    def _targets(self) -> dict[tuple[str, str], str]:
        return {(t.name, k.field): k.target for t in self.tables.values() for k in t.foreign_keys}

    @cached_property
    def references(self) -> dict[str, list[Reference]]:
        """Who refers to each table, in reading order; rows as reported only count as what a source says."""
        found: dict[str, list[Reference]] = {name: [] for name in self.tables}
        for table in self.tables.values():
            for key in table.foreign_keys:
                if self._shown_as_reference(table, key.field):
                    found[key.target].append(Reference(table.name, key.field))
        return found

    def _shown_as_reference(self, table: Table, column: str) -> bool:
        kind = table.get("kind")
        return kind in ("records", "plain") or (kind == "as-reported" and column == "source")

    def is_link(self, table: str) -> bool:
        """Whether a table does nothing but tie records of two others together."""
        return table in self._links

    @cached_property
    def _links(self) -> set[str]:
        found = set()
        for table in (t for t in self.records if t.get("kind") == "records"):
            fields = [f.name for f in table.fields if f.name not in (*BOOKKEEPING, NOTE)]
            if len(fields) == 2 and all(self.target(table.name, f) for f in fields):
                found.add(table.name)
        return found

    def far_side(self, table: str, column: str) -> str:
        """In a table that ties two others together, the column opposite to `column`."""
        return next(f.name for f in self.tables[table].fields if f.name not in (*BOOKKEEPING, NOTE, column))

    def labels(self, table: str) -> tuple[str, str] | None:
        """The columns that name a record of `table`: in Latin letters, and in Persian ones where there are such."""
        return self._labels[table]

    @cached_property
    def _labels(self) -> dict[str, tuple[str, str] | None]:
        persian = {name: next((f.name for f in t.fields if f.descriptor.get("script") == "persian"), None) for name, t in self.tables.items()}
        return {name: (label, persian[name] or label) if (label := t.get("label")) else None for name, t in self.tables.items()}

    @cached_property
    def states(self) -> dict[str, tuple[Field, str]]:
        """By table, the column that says what state a record is in, and the one that says since when."""
        found = {name: next((f for f in t.fields if f.rule["rule"] == "latest"), None) for name, t in self.tables.items()}
        return {name: (f, f.rule["date"]) for name, f in found.items() if f}

    def state_columns(self, table: str) -> tuple[str, ...]:
        """Both columns by name; none for a table whose records have no state."""
        return (self.states[table][0].name, self.states[table][1]) if table in self.states else ()

    @cached_property
    def dated(self) -> dict[str, list[Field]]:
        """By table, the columns that put a record on a timeline."""
        return {name: [f for f in t.fields if "timeline" in f.descriptor] for name, t in self.tables.items()}

    @cached_property
    def polymorphic(self) -> set[str]:
        """Tables whose columns `table` and `record` together point to a record of any table."""
        return {t.name for t in self.tables.values() if {"table", "record"} <= set(t.columns)}


def visible_fields(table: Table) -> list[Field]:
    """The fields that tell something of a record: all but its id, its source and what consolidation adds."""
    return [f for f in table.fields if f.name not in BOOKKEEPING]
