"""A map of points: `layer`, `place` (a record), `city`, `latitude`, `longitude`, `value`. Outlines and cities are those of site/map.

A layer stands either where its rows have coordinates, or with `by: city` in the middle of the city they name; what has no place is in the table only.
An inset shows where points are too close to each other for the whole map.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from reading_room.chart import NARROW, Cell, Chart, Table
from reading_room.drawing import SIZE, SMALL, Drawing, width_of
from reading_room.rows import Row

MAP = Path(__file__).parent.parent.parent / "map"
MIDDLE = 32.5  # degrees north where a degree of longitude is as long as drawn
EDGE = 0.25  # degrees of sea and neighbours around the outline
MOST = 500  # points that a map can show; smaller ones beyond are left to the table
LOOKS = {"square": "ink", "circle": "disc"}
INSET = 216  # the width of the inset where it stands in the corner of the map
Box = tuple[float, float, float, float]  # west, south, east, north; or left, top, right, bottom


@dataclass
class Point:
    """A point to draw, with its name."""

    longitude: float
    latitude: float
    name: str
    value: int
    shape: str


def draw(chart: Chart, width: float) -> tuple[Drawing, float]:
    narrow = width <= NARROW
    drawing = Drawing(width)
    points = sorted(_points(chart), key=lambda p: -p.value)[:MOST]
    y = _legend(chart, drawing, width)
    whole = _Frame(_bounds(), width, y)
    inset = tuple(chart.spec["inset"]["box"])
    close = [p for p in points if _inside(p, inset)]
    whole.land(drawing)
    whole.points(chart, drawing, [p for p in points if p not in close], small=narrow)
    whole.frame(drawing, inset, chart.lang.of(chart.spec["inset"]))
    part = _Frame(inset, width, whole.bottom + 30) if narrow else _Frame(inset, INSET, whole.bottom - INSET * whole.ratio(inset))
    part.inset(chart, drawing, close)
    return drawing, part.bottom + 6


class _Frame:
    """A part of the country, fitted into a width; equirectangular, true to scale in its middle."""

    def __init__(self, bounds: Box, width: float, top: float, left: float = 0) -> None:
        self.bounds, self.left, self.top = bounds, left, top
        self.scale = width / ((bounds[2] - bounds[0]) * cos(radians(MIDDLE)))
        self.right, self.bottom = left + width, top + width * self.ratio(bounds)

    @staticmethod
    def ratio(bounds: Box) -> float:
        return (bounds[3] - bounds[1]) / ((bounds[2] - bounds[0]) * cos(radians(MIDDLE)))

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        return self.left + (longitude - self.bounds[0]) * cos(radians(MIDDLE)) * self.scale, self.top + (self.bounds[3] - latitude) * self.scale

    def land(self, drawing: Drawing) -> None:
        shapes = _outlines()
        drawing.path("".join(f"{self._line(ring)}z" for ring in shapes["outline"]), "land")
        drawing.path("".join(self._line(line) for line in shapes["borders"]), "rule")

    def _line(self, line: list[list[float]]) -> str:
        """A line of a path, in steps, which are short to write."""
        corners = [tuple(round(v, 1) for v in self.at(*point)) for point in line]
        steps = [f"{_short(x2 - x1)} {_short(y2 - y1)}" for (x1, y1), (x2, y2) in pairwise(corners)]
        return f"M{_short(corners[0][0])} {_short(corners[0][1])}l{' '.join(steps)}".replace(" -", "-")

    def frame(self, drawing: Drawing, box: Box, title: str) -> None:
        """Where the inset is on the map, and what it is called."""
        (left, top), (right, bottom) = self.at(box[0], box[3]), self.at(box[2], box[1])
        drawing.polyline([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], "axis")
        drawing.text(right + 5, (top + bottom) / 2 + 4, title, "quiet", size=SMALL, halo=True)

    def inset(self, chart: Chart, drawing: Drawing, points: list[Point]) -> None:
        """This frame, with the points in it and its title over it."""
        drawing.bar(self.left, self.top, self.right - self.left, self.bottom - self.top, "land")
        drawing.text(self.left, self.top - 8, chart.lang.of(chart.spec["inset"]), "ink", size=SMALL)
        self.points(chart, drawing, points, small=False)

    def points(self, chart: Chart, drawing: Drawing, points: list[Point], *, small: bool) -> None:
        """Points with their numbers, the largest first so that none covers another, and the names for which there is room."""
        placed = []
        for point in sorted(points, key=lambda p: (-_size(p, small), p.name)):
            x, y = self.at(point.longitude, point.latitude)
            told = f"{point.name}: {chart.lang.number(point.value)}" if point.value else point.name
            drawing.mark(point.shape, x, y, _size(point, small), LOOKS[point.shape], told)
            placed.append((point, x, y, _size(point, small)))
        for point, x, y, size in placed:
            if size > 11 and not any(abs(x - x2) < size and abs(y - y2) < size for p, x2, y2, _ in placed if p is not point):
                drawing.text(x, y + 4, chart.lang.number(point.value), "ink", anchor="middle", size=SMALL)
        _names(drawing, placed, (self.left, self.top, self.right, self.bottom), chart.lang.persian)


def _names(drawing: Drawing, placed: list[tuple[Point, float, float, float]], frame: Box, persian: bool) -> None:
    """Writes each name beside, over or under its point, where it covers nothing; a name that finds no room is left to the table."""
    taken: list[Box] = [(x - s, y - s, x + s, y + s) for _, x, y, s in placed]
    for point, x, y, s in placed:
        wide = width_of(point.name, SMALL) * (0.85 if persian else 1)
        for box, anchor in _seats(x, y, s, wide):
            if frame[0] <= box[0] and box[2] <= frame[2] and frame[1] <= box[1] and box[3] <= frame[3] and not any(_cover(box, t) for t in taken):
                taken.append(box)
                at = {"start": box[0], "end": box[2], "middle": x}[anchor]
                drawing.text(at, box[3] - 3, point.name, "ink", anchor=anchor, size=SMALL, halo=True)
                break


def _seats(x: float, y: float, s: float, wide: float) -> Iterable[tuple[Box, str]]:
    yield (x + s + 3, y - 7, x + s + 3 + wide, y + 7), "start"
    yield (x - s - 3 - wide, y - 7, x - s - 3, y + 7), "end"
    yield (x - wide / 2, y + s + 1, x + wide / 2, y + s + 14), "middle"
    yield (x - wide / 2, y - s - 15, x + wide / 2, y - s - 1), "middle"
    yield (x + s, y + s - 4, x + s + wide, y + s + 10), "start"
    yield (x - s - wide, y + s - 4, x - s, y + s + 10), "end"
    yield (x + s, y - s - 10, x + s + wide, y - s + 4), "start"
    yield (x - s - wide, y - s - 10, x - s, y - s + 4), "end"
    for further in (12, 22):
        yield (x + s + further, y - 7, x + s + further + wide, y + 7), "start"
        yield (x - s - further - wide, y - 7, x - s - further, y + 7), "end"
        yield (x - wide / 2, y - s - 15 - further, x + wide / 2, y - s - 1 - further), "middle"
        yield (x - wide / 2, y + s + 1 + further, x + wide / 2, y + s + 14 + further), "middle"


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(point: Point, box: Box) -> bool:
    return box[0] <= point.longitude <= box[2] and box[1] <= point.latitude <= box[3]


def _size(point: Point, small: bool) -> float:
    """The radius of a point; its area tells the number, squares are all of one size."""
    size = 4.0 if point.shape == "square" else 4 + 1.7 * point.value**0.5
    return size * (0.65 if small else 1)


def _legend(chart: Chart, drawing: Drawing, width: float) -> float:
    y = 14.0
    for layer in chart.spec["layers"].values():
        shape = layer["shape"]
        drawing.mark(shape, 8 if not chart.lang.persian else width - 8, y - 4, 5 if shape == "circle" else 4, LOOKS[shape])
        anchor = "end" if chart.lang.persian else "start"
        drawing.text(22 if not chart.lang.persian else width - 22, y, chart.lang.of(layer), "ink", anchor=anchor, size=SIZE)
        y += 21
    return y


def _points(chart: Chart) -> list[Point]:
    return [p for row in chart.rows if (p := _point(chart, row))]


def _point(chart: Chart, row: Row) -> Point | None:
    layer = chart.spec["layers"][row["layer"]]
    if layer.get("by") == "city":
        city = cities().get(row["city"] or "")
        return Point(city["longitude"], city["latitude"], chart.lang.of(city, "name"), row["value"], layer["shape"]) if city else None
    if row["latitude"] is None or row["longitude"] is None:
        return None
    return Point(row["longitude"], row["latitude"], chart.words("place", row), row["value"], layer["shape"])


@cache
def _outlines() -> dict[str, list[list[list[float]]]]:
    return json.loads((MAP / "iran.json").read_text(encoding="utf-8"))


@cache
def _bounds() -> Box:
    corners = [point for ring in _outlines()["outline"] for point in ring]
    x, y = [p[0] for p in corners], [p[1] for p in corners]
    return min(x) - EDGE, min(y) - EDGE, max(x) + EDGE, max(y) + EDGE


@cache
def cities() -> dict[str, dict[str, Any]]:
    """Where cities are, by the name that the data has for them."""
    with (MAP / "cities.csv").open(encoding="utf-8") as file:
        return {c["name"]: {**c, "latitude": float(c["latitude"]), "longitude": float(c["longitude"])} for c in csv.DictReader(file)}


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def table(chart: Chart) -> Table:
    """A row per place, with its coordinates where a source gives them."""
    headings = [chart.told(f"{key}_title") for key in ("layer", "place", "city", "where", "value")]
    return headings, [_line(chart, row) for row in chart.rows]


def _line(chart: Chart, row: Row) -> list[Cell]:
    layer = chart.spec["layers"][row["layer"]]
    city = cities().get(row["city"] or "")
    town = chart.lang.of(city, "name") if city else row["city"] or ""
    where = f"{row['latitude']}, {row['longitude']}" if row["latitude"] is not None else ""
    name = chart.html("place", row) if row["place"] else Markup()
    return [Cell(escape(chart.lang.of(layer, "name"))), Cell(name), Cell(chart.cells.text(town)), Cell(escape(chart.digits(where))), chart.number(row["value"])]
