"""Everything in one spreadsheet file: a sheet on the package, the dictionary in two languages, and a sheet per table."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from scripts.exports.content import Content
from scripts.exports.dictionary import TABLE as DICTIONARY
from scripts.package import Field, Table

MOST_ROWS = 1_048_575  # of a sheet, beside its header
LONGEST_CELL = 32_767
WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
WIDTHS = {"integer": 10, "number": 12, "boolean": 10}


class Workbook:
    """An XLSX file that is written sheet after sheet; the same content gives the same bytes."""

    def __init__(self, path: Path, content: Content):
        self.book = xlsxwriter.Workbook(str(path), SAFE)
        created = datetime.fromtimestamp(content.version.seconds, UTC).replace(tzinfo=None)
        self.book.set_properties({"title": content.title, "subject": f"Version {content.version.name}", "created": created})
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.persian = self.book.add_format({"align": "right", "reading_order": 2})
        self.prose = self.book.add_format({"text_wrap": True, "valign": "top"})

    def close(self) -> None:
        self.book.close()

    def add_about(self, lines: list[str]) -> None:
        """The first sheet: what this is, one line per row."""
        sheet = self.book.add_worksheet("about")
        sheet.set_column(0, 0, 110, self.prose)
        for number, line in enumerate(lines):
            sheet.write_string(number, 0, line, self.head if number == 0 else self.prose)

    def add_table(self, table: Table, frame: pl.DataFrame) -> None:
        """A sheet with the rows of a table. A table longer than a sheet can be is left out, and the sheet says where it is."""
        sheet = self._sheet(table.name[:31], table.fields, table.columns)
        if frame.height > MOST_ROWS:
            sheet.write_string(1, 0, f"This table has {frame.height} rows, more than a sheet can hold: read its CSV or Parquet file.")
            return
        self._fill(sheet, table.fields, frame)

    def add_persian_dictionary(self, frame: pl.DataFrame) -> None:
        """The dictionary with Persian headings, right to left."""
        fields = [DICTIONARY.field(n) for n in ("table", "column", "title_fa", "description_fa", "values_fa")]
        sheet = self._sheet("راهنما", fields, [f.descriptor["title_fa"] for f in fields])
        sheet.right_to_left()
        self._fill(sheet, fields, frame.select(f.name for f in fields))

    def _sheet(self, name: str, fields: list[Field], headings: list[str]) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, (field, heading) in enumerate(zip(fields, headings, strict=True)):
            style = self.persian if field.descriptor.get("script") == "persian" else None
            sheet.set_column(column, column, WIDTHS.get(field.type, 12 if field.edtf else 24), style)
            sheet.write_string(0, column, heading, self.head)
        return sheet

    def _fill(self, sheet: Worksheet, fields: list[Field], frame: pl.DataFrame) -> None:
        dated = [field.edtf for field in fields]
        for number, row in enumerate(frame.iter_rows(), start=1):
            for column, value in enumerate(row):
                if value is not None:
                    self._write(sheet, number, column, value, dated[column])

    def _write(self, sheet: Worksheet, row: int, column: int, value: Any, dated: bool) -> None:
        """A date only where the cell holds a whole day: 2024-10 is no day, and stays text."""
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value)
        elif dated and WHOLE_DAY.fullmatch(value):
            sheet.write_datetime(row, column, datetime.fromisoformat(value), self.day)
        else:
            sheet.write_string(row, column, shortened(value))


def shortened(text: str) -> str:
    """A text that fits a cell; what is cut off is whole in the other files."""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
