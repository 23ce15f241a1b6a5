"""One line per series over the years: `x`, `series`, `value`, and `qualifier` where a number is "at least" or "about".

A series with few numbers is no line: its points stand alone. Where a year is missing the line is dotted: nothing was counted there, or nothing is known of it.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from markupsafe import Markup, escape

from reading_room.chart import NARROW, Cell, Chart, Table
from reading_room.drawing import SIZE, SMALL, Drawing, ticks, wrapped
from reading_room.rows import Row

Series = dict[int, Row]
STYLES = (
    ("circle", "ink", "line", ""), ("circle", "hollow", "line", ""), ("square", "ink", "thin", "7 3"), ("diamond", "hollow", "thin", "2 3"),
    ("triangle", "ink", "thin", "8 3 2 3"), ("down", "hollow", "thin", "4 4"), ("square", "hollow", "thin", "1 4"), ("triangle", "hollow", "thin", "10 4"),
)  # fmt: skip
FEWEST = 4  # numbers that make a line
TOP, BOTTOM, LEFT, MARGIN = 34, 26, 46, 184
LABEL = 15  # the height of a line of a label
RECENT = 3  # years before the last one in which a line may end and still be named in the margin


def draw(chart: Chart, width: float) -> tuple[Drawing, float]:
    narrow = width <= NARROW
    series = _series(chart)
    named = [s for s, numbers in series.items() if len(numbers) >= FEWEST][: len(STYLES)]
    picture = _Picture(chart, width, 300 if narrow else 360, 18 if narrow else MARGIN, series)
    picture.axes(8 if not narrow else 4)
    for name, numbers in series.items():
        if name not in named:
            picture.points(numbers, ("circle", "quiet", "", ""), 2)
    for name, style in reversed(list(zip(named, STYLES, strict=False))):
        picture.series(series[name], style)
    if narrow:
        return picture.drawing, picture.legend(named)
    picture.labels(named)
    return picture.drawing, picture.bottom + BOTTOM


class _Picture:
    """The lines in their frame."""

    def __init__(self, chart: Chart, width: float, height: float, margin: float, series: dict[str, Series]) -> None:
        self.chart, self.series_of, self.drawing = chart, series, Drawing(width)
        self.left, self.right, self.bottom = LEFT, width - margin, TOP + height
        years = [y for numbers in series.values() for y in numbers]
        self.first, self.last = min(years), max(years)
        self.highest = 1.05 * max(self.number(r) for numbers in series.values() for r in numbers.values())

    def number(self, row: Row) -> float:
        return float(self.chart.value("value", row))

    def x(self, year: float) -> float:
        return self.left + (self.right - self.left) * (year - self.first) / max(1, self.last - self.first)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - TOP) * value / self.highest

    def axes(self, every: int) -> None:
        self.drawing.text(0, SIZE, self.chart.told("axis"))
        for value in ticks(self.highest):
            self.drawing.line(self.left, self.y(value), self.right, self.y(value), "rule" if value else "axis")
            self.drawing.text(self.left - 8, self.y(value) + 4, self.chart.lang.number(int(value)), anchor="end", size=SMALL)
        step = next(s for s in (1, 2, 5, 10, 20, 50) if (self.last - self.first) / s <= every)
        for year in range(self.last, self.first - 1, -step):
            self.drawing.text(self.x(year), self.bottom + 18, self.chart.digits(year), anchor="middle", size=SMALL)

    def series(self, numbers: Series, style: tuple[str, str, str, str]) -> None:
        for run, gap in _runs(sorted(numbers)):
            look, dash = ("thin", "1 4") if gap else style[2:]
            self.drawing.polyline([(self.x(y), self.y(self.number(numbers[y]))) for y in run], look, dash)
        self.points(numbers, style, 3)

    def points(self, numbers: Series, style: tuple[str, str, str, str], size: float) -> None:
        for year, row in sorted(numbers.items()):
            told = f"{self.chart.words('series', row)}, {self.chart.digits(year)}: {_counted(self.chart, row)}"
            self.drawing.mark(style[0], self.x(year), self.y(self.number(row)), size, style[1], told)

    def labels(self, named: list[str]) -> None:
        """Each line's name at its end; that of a line which ended long ago stands over its highest point."""
        at_end = []
        for name, style in zip(named, STYLES, strict=False):
            numbers = self.series_of[name]
            year = max(numbers)
            text = self.chart.words("series", numbers[year])
            if year >= self.last - RECENT:
                at_end.append((self.y(self.number(numbers[year])), self.x(year), text, style))
            else:
                top = max(numbers, key=lambda y: self.number(numbers[y]))
                self.drawing.text(self.x(top), self.y(self.number(numbers[top])) - 10, text, "ink", anchor="middle", size=SMALL, halo=True)
        self._margin(sorted(at_end, key=lambda label: label[:3]))

    def _margin(self, labels: list[tuple[float, float, str, tuple[str, str, str, str]]]) -> None:
        """Names in the margin, one under the other, each tied to the end of its line."""
        room = [(y, x, wrapped(text, MARGIN - 34, SMALL), style) for y, x, text, style in labels]
        tops = _apart([y for y, *_ in room], [LABEL * len(lines) + 3 for _, _, lines, _ in room], TOP, self.bottom)
        for (y, x, lines, style), top in zip(room, tops, strict=True):
            self.drawing.line(x + 5, y, self.right + 18, top + LABEL / 2, "rule")
            self.drawing.mark(style[0], self.right + 24, top + LABEL / 2, 3, style[1])
            for number, line in enumerate(lines):
                self.drawing.text(self.right + 33, top + 11.5 + number * LABEL, line, "ink", size=SMALL)

    def legend(self, named: list[str]) -> float:
        """On a phone the names stand under the picture, each with the mark of its line; the height of it all."""
        y = self.bottom + BOTTOM + 20
        for name, style in zip(named, STYLES, strict=False):
            self.drawing.polyline([(0, y - 4), (26, y - 4)], *style[2:])
            self.drawing.mark(style[0], 13, y - 4, 3, style[1])
            for line in wrapped(self.chart.words("series", next(iter(self.series_of[name].values()))), self.drawing.width - 36, SMALL):
                self.drawing.text(36, y, line, "ink", size=SMALL)
                y += LABEL
            y += 5
        return y


