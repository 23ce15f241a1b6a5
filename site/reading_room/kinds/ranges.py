"""A mark for each record, the shortest time first: from `low` to `high` days, since partial dates leave room; a dot where they leave less than a month."""

from __future__ import annotations

from reading_room.chart import NARROW, Cell, Chart, Table
from reading_room.drawing import SIZE, SMALL, Drawing
from reading_room.rows import Row

YEAR = 365.25
ROW, TOP, BOTTOM, LEFT = 6.0, 30, 40, 5
EXACT = 31  # days of uncertainty that a dot may hide


def draw(chart: Chart, width: float) -> tuple[Drawing, float]:
    drawing = Drawing(width, mirrored=chart.lang.persian)
    rows = _rows(chart)
    bottom = TOP + len(rows) * ROW + 8
    years = int(max(chart.value("high", r) for r in rows) / YEAR) + 1
    scale = (width - LEFT - 14) / years
    _frame(chart, drawing, bottom, years, scale, 2 if width <= NARROW and years > 8 else 1)
    for number, row in enumerate(rows):
        y = TOP + (number + 1) * ROW
        low, high = (LEFT + chart.value(role, row) / YEAR * scale for role in ("low", "high"))
        told = f"{chart.words('label', row)}: {_told(chart, row)}"
        if chart.value("high", row) - chart.value("low", row) > EXACT:
            drawing.bar(low, y - 1.2, max(high - low, 2), 2.4, "bar", told)
        else:
            drawing.mark("circle", (low + high) / 2, y, 2.6, "ink", told)
    _median(chart, drawing, rows, bottom, scale)
    return drawing, bottom + BOTTOM


def _frame(chart: Chart, drawing: Drawing, bottom: float, years: int, scale: float, every: int) -> None:
    for year in range(0, years + 1, every):
        x = LEFT + year * scale
        drawing.line(x, TOP - 6, x, bottom, "rule" if year else "axis")
        drawing.text(x, bottom + 17, chart.lang.number(year), anchor="middle", size=SMALL)
    drawing.text(0, bottom + 34, chart.told("axis"))


def _median(chart: Chart, drawing: Drawing, rows: list[Row], bottom: float, scale: float) -> None:
    """The line that half of the records lie before, taking the middle of what their dates allow."""
    middle = _middle(chart, rows[len(rows) // 2]) / YEAR
    x = LEFT + middle * scale
    drawing.line(x, TOP - 6, x, bottom, "axis", "4 3")
    text = chart.lang.say("chart.half", years=chart.digits(f"{middle:.1f}"))
    drawing.text(x - 3, SIZE + 4, text, "ink", halo=True)


def _middle(chart: Chart, row: Row) -> float:
    return (chart.value("low", row) + chart.value("high", row)) / 2


def _rows(chart: Chart) -> list[Row]:
    return sorted(chart.rows, key=lambda r: (_middle(chart, r), chart.words("label", r)))


def _told(chart: Chart, row: Row) -> str:
    low, high = chart.value("low", row), chart.value("high", row)
    days = chart.lang.number(low) if low == high else chart.lang.say("date.range", first=chart.lang.number(low), last=chart.lang.number(high))
    return chart.lang.say("chart.days", days=days)


def table(chart: Chart) -> Table:
    headings = [chart.heading("label"), chart.told("low_title"), chart.told("high_title")]
    return headings, [[Cell(chart.html("label", r)), chart.number(chart.value("low", r)), chart.number(chart.value("high", r))] for r in _rows(chart)]
