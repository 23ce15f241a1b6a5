"""A disc for each month of each year, as large as the number in it: `month` is a partial date, `value` a number.

Years run down, newest first; several empty ones in a row are one line. What is dated less exactly than a month stands in a column of
its own, so that nothing is lost and nothing made up.
"""

from __future__ import annotations

import re
from collections import defaultdict

from markupsafe import Markup, escape

from reading_room.chart import NARROW, Cell, Chart, Table
from reading_room.drawing import SMALL, Drawing, width_of

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])(?!\d)")
HEAD = 34
LONG = 3  # empty years that are told in one line
Counts = dict[int, dict[int, int]]  # by year and month; month 0 where it is not known


def draw(chart: Chart, width: float) -> tuple[Drawing, float]:
    narrow = width <= NARROW
    drawing = Drawing(width, mirrored=chart.lang.persian)
    counts, _ = _counts(chart)
    left, right, row = (36, 62, 24) if narrow else (48, 120, 28)
    cell = (width - left - right) / 12
    most = max((n for months in counts.values() for n in months.values()), default=1)
    largest = min(cell, row) / 2 + 1
    _head(chart, drawing, [left + (m - 0.5) * cell for m in range(1, 13)], width, narrow)
    lines = _lines(counts)
    for line, (year, first) in enumerate(lines):
        y = HEAD + (line + 0.5) * row
        drawing.line(0, HEAD + line * row, width, HEAD + line * row)
        if first < year:
            drawing.text(0, y + 4, chart.lang.say("chart.none-between", first=chart.digits(first), last=chart.digits(year)), size=SMALL)
            continue
        drawing.text(0, y + 4, chart.digits(year), "ink", size=SMALL)
        for month, n in counts.get(year, {}).items():
            x = left + (month - 0.5) * cell if month else width - (30 if narrow else 66)
            _disc(chart, drawing, x, y, n, max(3, largest * (n / most) ** 0.5), year, month)
        total = sum(counts.get(year, {}).values())
        drawing.text(width, y + 4, chart.lang.number(total), "ink" if total else "quiet", anchor="end", size=SMALL)
    return drawing, HEAD + len(lines) * row + 4


def _lines(counts: Counts) -> list[tuple[int, int]]:
    """The lines as their last and first year, newest first: one year each, save for a row of empty ones."""
    found: list[tuple[int, int]] = []
    years = sorted(counts, reverse=True)
    for year, before in zip(years, [*years[1:], years[-1] - 1], strict=True):
        found.append((year, year))
        gap = range(year - 1, before, -1)
        found += [(gap[0], gap[-1])] if len(gap) >= LONG else [(y, y) for y in gap]
    return found


def _head(chart: Chart, drawing: Drawing, centres: list[float], width: float, narrow: bool) -> None:
    names = chart.lang.say("chart.months").split()
    if max(width_of(name, SMALL) for name in names) * (0.85 if chart.lang.persian else 1) > abs(centres[1] - centres[0]):
        names = [chart.lang.number(month) for month in range(1, 13)]
    for x, name in zip(centres, names, strict=True):
        drawing.text(x, HEAD - 9, name, anchor="middle", size=SMALL)
    drawing.text(width - (30 if narrow else 66), HEAD - 9, "?" if narrow else chart.lang.say("chart.month-unknown"), anchor="middle", size=SMALL)
    drawing.text(width, HEAD - 9, "Σ" if narrow else chart.lang.say("chart.year-total"), anchor="end", size=SMALL)


def _disc(chart: Chart, drawing: Drawing, x: float, y: float, n: int, size: float, year: int, month: int) -> None:
    when = f"{chart.lang.say('chart.months').split()[month - 1]} {year}" if month else f"{year}, {chart.lang.say('chart.month-unknown')}"
    number = chart.lang.number(n)
    drawing.mark("circle", x, y, size, "bar", chart.digits(f"{when}: {number}"))
    if size > 6.5:
        drawing.text(x, y + 4, number, "on-bar", anchor="middle", size=SMALL)


def _counts(chart: Chart) -> tuple[Counts, int]:
    """The numbers by year and month, and how many have no date at all."""
    counts: Counts = defaultdict(lambda: defaultdict(int))
    undated = 0
    for row in chart.rows:
        date, n = chart.value("month", row), int(chart.value("value", row))
        if not date:
            undated += n
            continue
        counts[int(date[:4])][int(date[5:7]) if MONTH.match(date) else 0] += n
    return counts, undated


def table(chart: Chart) -> Table:
    """A row per year, a column per month."""
    counts, undated = _counts(chart)
    months = chart.lang.say("chart.months").split()
    headings = [chart.told("x_title"), *months, chart.lang.say("chart.month-unknown"), chart.lang.say("chart.year-total")]
    lines = []
    for year, first in _lines(counts):
        if first < year:
            continue
        of_year = counts.get(year, {})
        numbers = [chart.number(of_year[m]) if m in of_year else Cell(Markup(), number=True) for m in (*range(1, 13), 0)]
        lines.append([Cell(escape(chart.digits(year))), *numbers, chart.number(sum(of_year.values()))])
    if undated:
        empty = [Cell(Markup(), number=True)] * 13
        lines.append([Cell(escape(chart.lang.say("chart.undated"))), *empty, chart.number(undated)])
    return headings, lines
