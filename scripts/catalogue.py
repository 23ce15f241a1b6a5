"""Which tables are published, with which columns: derived from the schemas alone, for loading, documenting and serving."""

from __future__ import annotations

from typing import Any

from scripts.package import DERIVED, Field, Package, Table, View, derived_tables, read_yaml

AS_REPORTED = "_as_reported"
# what consolidation adds to every record
RECORD_FIELDS: list[dict[str, Any]] = [
    {"name": "reports", "title": "Reports", "title_fa": "شمار گزارش‌ها", "type": "integer", "description": "How many source rows tell of this record.",
     "description_fa": "شمار ردیف‌های منابع که از این رکورد می‌گویند."},
    {"name": "voices", "title": "Voices", "title_fa": "شمار صداها", "type": "integer", "description": "How many independent voices are among them.",
     "description_fa": "شمار صداهای مستقل در میان آن‌ها."},
    {"name": "disputed", "title": "Disputed", "title_fa": "موارد اختلاف", "type": "string",
     "description": 'The fields on which sources contradict each other, separated by "; "; the table disagreements has the values.',
     "description_fa": "ستون‌هایی که منابع دربارهٔ آن‌ها با هم ناسازگارند، جداشده با «; »؛ مقدارها در جدول disagreements است."},
]  # fmt: skip


def published_tables(package: Package) -> dict[str, Table]:
    """Every published table by name, in reading order: records, the rows as reported, and what the engine derives.

    Each is a Table whose descriptor has `kind`: records, as-reported, plain or derived.
    """
    tables = {t.name: _records(t) if t.is_observed else _plain(t) for t in package.tables.values()}
    tables |= {f"{t.name}{AS_REPORTED}": _as_reported(t) for t in package.observed}
    for name, table in derived_tables().items():
        tables[name] = Table(name, {**table.descriptor, "kind": "derived", "foreignKeys": _derived_keys(package, table)})
    return tables


def published_views(package: Package) -> dict[str, View]:
    """Every published view by name: the package's own, and `claims`, which makes one row of every cell as reported."""
    claims = {**read_yaml(DERIVED / "views" / "claims.yaml"), "sql": _claims_sql(package)}
    return {"claims": View("claims", claims), **package.views}


def _claims_sql(package: Package) -> str:
    selects = [
        f"select '{t.name}' as \"table\", id as record, '{f.name}' as field, {_as_text(f)} as value, source "
        f'from "{t.name}{AS_REPORTED}" where "{f.name}" is not null'
        for t in package.observed
        for f in t.fields[2:]
    ]
    return "\nunion all ".join(selects)


def _as_text(field: Field) -> str:
    """The SQL of a cell as its source row has it, whatever its type."""
    if field.type == "boolean":
        return f"iif(\"{field.name}\", 'true', 'false')"
    return f'"{field.name}"' if field.type == "string" else f'cast("{field.name}" as text)'


def _records(table: Table) -> Table:
    descriptor = {
        **table.descriptor,
        "kind": "records",
        "primaryKey": ["id"],
        "fields": [f.descriptor for f in table.fields if f.name != "source" and f.is_published] + RECORD_FIELDS,
        "foreignKeys": [k for k in table.get("foreignKeys", []) if k["fields"] not in ("source", ["source"])],
    }
    return Table(table.name, descriptor)


def _plain(table: Table) -> Table:
    return Table(table.name, {**table.descriptor, "kind": "plain", "primaryKey": table.primary_key})


def _as_reported(table: Table) -> Table:
    title = f"{table.get('title')}, as reported"
    descriptor = {
        **table.descriptor,
        "kind": "as-reported",
        "title": title,
        "title_fa": f"{table.get('title_fa', table.get('title'))}، به گزارش منابع",
        "summary": f"What each source says: the rows from which the table {table.name} is made.",
        "summary_fa": f"گفتهٔ هر منبع: ردیف‌هایی که جدول «{table.get('title_fa', table.name)}» از آن‌ها ساخته شده است.",
        "row": f"What one source says about one record of {table.name}.",
        "row_fa": f"گفتهٔ یک منبع دربارهٔ یک رکورد از «{table.get('title_fa', table.name)}».",
        "foreignKeys": [_key("id", table.name), *(_key(k.field, k.target) for k in table.foreign_keys)],
    }
    return Table(f"{table.name}{AS_REPORTED}", descriptor)


def _derived_keys(package: Package, table: Table) -> list[dict[str, Any]]:
    """A column of a derived table that is named like the references to the subject table refers to it."""
    if package.subject is None:
        return []
    references = {k.field for t in package.tables.values() for k in t.foreign_keys if k.target == package.subject.name}
    names = [c for c in table.columns if c in references]
    return [_key(c, package.subject.name) for c in names]


def _key(field: str, target: str) -> dict[str, Any]:
    return {"fields": field, "reference": {"resource": target, "fields": "id"}}
