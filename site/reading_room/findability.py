"""The addresses that search engines, feed readers and other programs look for, and what the head of every page tells them."""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response
from markupsafe import Markup

from reading_room import charts, documents, feeds, machines, pages, sitemap
from reading_room.cells import Cells
from reading_room.listing import is_listed
from reading_room.once import once
from reading_room.origin import absolute
from reading_room.sitemap import Address
from service import downloads
from service.served import Served, served

READERS: dict[str, feeds.Reader] = {"sources": feeds.sources, "records": feeds.records}


async def variables(datasette: Datasette, request: Request | None, view: str | None) -> dict[str, Any]:
    """What the head of a page says to those who share or list it."""
    if request is None:
        return {"share": {}}
    cells, address = pages.cells_of(datasette, request), _address(datasette, request)
    listed = await _database(datasette, cells).execute_fn(lambda conn: is_listed(request, view, cells.catalogue, conn))
    picture = f"share-{cells.catalogue.database}.png"
    share = {
        "picture": address(datasette.urls.path(f"/static/{picture}")) if (pages.STATIC / picture).exists() else "",
        "listed": listed,
        "feeds": [{"title": cells.lang.say(f"feed.{kind}"), "href": datasette.urls.path(f"/feeds/{kind}.atom")} for kind in READERS],
        "dataset": await _described(datasette, request) if view == "index" else "",
    }
    return {"share": share}


async def robots(datasette: Datasette, request: Request) -> Response:
    return Response.text(machines.robots(_address(datasette, request)))


async def llms(datasette: Datasette, request: Request) -> Response:
    cells = pages.cells_of(datasette, request)
    questions = await datasette.get_canned_queries(cells.catalogue.database, None)
    text = machines.llms(cells.catalogue, await pages.build_info(datasette, cells.catalogue), questions, _address(datasette, request))
    return Response(text, content_type="text/markdown; charset=utf-8")


async def dataset(datasette: Datasette, request: Request) -> Response:
    return Response(await _described(datasette, request), content_type="application/ld+json; charset=utf-8")


async def index(datasette: Datasette, request: Request) -> Response:
    """The index of the sitemap."""
    cells = pages.cells_of(datasette, request)
    names = await _database(datasette, cells).execute_fn(lambda conn: list(sitemap.files(conn, cells.catalogue)))
    build = await pages.build_info(datasette, cells.catalogue)
    return _xml(sitemap.index(names, _address(datasette, request), build["version"]))


async def part(datasette: Datasette, request: Request) -> Response:
    """One file of the sitemap."""
    cells, name = pages.cells_of(datasette, request), request.url_vars["name"]
    if name == sitemap.PAGES:
        paths: list[str] | None = await _own_pages(datasette, cells)
    else:
        paths = await _database(datasette, cells).execute_fn(lambda conn: sitemap.records(conn, cells.catalogue, name, cells.base))
    if paths is None:
        raise NotFound("There is no such part of the sitemap")
    return _xml(sitemap.urlset(paths, _address(datasette, request)))


async def feed(datasette: Datasette, request: Request) -> Response:
    """The newest sources, or the records that they tell of."""
    cells, kind = pages.cells_of(datasette, request), request.url_vars["kind"]
    entries = await once(datasette, cells.catalogue.database, ("feed", kind, cells.lang.code), lambda conn: READERS[kind](conn, cells))
    rights = str(datasette.metadata("license") or "")
    text = feeds.feed(entries, cells.lang.say(f"feed.{kind}"), datasette.urls.path(f"/feeds/{kind}.atom"), cells, _address(datasette, request), rights)
    return Response(text, content_type="application/atom+xml; charset=utf-8")


async def _own_pages(datasette: Datasette, cells: Cells) -> list[str]:
    """The site's own pages: those that lead in, every table and view of records, every question, every chart."""
    path, catalogue = datasette.urls.path, cells.catalogue
    specs = charts.declared(catalogue.database)
    questions = await datasette.get_canned_queries(catalogue.database, None)
    leading = ["/", "/about", *(["/charts"] if specs else []), "/downloads"]
    return [
        *map(path, leading),
        *(path(f"/{address}") for address, *_ in documents.listed()),
        *(path(f"/charts/{name}") for name in specs),
        cells.base,
        *(cells.href(name) for name in [*(t.name for t in catalogue.records), *catalogue.views]),
        *(cells.href(name) for name in questions),
    ]


async def _described(datasette: Datasette, request: Request) -> Markup:
    """The description of the dataset, as JSON that may stand in a page."""
    cells = pages.cells_of(datasette, request)
    years = await once(datasette, cells.catalogue.database, ("years",), lambda conn: _years(conn, cells))
    build = await pages.build_info(datasette, cells.catalogue)
    described = machines.dataset(cells.catalogue, build, years, _release(await served(datasette)), _address(datasette, request))
    return Markup(json.dumps(described, ensure_ascii=False, indent=1).replace("<", "\\u003c"))


def _release(known: Served) -> str | None:
    """The path of the archive of the newest release beside the database."""
    found = downloads.releases(known)
    archive = next((f["name"] for f in found[0]["files"] if f["name"].endswith(".zip")), None) if found else None
    return f"/downloads/{archive}" if archive else None


def _years(conn: sqlite3.Connection, cells: Cells) -> tuple[str, str] | None:
    """The first and the last year of the events that the schemas mark `covers: true`."""
    covering = [(name, f.descriptor["timeline"]) for name, fields in cells.catalogue.dated.items() for f in fields if f.descriptor.get("covers")]
    if "timeline" not in cells.catalogue.tables or not covering:
        return None
    fitting = " or ".join(['("table" = ? and event = ?)'] * len(covering))
    first, last = conn.execute(f"select min(earliest), max(latest) from timeline where {fitting}", [v for pair in covering for v in pair]).fetchone()
    return (first[:4], last[:4]) if first else None


def _address(datasette: Datasette, request: Request) -> Address:
    return partial(absolute, datasette, request)


def _database(datasette: Datasette, cells: Cells) -> Any:
    return datasette.get_database(cells.catalogue.database)


def _xml(text: str) -> Response:
    return Response(text, content_type="application/xml; charset=utf-8")
