"""Read a source package: datapackage.yaml and the table schemas it names. The schemas are the program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from scripts.contact import contact_of, is_address

DERIVED = Path(__file__).parent / "derived"
CONTRADICTION = " | "  # parts the values of a source that contradicts itself
UNION = "; "  # parts the values of a cell that may hold several
WORDINGS = " / "  # parts the wordings of different sources where all are shown


class PackageError(Exception):
    """The package or one of its schemas cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Field:
    """One column: a Table Schema field and its documented extra properties (docs/schema.md)."""

    descriptor: dict[str, Any]

    @cached_property
    def name(self) -> str:
        return self.descriptor["name"]

    @cached_property
    def type(self) -> str:
        return self.descriptor.get("type", "string")

    @property
    def title(self) -> str:
        return self.descriptor.get("title", self.name)

    @property
    def description(self) -> str:
        return self.descriptor.get("description", "")

    @property
    def constraints(self) -> dict[str, Any]:
        return self.descriptor.get("constraints", {})

    @property
    def required(self) -> bool:
        return bool(self.constraints.get("required"))

    @cached_property
    def edtf(self) -> bool:
        return bool(self.descriptor.get("edtf"))

    @cached_property
    def categories(self) -> list[dict[str, str]]:
        return self.descriptor.get("categories", [])

    @cached_property
    def rule(self) -> dict[str, Any]:
        """How rows are merged, as `{"rule": name, …}`; `most-reported` where the schema is silent."""
        declared = self.descriptor.get("consolidate", "most-reported")
        return declared if isinstance(declared, dict) else {"rule": declared}

    @property
    def separator(self) -> str | None:
        """What parts the values of a published cell that holds several; None where it holds one."""
        return {"union": UNION, "wordings": WORDINGS}.get(self.rule["rule"])

    @property
    def is_published(self) -> bool:
        """Whether records have the field; if not, it stands in the rows as reported only."""
        return self.rule["rule"] != "none"

    @property
    def may_contradict(self) -> bool:
        """Whether one source may give several values, parted by ` | `: free text and dates only."""
        return self.type == "string" and not ({"enum", "pattern"} & set(self.constraints))


@dataclass(frozen=True)
class ForeignKey:
    """Column `field` holds the `id` of a row of table `target`."""

    field: str
    target: str


@dataclass(frozen=True)
class Table:
    """One table: its schema, and the CSV file of its source rows (none for derived tables)."""

    name: str
    descriptor: dict[str, Any]
    path: Path | None = None

    @cached_property
    def fields(self) -> list[Field]:
        return [Field(d) for d in self.descriptor["fields"]]

    @cached_property
    def columns(self) -> list[str]:
        return [f.name for f in self.fields]

    @cached_property
    def primary_key(self) -> list[str]:
        key = self.descriptor.get("primaryKey", [])
        return [key] if isinstance(key, str) else list(key)

    @cached_property
    def foreign_keys(self) -> list[ForeignKey]:
        return [ForeignKey(_only(key["fields"]), key["reference"]["resource"] or self.name) for key in self.descriptor.get("foreignKeys", [])]

    @property
    def role(self) -> str:
        """What the engine does with it: observations, publishers, sources, decisions, retirements or derived."""
        return self.descriptor.get("role", "observations")

    @property
    def is_observed(self) -> bool:
        return self.role == "observations"

    def get(self, key: str, default: Any = None) -> Any:
        return self.descriptor.get(key, default)

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    def field(self, name: str) -> Field:
        return self._by_name[name]

    def targets(self, table: str) -> list[str]:
        """The columns that refer to `table`."""
        return [key.field for key in self.foreign_keys if key.target == table]


@dataclass(frozen=True)
class View:
    """A SQL view over the published tables, for a question that is asked often."""

    name: str
    descriptor: dict[str, Any]

    @cached_property
    def fields(self) -> list[Field]:
        """Its columns in order. `columns` gives each a description (of a text column), or the properties that a field of a table has."""
        declared = {n: d if isinstance(d, dict) else {"description": d} for n, d in self.descriptor.get("columns", {}).items()}
        return [Field({"name": name, "type": "string", **properties}) for name, properties in declared.items()]


