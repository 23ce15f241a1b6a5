"""Frictionless checks for what the Table Schema standard cannot say: our cell rules, and dates in order within a row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

import attrs
from frictionless import Check, errors
from frictionless.table import Row

from scripts import dates
from scripts.package import CONTRADICTION, Table
from scripts.rules import judge_for, rules_for


class CellRuleError(errors.CellError):
    """A cell breaks one of the rules in scripts/rules.py; the note says which and what right looks like."""

    type = "cell-rule"
    title = "Cell Rule Error"
    description = "A cell breaks a rule that its schema declares"
    template = 'Cell of field "{fieldName}" in row "{rowNumber}" {note}'


@attrs.define(kw_only=True, repr=False)
class CellRules(Check):
    """Every non-empty cell passes the rules that its field declares (edtf, script, url, clean text, no private data)."""

    type = "cell-rules"
    Errors: ClassVar[list[Any]] = [CellRuleError]

    table: Table

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()  # type: ignore[no-untyped-call]
        self._columns = [(i, f.name, lru_cache(maxsize=65536)(judge_for(f))) for i, f in enumerate(self.table.fields) if rules_for(f)]

    def validate_row(self, row: Row) -> Iterator[errors.CellError]:
        cells = row.cells
        for index, name, judge in self._columns:
            if cells[index]:
                for note in judge(cells[index]):
                    yield _error(row, index, name, note)


@attrs.define(kw_only=True, repr=False)
class DateOrder(Check):
    """Within one row, `later` is not before `earlier`, as far as partial dates can tell."""

    type = "date-order"
    Errors: ClassVar[list[Any]] = [CellRuleError]

    earlier: str
    later: str
    index: int

    def validate_row(self, row: Row) -> Iterator[errors.CellError]:
        if before(row[self.later], row[self.earlier]):
            yield _error(row, self.index, self.later, f'is before {self.earlier}, "{row[self.earlier]}"; one of the two is wrong')


def checks_for(table: Table) -> list[Check]:
    """All our checks for the rows of a table."""
    pairs = [DateOrder(earlier=a, later=b, index=table.columns.index(b)) for a, b in table.get("order", [])]
    return [CellRules(table=table), *pairs]


def before(later: str | None, earlier: str | None) -> bool:
    """Whether `later` can only lie before `earlier`; False where either is empty or no date.

    Of contradicting values the most favourable pair counts: only what no reading allows is an error.
    """
    if not later or not earlier or any(map(dates.problem, (parts := [*_parts(later), *_parts(earlier)]))):
        return False
    return bool(parts) and max(dates.parse(t).latest for t in _parts(later)) < min(dates.parse(t).earliest for t in _parts(earlier))


def _parts(text: str) -> list[str]:
    return text.split(CONTRADICTION)


def _error(row: Row, index: int, name: str, note: str) -> errors.CellError:
    return CellRuleError(
        note=note, cells=[c or "" for c in row.cells], row_number=row.row_number, cell=row.cells[index], field_name=name, field_number=index + 1
    )
