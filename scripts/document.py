"""The data dictionary, written from the schemas: every table, view and column in one Markdown page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.catalogue import AS_REPORTED, published_tables, published_views
from scripts.package import Field, Package, Table

DICTIONARY = "docs/data-dictionary.md"
RULES = {
    "most-reported": "most voices",
    "union": "all values",
    "wording": "most used wording",
    "wordings": "all wordings",
    "latest": "latest, an end stands",
    "furthest": "furthest state",
    "none": "as reported only",
}
INTRODUCTION = """# Data dictionary

Written by `make docs` from `schema/`, `views/` and `scripts/derived/`; a test refuses it when it has drifted. Every table is at
`/{name}/TABLE` on the site, in the API with `.json` behind it, and in every snapshot. For each table of records there is one with
`{suffix}` behind its name: the same columns and `source`, one row for what each source says. How several rows become one record is
told in [the method](methodology.md); the column *Merged by* names the rule.
"""


def data_dictionary(package: Package) -> str:
    """The whole page, as Markdown."""
    tables = [t for t in published_tables(package).values() if t.get("kind") != "as-reported"]
    parts = [INTRODUCTION.format(name=package.name, suffix=AS_REPORTED), "## Caveats\n", *_caveats(package), "\n## Tables\n"]
    parts += [f"- [{t.name}](#{t.name}): {t.get('summary')}" for t in tables]
    parts += [f"- [{v.name}](#{v.name}) (view): {v.descriptor['summary']}" for v in published_views(package).values()]
    for table in tables:
        parts += ["", *_section(table, table.descriptor), *_columns(table), *_vocabularies(table)]
    for view in published_views(package).values():
        columns = [(f.name, f.description) for f in view.fields]
        parts += ["", *_section(view, view.descriptor), "| Column | Meaning |", "| --- | --- |", *(f"| `{c}` | {_cell(d)} |" for c, d in columns)]
    return "\n".join(parts) + "\n"


def _caveats(package: Package) -> Iterator[str]:
    yield from (f"- **{name}**: {warning['text']}" for name, warning in package.warnings.items())


def _section(item: Any, descriptor: dict[str, Any]) -> Iterator[str]:
    yield f"## {item.name}\n"
    yield f"**{descriptor.get('title', item.name)}.** {descriptor.get('summary', '')}\n"
    yield f"*One row:* {descriptor.get('row', '')} *How counted:* {descriptor.get('counting', '')}\n"
    if warnings := descriptor.get("warnings"):
        yield f"*Caveats:* {', '.join(warnings)}.\n"


def _columns(table: Table) -> Iterator[str]:
    records = table.get("kind") == "records"
    yield "| Column | Type | Meaning |" + (" Merged by |" if records else "")
    yield "| --- | --- | --- |" + (" --- |" if records else "")
    references = {k.field: k.target for k in table.foreign_keys}
    for field in table.fields:
        meaning = _cell(field.description) + (f" → [{references[field.name]}](#{references[field.name]})" if field.name in references else "")
        yield f"| `{field.name}` | {_type(field)} | {meaning} |" + (f" {_rule(field)} |" if records else "")


def _type(field: Field) -> str:
    return "date (EDTF)" if field.edtf else field.type


def _rule(field: Field) -> str:
    return "" if field.name in ("id", "reports", "voices", "disputed") else RULES[field.rule["rule"]]


def _vocabularies(table: Table) -> Iterator[str]:
    for field in [f for f in table.fields if f.categories]:
        yield f"\n`{field.name}`:\n"
        yield from (f"- `{c['value']}`: {c['label']}. {c['description']}" for c in field.categories)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