@dataclass(frozen=True)
class Package:
    """A source package. `root` is the folder that all its paths are relative to."""

    root: Path
    descriptor: dict[str, Any]
    tables: dict[str, Table]
    views: dict[str, View]

    @property
    def name(self) -> str:
        return self.descriptor["name"]

    @property
    def warnings(self) -> dict[str, dict[str, str]]:
        return self.descriptor.get("warnings", {})

    @cached_property
    def observed(self) -> list[Table]:
        return [t for t in self.tables.values() if t.is_observed]

    def with_role(self, role: str) -> Table | None:
        return next((t for t in self.tables.values() if t.role == role), None)

    @cached_property
    def sources(self) -> Table:
        return self._one("sources")

    @cached_property
    def publishers(self) -> Table:
        return self._one("publishers")

    @cached_property
    def subject(self) -> Table | None:
        """The table a timeline is about: the one whose schema says `subject: true`."""
        return next((t for t in self.tables.values() if t.get("subject")), None)

    def _one(self, role: str) -> Table:
        table = self.with_role(role)
        if table is None:
            raise PackageError(f"{self.root}: no table has `role: {role}`; every package needs one")
        return table


def load_package(path: Path) -> Package:
    """Read the package descriptor at `path` and every schema it names.

    Raises PackageError where a file is missing, is not YAML or lacks what the engine needs.
    """
    root = path.resolve().parent
    descriptor = read_yaml(path)
    tables = {}
    for resource in descriptor.get("resources", []):
        schema = read_yaml(root / resource["schema"])
        if not isinstance(schema.get("fields"), list):
            raise PackageError(f"{resource['schema']}: has no list of `fields`")
        tables[resource["name"]] = Table(resource["name"], schema, root / resource["path"])
    package = Package(root, descriptor, tables, _views(root))
    _check(package)
    return package


def derived_tables() -> dict[str, Table]:
    """The tables that the engine makes itself (disagreements, names, timeline, build_info), by name."""
    return {p.stem: Table(p.stem, read_yaml(p)) for p in sorted(DERIVED.glob("*.yaml"))}


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises PackageError with file, line and column where it is not one."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackageError(f"{path}: cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise PackageError(f"{path}: is not YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise PackageError(f"{path}: holds no mapping")
    return loaded


def _views(root: Path) -> dict[str, View]:
    return {p.stem: View(p.stem, read_yaml(p)) for p in sorted((root / "views").glob("*.yaml"))}


def _check(package: Package) -> None:
    """Refuse a package whose schemas contradict each other, all problems at once."""
    contact = contact_of(package.descriptor)
    problems = [f"`contact` is {contact!r}, and neither an e-mail nor an https address"] if contact and not is_address(contact) else []
    for table in package.tables.values():
        problems += [f"schema of {table.name}: {p}" for p in _schema_problems(package, table)]
    if problems:
        raise PackageError("\n".join(problems))


def _schema_problems(package: Package, table: Table) -> list[str]:
    known, problems = set(table.columns), []
    if table.is_observed and table.primary_key != ["id", "source"]:
        problems.append("an observation table needs `primaryKey: [id, source]`")
    for key in ("facets", "search", "describe"):
        problems += [f"`{key}` names {c!r}, which is no column" for c in table.get(key, []) if c not in known]
    problems += [f"foreign key to {k.target!r}, which is no table" for k in table.foreign_keys if k.target not in package.tables]
    problems += [f"warning {w!r} is not in datapackage.yaml" for w in table.get("warnings", []) if w not in package.warnings]
    for field in table.fields:
        if [c["value"] for c in field.categories] != list(field.constraints.get("enum", [])):
            problems.append(f"`categories` of {field.name} do not explain its `enum` value by value")
    return problems


def _only(fields: str | list[str]) -> str:
    return fields if isinstance(fields, str) else fields[0]
