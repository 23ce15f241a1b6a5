"""A picture in SVG, built piece by piece. It holds neither styles nor scripts, so that a strict Content-Security-Policy lets it pass.

Every piece has the attributes that make it readable on white paper, and a class by which site/static/charts.css gives it the colours of the theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from reading_room.language import Language

FONT = "Vazirmatn, system-ui, sans-serif"
SIZE = 13  # of letters; nothing is written smaller than SMALL
SMALL = 11.5
TITLE = 18
EDGE = 20  # of paper around a picture that stands alone
LETTER = 0.57  # the width of a letter, as a share of its size, on average
INK, QUIET, RULE, BAR, PAPER, LAND = "#1c1b19", "#5c5953", "#d9d5cb", "#7b766c", "#ffffff", "#f2efe8"
LOOKS = {
    "ink": {"fill": INK}, "quiet": {"fill": QUIET}, "strong": {"fill": INK, "font-weight": "600"}, "bar": {"fill": BAR}, "on-bar": {"fill": PAPER},
    "land": {"fill": LAND, "stroke": BAR, "stroke-width": "1"}, "rule": {"stroke": RULE, "fill": "none"}, "axis": {"stroke": BAR, "fill": "none"},
    "line": {"stroke": INK, "fill": "none", "stroke-width": "2", "stroke-linejoin": "round"},
    "thin": {"stroke": QUIET, "fill": "none", "stroke-width": "1.5", "stroke-linejoin": "round"},
    "hollow": {"stroke": INK, "fill": PAPER, "stroke-width": "1.5"}, "disc": {"stroke": INK, "fill": BAR, "fill-opacity": ".35"},
}  # fmt: skip
_PERSIAN = re.compile(r"[\u0620-\u06ef]")  # letters, not digits
_ANCHORS = {"start": "end", "end": "start", "middle": "middle"}


class Drawing:
    """A picture of a certain width; `mirrored` turns left and right round, letters excepted."""

    def __init__(self, width: float, *, mirrored: bool = False) -> None:
        self.width, self.mirrored = width, mirrored
        self._parts = Element("g")

    def x(self, x: float) -> float:
        return self.width - x if self.mirrored else x

    def text(self, x: float, y: float, text: str, look: str = "quiet", *, anchor: str = "start", size: float = SIZE, halo: bool = False) -> None:
        anchor = _ANCHORS[anchor] if self.mirrored else anchor
        attributes = {**_look(look), "x": _n(self.x(x)), "y": _n(y), "text-anchor": anchor, "font-size": _n(size)}
        if halo:
            attributes |= {"class": f"{look} halo", "paint-order": "stroke", "stroke": PAPER, "stroke-width": "4", "stroke-linejoin": "round"}
        if _PERSIAN.search(text):  # a text of its own direction begins where another ends
            attributes |= {"direction": "rtl", "unicode-bidi": "isolate", "text-anchor": _ANCHORS[anchor]}
        SubElement(self._parts, "text", attributes).text = text

    def lines(self, lines: Iterable[str], y: float, look: str, size: float) -> float:
        """Lines of text under each other; where the next one would begin."""
        for line in lines:
            self.text(0, y + size, line, look, size=size)
            y += size * 1.45
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str = "rule", dash: str = "") -> None:
        attributes = {**_look(look), "x1": _n(self.x(x1)), "y1": _n(y1), "x2": _n(self.x(x2)), "y2": _n(y2)}
        SubElement(self._parts, "line", attributes | ({"stroke-dasharray": dash} if dash else {}))

    def polyline(self, points: Iterable[tuple[float, float]], look: str = "line", dash: str = "") -> None:
        attributes = {**_look(look), "points": " ".join(f"{_n(self.x(x))},{_n(y)}" for x, y in points)}
        SubElement(self._parts, "polyline", attributes | ({"stroke-dasharray": dash} if dash else {}))

    def path(self, d: str, look: str) -> None:
        SubElement(self._parts, "path", {**_look(look), "d": d})

    def bar(self, x: float, y: float, width: float, height: float, look: str = "bar", title: str = "") -> None:
        left = self.x(x + width) if self.mirrored else x
        self._titled(SubElement(self._parts, "rect", {**_look(look), "x": _n(left), "y": _n(y), "width": _n(width), "height": _n(height)}), title)

    def mark(self, shape: str, x: float, y: float, size: float, look: str = "ink", title: str = "") -> None:
        """A circle, square, diamond or triangle around a point; `size` is its radius."""
        if shape == "circle":
            piece = SubElement(self._parts, "circle", {**_look(look), "cx": _n(self.x(x)), "cy": _n(y), "r": _n(size)})
        else:
            corners = " ".join(f"{_n(self.x(x) + dx * size)},{_n(y + dy * size)}" for dx, dy in SHAPES[shape])
            piece = SubElement(self._parts, "polygon", {**_look(look), "points": corners})
        self._titled(piece, title)

    def _titled(self, piece: Element, title: str) -> None:
        """What a pointer that rests on a piece is told."""
        if title:
            SubElement(piece, "title").text = title

    def svg(self, height: float, key: str, title: str, description: str, lang: Language, kind: str) -> Markup:
        """The picture as a part of a page; a reader who cannot see it is told the title and the description."""
        root = self._root(height, key, title, description, lang, f"chart chart-{kind}")
        return Markup(tostring(root, encoding="unicode"))

    def document(self, height: float, key: str, title: str, description: str, lang: Language, credit: str, style: str) -> str:
        """The picture as a document of its own, on paper, that says what it shows and who says so; with the address of a style sheet."""
        head, foot = Drawing(self.width, mirrored=lang.persian), Drawing(self.width, mirrored=lang.persian)
        top = head.lines(wrapped(title, self.width, TITLE), 0, "strong", TITLE) + 4
        bottom = foot.lines([line for text in (description, credit) for line in wrapped(text, self.width, SIZE)], top + height + 4, "quiet", SIZE)
        self._parts.set("transform", f"translate(0 {_n(top)})")
        root = self._root(bottom, key, title, description, lang, "chart chart-alone")
        root.set("xmlns", "http://www.w3.org/2000/svg")
        frame = {"x": _n(-EDGE), "y": _n(-EDGE), "width": _n(self.width + 2 * EDGE), "height": _n(bottom + 2 * EDGE)}
        root.set("viewBox", " ".join(frame.values()))
        root.insert(2, Element("rect", {"class": "paper", "fill": PAPER, **frame}))
        root.extend([head._parts, foot._parts])
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/css" href="{style}"?>\n{tostring(root, encoding="unicode")}\n'

    def _root(self, height: float, key: str, title: str, description: str, lang: Language, kind: str) -> Element:
        root = Element("svg", {
            "class": kind, "viewBox": f"0 0 {_n(self.width)} {_n(height)}", "role": "img", "aria-labelledby": f"{key}-t {key}-d", "lang": lang.code,
            "direction": "ltr", "font-family": FONT,
        })  # fmt: skip
        SubElement(root, "title", {"id": f"{key}-t"}).text = title
        SubElement(root, "desc", {"id": f"{key}-d"}).text = description
        root.append(self._parts)
        return root


SHAPES: dict[str, Sequence[tuple[float, float]]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    "down": ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
}


def _look(name: str) -> dict[str, str]:
    return {"class": name, **LOOKS[name]}


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def width_of(text: str, size: float = SIZE) -> float:
    """About how wide a text is."""
    return len(text) * size * LETTER


def wrapped(text: str, width: float, size: float = SIZE) -> list[str]:
    """A text as lines that are about so wide."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def ticks(highest: float, about: int = 5) -> list[float]:
    """Round numbers from nothing up to `highest`, one, two or five times a power of ten apart."""
    if highest <= 0:
        return [0]
    power = 10 ** floor(log10(highest / about))
    step = next(s * power for s in (1, 2, 5, 10) if s * power * about >= highest)
    step = step if step < 1 else ceil(step)
    return [i * step for i in range(int(highest // step) + 1)]
