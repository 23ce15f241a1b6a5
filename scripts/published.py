"""What a server knows of the dataset it serves: the schemas of what is published, read from the catalogue beside the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scripts.catalogue import AS_REPORTED
from scripts.package import Table, View

BOOKKEEPING = ("id", "source", "reports", "voices", "disputed", "note")


@dataclass(frozen=True)
class Published:
    """The published database: its name, tables, views and canned queries, and the warnings that belong to them."""

    database: str
    title: str
    tables: dict[str, Table]
    views: dict[str, View]
    queries: dict[str, dict[str, Any]]
    warnings: dict[str, dict[str, str]] = field(default_factory=dict)
    licences: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Published:
        """From the catalogue that scripts/metadata.py makes for the plugins of the site."""
        return cls(
            config["database"],
            config["title"],
            {name: Table(name, d) for name, d in config["tables"].items()},
            {name: View(name, d) for name, d in config["views"].items()},
            config.get("queries", {}),
            config.get("warnings", {}),
            config.get("licences", []),
        )

    @cached_property
    def records(self) -> dict[str, Table]:
        """The tables of consolidated records."""
        return {t.name: t for t in self.tables.values() if t.get("kind") == "records"}

    def with_role(self, role: str) -> Table | None:
        """The table whose schema gives it that role."""
        return next((t for t in self.tables.values() if t.role == role and t.get("kind") == "plain"), None)

    def marked(self, mark: str) -> dict[str, Table]:
        """The tables of records whose schema says `mark: true`."""
        return {name: t for name, t in self.records.items() if t.get(mark)}

    def reported(self, table: str) -> str:
        """The table that holds the rows as reported behind the records of `table`."""
        return f"{table}{AS_REPORTED}"

    @cached_property
    def pointing(self) -> list[Table]:
        """Tables whose columns `table` and `record` together point to a record of any table, without the rows as reported."""
        return [t for t in self.tables.values() if {"table", "record"} <= set(t.columns) and t.get("kind") != "as-reported"]

    def is_link(self, table: Table) -> bool:
        """Whether a table does nothing but tie records of two others together."""
        own = [c for c in table.columns if c not in BOOKKEEPING]
        return table.name in self.records and len(own) == 2 and set(own) <= {k.field for k in table.foreign_keys}

    def caveats(self, descriptor: Mapping[str, Any]) -> list[str]:
        """The warnings that a schema names, in words."""
        return [self.warnings[w]["text"] for w in descriptor.get("warnings", []) if w in self.warnings]
