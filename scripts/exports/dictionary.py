"""The data dictionary as a table: a row for every column of every published table, from the schemas."""

from __future__ import annotations

import polars as pl

from scripts.package import Field, Table

NAME = "data_dictionary"
TABLE = Table(
    NAME,
    {
        "kind": "dictionary",
        "file": "data-dictionary",
        "title": "Data dictionary",
        "title_fa": "واژه‌نامهٔ داده",
        "summary": "Every column of every table in this package.",
        "row": "One column of one table.",
        "primaryKey": ["table", "column"],
        "fields": [
            {"name": "table", "title_fa": "جدول", "type": "string", "description": "The table."},
            {"name": "column", "title_fa": "ستون", "type": "string", "description": "The column."},
            {"name": "title", "title_fa": "عنوان", "type": "string", "description": "What the column is called in English."},
            {"name": "title_fa", "title_fa": "عنوان فارسی", "type": "string", "description": "What the column is called in Persian."},
            {"name": "type", "title_fa": "نوع", "type": "string", "description": "Its type: string, integer, number, boolean, or date (EDTF)."},
            {"name": "key", "title_fa": "کلید", "type": "string", "description": "primary, for a column of the primary key; or the table it refers to."},
            {"name": "values", "title_fa": "مقدارها", "type": "string", "description": "The values of a closed vocabulary, each with its meaning."},
            {"name": "values_fa", "title_fa": "مقدارها به فارسی", "type": "string", "description": "The same values with their Persian names and meanings."},
            {"name": "description", "title_fa": "شرح", "type": "string", "description": "What the column holds."},
            {"name": "description_fa", "title_fa": "شرح به فارسی", "type": "string", "description": "The same in Persian."},
        ],
    },
)  # fmt: skip


def dictionary(tables: dict[str, Table]) -> pl.DataFrame:
    """The rows of the dictionary, table by table, columns in the order of the files."""
    rows = [_row(table, field) for table in tables.values() for field in table.fields]
    return pl.DataFrame(rows, schema=dict.fromkeys(TABLE.columns, pl.String), orient="row")


def _row(table: Table, field: Field) -> list[str | None]:
    targets = [k.target for k in table.foreign_keys if k.field == field.name]
    key = "; ".join((["primary"] if field.name in table.primary_key else []) + targets)
    values = "; ".join(f"{c['value']} = {c['label']}: {c['description']}" for c in field.categories)
    values_fa = "; ".join(f"{c['value']} = {c['label_fa']}: {c.get('description_fa', '')}".removesuffix(": ") for c in field.categories if "label_fa" in c)
    kind = "date" if field.edtf else field.type
    named = [table.name, field.name, field.title, field.descriptor.get("title_fa"), kind, key, values, values_fa]
    return [cell or None for cell in [*named, field.description, field.descriptor.get("description_fa")]]
