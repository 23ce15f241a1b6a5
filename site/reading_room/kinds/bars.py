"""A bar per category, the longest first: `label`, `value`, and `group` where bars stand under headings. Rows of one category are added up."""

from __future__ import annotations

from markupsafe import Markup

from reading_room.chart import NARROW, Cell, Chart, Table
from reading_room.drawing import SIZE, Drawing, wrapped
from reading_room.rows import Row

LINE, THICK, GAP = 16, 15, 9
INSET = 1  # of words at the edge of the picture: some letters reach beyond their place
Bar = tuple[Row, float]


def draw(chart: Chart, width: float) -> tuple[Drawing, float]:
    drawing = Drawing(width, mirrored=chart.lang.persian)
    narrow = width <= NARROW
    side = 0.0 if narrow else 264.0
    groups = _groups(chart)
    longest = max((value for bars in groups.values() for _, value in bars), default=0) or 1
    scale = (width - side - 50) / longest
    drawing.text(0 if narrow else side, SIZE, chart.told("axis"))
    y = 26.0
    for group, bars in groups.items():
        if group:
            drawing.text(0 if narrow else side, y + 15, group, "strong")
            y += 26
        for row, value in bars[: chart.spec.get("limit")]:
            y = _bar(chart, drawing, row, value, y, side, scale)
        y += 6
    return drawing, y


def _bar(chart: Chart, drawing: Drawing, row: Row, value: float, y: float, side: float, scale: float) -> float:
    """One bar with its name, which stands before it, or over it where there is no room; where the next one begins."""
    words, number = chart.words("label", row), chart.lang.number(int(value))
    lines = wrapped(words, (side or drawing.width) - 16)
    for i, line in enumerate(lines):
        drawing.text(side - 10 if side else INSET, y + 12 + i * LINE, line, "ink", anchor="end" if side else "start")
    top = y if side else y + len(lines) * LINE + 1
    drawing.bar(side, top, value * scale, THICK, "bar", f"{words}: {number}")
    drawing.text(side + value * scale + 6, top + 12, number, "ink")
    return (max(top + THICK, y + len(lines) * LINE) if side else top + THICK) + GAP


def _groups(chart: Chart) -> dict[str, list[Bar]]:
    """The bars by the name of their group, the largest group first; one without a name where there are none."""
    found: dict[str, dict[str, Bar]] = {}
    for row in chart.rows:
        group = found.setdefault(chart.words("group", row) if "group" in chart.spec else "", {})
        label = chart.words("label", row)
        group[label] = (row, (group[label][1] if label in group else 0) + (chart.value("value", row) or 0))
    ordered = sorted(found.items(), key=lambda item: -sum(value for _, value in item[1].values()))
    return {group: sorted(bars.values(), key=lambda bar: -bar[1]) for group, bars in ordered}


def table(chart: Chart) -> Table:
    """A row per bar, those too many for the picture too."""
    grouped = "group" in chart.spec
    headings = [*([chart.heading("group")] if grouped else []), chart.heading("label"), chart.told("axis")]
    lines = []
    for group, bars in _groups(chart).items():
        before = [Cell(chart.cells.text(group))] if grouped else []
        lines += [[*before, Cell(Markup(chart.html("label", row))), chart.number(int(value))] for row, value in bars]
    return headings, lines
