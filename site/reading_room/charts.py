"""The charts of a database: declared in site/charts/<database>/*.yaml, asked of the database, drawn on the server.

A chart names a canned query, or has SQL of its own, which then is a canned query too: the data behind every picture is one click away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import yaml
from datasette.app import Datasette
from markupsafe import Markup, escape

from reading_room.cells import Cells
from reading_room.chart import NARROW, Chart, Table, mentioned
from reading_room.kinds import KINDS
from reading_room.render import cell, render
from reading_room.rows import labels, select

DECLARED = Path(__file__).parent.parent / "charts"
WIDE, HOME = 720, 540  # the width of a picture: of its page, and of one that stands beside another
PLACING = ("x", "low", "high")  # roles without which a row has no place in a picture
Specs = dict[str, Mapping[str, Any]]


@dataclass
class Figure:
    """A chart as a page shows it: what is seen, its caveats, the pictures for a wide page and for a phone, and the table that says the same."""

    name: str
    short: str
    title: str
    caveats: list[str]
    pictures: list[Markup]
    table: Markup
    data: str
    page: str


_figures: WeakKeyDictionary[Datasette, dict[tuple[str, str, int], Figure | None]] = WeakKeyDictionary()


@cache
def declared(database: str) -> Specs:
    """The charts of a database by name, in the order in which they are shown."""
    found = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (DECLARED / database).glob("*.yaml")}
    return dict(sorted(found.items(), key=lambda item: (item[1]["order"], item[0])))


def queries(database: str) -> dict[str, dict[str, Any]]:
    """The canned queries of the charts that have SQL of their own."""
    return {
        name: {"sql": spec["sql"], "title": spec["name"], "title_fa": spec["name_fa"], "description": spec["about"], "description_fa": spec["about_fa"]}
        for name, spec in declared(database).items()
        if "sql" in spec
    }


def data_of(name: str, spec: Mapping[str, Any]) -> str:
    """The canned query that a chart draws."""
    return name if "sql" in spec else spec["query"]


async def figures(datasette: Datasette, cells: Cells, names: list[str], wide: int = WIDE) -> list[Figure]:
    """The charts of these names that have something to show."""
    return [f for name in names if (f := await figure(datasette, cells, name, wide))]


async def figure(datasette: Datasette, cells: Cells, name: str, wide: int = WIDE) -> Figure | None:
    """A chart with all that is around it, None where the database has nothing for it; made once for each language, since what is served does not change."""
    known = _figures.setdefault(datasette, {})
    key = (name, cells.lang.code, wide)
    if key not in known:
        made = await chart(datasette, cells, name)
        known[key] = _figure(datasette, made, wide) if made else None
    return known[key]


def _figure(datasette: Datasette, made: Chart, wide: int) -> Figure:
    title, kind = made.title, KINDS[made.kind]
    description = " ".join([made.told("about"), made.lang.say("chart.described")])
    pictures = []
    for width, place in ((wide, "wide"), (NARROW, "narrow")):
        drawing, height = kind.draw(made, width)
        pictures.append(drawing.svg(height, f"{made.name}-{place}", title, description, made.lang, place))
    base = made.cells.base
    return Figure(
        name=made.name, short=made.told("name"), title=title, caveats=_caveats(made), pictures=pictures, table=_table(datasette, made, kind.table(made)),
        data=f"{base}/{data_of(made.name, made.spec)}", page=datasette.urls.path(f"/charts/{made.name}"),
    )  # fmt: skip


async def document(datasette: Datasette, cells: Cells, name: str, credit: str, style: str) -> str | None:
    """A chart as an SVG document, with a line that says where it is from."""
    made = await chart(datasette, cells, name)
    if made is None:
        return None
    drawing, height = KINDS[made.kind].draw(made, WIDE)
    return drawing.document(height, made.name, made.title, " ".join(_caveats(made)), made.lang, credit, style)


async def chart(datasette: Datasette, cells: Cells, name: str) -> Chart | None:
    """A chart with its rows, and with the names of what they mention; None where there are none, not the question, or not all the numbers of its title."""
    spec = declared(cells.catalogue.database)[name]
    canned = await datasette.get_canned_query(cells.catalogue.database, data_of(name, spec), None)
    if canned is None:
        return None

    def read(conn: sqlite3.Connection) -> Chart | None:
        rows = select(conn, canned["sql"])
        rows = [r for r in rows if all(r[spec[role]] is not None for role in PLACING if role in spec)]
        facts = select(conn, spec["facts"])[:1] if "facts" in spec else [{}]
        if not rows or not facts:
            return None
        own = Cells(cells.catalogue, cells.lang, cells.base, labels(conn, cells.catalogue, cells.lang, mentioned(spec, rows)))
        return Chart(name, spec, own, rows, facts[0])

    return await datasette.get_database(cells.catalogue.database).execute_fn(read)


def _caveats(made: Chart) -> list[str]:
    warnings = made.cells.catalogue.warnings
    return [*([made.told("caveat")] if made.told("caveat") else []), *(made.lang.of(warnings[w], "text") for w in made.spec.get("warnings", []))]


def _table(datasette: Datasette, made: Chart, table: Table) -> Markup:
    headings, rows = table
    numeric = [bool(rows) and all(row[i].number for row in rows) for i in range(len(headings))]
    heads = [{"title": title, "hint": "", "number": n, "sorted": "", "href": ""} for title, n in zip(headings, numeric, strict=True)]
    titles = [escape(title) for title in headings]
    lines = [Markup("".join(cell(c.html, title, "n" if c.number else "") for c, title in zip(row, titles, strict=True))) for row in rows]
    return render(datasette, "_rows.html", {"say": made.lang.say, "title": made.told("name"), "headings": heads, "lines": lines})
