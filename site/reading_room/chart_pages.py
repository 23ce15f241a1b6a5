"""Where charts are seen: their own pages, the home page, and the page of the question whose answer they draw."""

from __future__ import annotations

from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from reading_room import charts, pages
from reading_room.origin import absolute


async def variables(datasette: Datasette, request: Request | None, view: str | None) -> dict[str, Any]:
    """The charts of a page: on the home page those declared for it, on a question's page those that draw its answer."""
    specs = charts.declared(pages.catalogue_of(datasette).database)
    shared: dict[str, Any] = {"has_charts": bool(specs)}
    if view not in ("index", "table") or request is None:  # Datasette takes the address of a question for a table's
        return shared
    asked = request.url_vars.get("table")
    names = [n for n, s in specs.items() if (s.get("home") if view == "index" else charts.data_of(n, s) == asked)]
    width = charts.HOME if view == "index" else charts.WIDE
    return shared | {"figures": await charts.figures(datasette, pages.cells_of(datasette, request), names, width)}


async def every(datasette: Datasette, request: Request) -> Response:
    cells = pages.cells_of(datasette, request)
    names = list(charts.declared(cells.catalogue.database))
    return await _page(datasette, request, "charts.html", {"figures": await charts.figures(datasette, cells, names)})


async def one(datasette: Datasette, request: Request) -> Response:
    cells, name = pages.cells_of(datasette, request), _known(datasette, request)
    figures = await charts.figures(datasette, cells, [name])
    if not figures:
        raise NotFound("There is nothing to draw")
    return await _page(datasette, request, "chart.html", {"figures": figures})


async def picture(datasette: Datasette, request: Request) -> Response:
    """A chart as an SVG file of its own."""
    cells, name = pages.cells_of(datasette, request), _known(datasette, request)
    build = await pages.build_info(datasette, cells.catalogue)
    address = absolute(datasette, request, datasette.urls.path(f"/charts/{name}"))
    credit = f"{cells.lang.of(cells.catalogue.config)} · {cells.lang.say('footer.version', version=build['version'])} · {address}"
    document = await charts.document(datasette, cells, name, credit, datasette.urls.path("/static/charts.css"))
    if document is None:
        raise NotFound("There is nothing to draw")
    return Response(document, content_type="image/svg+xml; charset=utf-8")


async def _page(datasette: Datasette, request: Request, template: str, context: dict[str, Any]) -> Response:
    return Response.html(await datasette.render_template(template, context, request=request, view_name="charts"))


def _known(datasette: Datasette, request: Request) -> str:
    name = request.url_vars["name"]
    if name not in charts.declared(pages.catalogue_of(datasette).database):
        raise NotFound("There is no such chart")
    return name
