"""Prove whole tables clean, column by column: what Frictionless checks row by row, over distinct values only.

It only answers yes or no. A table that is not proven clean is read again by Frictionless, which explains every error; a differential
test shows that both always agree.
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

from scripts.checks import before
from scripts.frames import LINE
from scripts.package import Field, Table
from scripts.rules import FEW_DIGITS, LONGEST_CELL, PLAIN, clean_text, judge_for, no_private_data, rules_for

TYPES = {"string", "integer", "number", "boolean"}
CONSTRAINTS = {"required", "enum", "pattern", "minimum", "maximum"}


def is_clean(table: Table, frame: pl.DataFrame) -> bool:
    """Whether the rows of a table (as read by frames.py) break no constraint, key, rule or order of dates of its schema.

    False also where the schema uses a type or constraint that is not known here.
    """
    rows = frame.drop(LINE)
    return (
        all(_is_known(f) and _is_column_clean(f, rows[f.name]) for f in table.fields)
        and _has_unique_keys(table, rows)
        and not rows.select(pl.all_horizontal(pl.all().is_null()).any()).item()
        and all(_is_in_order(rows, a, b) for a, b in table.get("order", []))
    )


def _is_known(field: Field) -> bool:
    return field.type in TYPES and set(field.constraints) <= CONSTRAINTS


def _is_column_clean(field: Field, column: pl.Series) -> bool:
    if field.required and column.null_count():
        return False
    values = column.drop_nulls().unique()
    return _meets_constraints(field, values) and _passes_rules(field, values) and _is_in_range(field, values)


def _meets_constraints(field: Field, values: pl.Series) -> bool:
    constraints = field.constraints
    if "enum" in constraints and not set(values) <= set(constraints["enum"]):
        return False
    if "pattern" in constraints and not all(map(re.compile(constraints["pattern"]).fullmatch, values)):
        return False
    return field.type != "boolean" or set(values) <= {*field.descriptor["trueValues"], *field.descriptor["falseValues"]}


def _passes_rules(field: Field, values: pl.Series) -> bool:
    """Whether our rules refuse no value; where they ask for clean text only, most values are told to be that all at once."""
    if set(rules_for(field)) <= {clean_text, no_private_data}:
        values = values.filter(
            ~(values.str.contains(f"^{PLAIN}$") & (values.str.len_bytes() <= LONGEST_CELL) & (values.str.count_matches("[0-9]") <= FEW_DIGITS))
        )
    judge = judge_for(field)
    return not any(map(judge, values))


def _is_in_range(field: Field, values: pl.Series) -> bool:
    low, high = field.constraints.get("minimum"), field.constraints.get("maximum")
    if low is None and high is None:
        return True
    return all((low is None or number >= low) and (high is None or number <= high) for number in map(Decimal, values))


def _has_unique_keys(table: Table, rows: pl.DataFrame) -> bool:
    return not rows.select(table.primary_key).is_duplicated().any()


def _is_in_order(rows: pl.DataFrame, earlier: str, later: str) -> bool:
    pairs = rows.select(earlier, later).drop_nulls().unique().rows()
    return not any(before(b, a) for a, b in pairs)