def _series(chart: Chart) -> dict[str, Series]:
    """The numbers by series and year, the series with most numbers first."""
    found: dict[str, Series] = defaultdict(dict)
    for row in chart.rows:
        found[chart.value("series", row)][int(chart.value("x", row))] = row
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _runs(years: list[int]) -> list[tuple[list[int], bool]]:
    """Years that follow each other, and the gaps between them."""
    found: list[tuple[list[int], bool]] = []
    for before, year in pairwise(years):
        gap = year > before + 1
        if not found or gap or found[-1][1]:
            found.append(([before, year], gap))
        else:
            found[-1][0].append(year)
    return found


def _apart(wanted: list[float], heights: list[float], top: float, bottom: float) -> list[float]:
    """Where labels begin so that none covers another, each as near as can be to where it is wanted; they come in order."""
    tops: list[float] = []
    for y in wanted:
        tops.append(max(y - LABEL / 2, tops[-1] + heights[len(tops) - 1] if tops else top))
    edge = bottom + BOTTOM
    for i in range(len(tops) - 1, -1, -1):
        tops[i] = min(tops[i], edge - heights[i])
        edge = tops[i]
    return tops


def _counted(chart: Chart, row: Row) -> str:
    number = chart.lang.number(int(chart.value("value", row)))
    if not row.get(chart.column("qualifier")):
        return number
    return f"{chart.words('qualifier', row)} {number}"


def table(chart: Chart) -> Table:
    """A row per year, newest first, a column per line; the other counts stand together in the last."""
    series = _series(chart)
    named = [s for s, numbers in series.items() if len(numbers) >= FEWEST][: len(STYLES)]
    years = sorted({y for numbers in series.values() for y in numbers}, reverse=True)
    headings = [chart.told("x_title"), *(chart.words("series", next(iter(series[s].values()))) for s in named), chart.told("others_title")]
    return headings, [_line(chart, year, series, named) for year in years]


def _line(chart: Chart, year: int, series: dict[str, Series], named: list[str]) -> list[Cell]:
    counted = [Cell(escape(_counted(chart, series[s][year])) if year in series[s] else Markup(), number=True) for s in named]
    others = [f"{chart.words('series', n[year])}: {_counted(chart, n[year])}" for s, n in series.items() if s not in named and year in n]
    return [Cell(escape(chart.digits(year))), *counted, Cell(chart.cells.text("; ".join(others)))]
