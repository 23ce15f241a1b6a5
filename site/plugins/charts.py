"""The charts: their pages, their pictures and the canned queries behind them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # plugins are loaded in no certain order

from reading_room import charts, pages


@hookimpl
def canned_queries(database: str) -> dict[str, dict[str, Any]]:
    return charts.queries(database)


@hookimpl
def extra_template_vars(view_name: str, request: Request | None, datasette: Datasette) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def variables() -> dict[str, Any]:
        """The charts of the page: on the home page those declared for it, on a query's page those that draw its answer."""
        specs = charts.declared(pages.catalogue_of(datasette).database)
        shared: dict[str, Any] = {"has_charts": bool(specs)}
        if view_name not in ("index", "query") or request is None:
            return shared
        asked = request.url_vars.get("table")
        names = [n for n, s in specs.items() if (s.get("home") if view_name == "index" else charts.data_of(n, s) == asked)]
        width = charts.HOME if view_name == "index" else charts.WIDE
        return shared | {"figures": await charts.figures(datasette, pages.cells_of(datasette, request), names, width)}

    return variables


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    return [(r"^/charts$", all_charts), (r"^/charts/(?P<name>[a-z0-9-]+)$", one_chart), (r"^/charts/(?P<name>[a-z0-9-]+)\.svg$", picture)]


async def all_charts(datasette: Datasette, request: Request) -> Response:
    cells = pages.cells_of(datasette, request)
    names = list(charts.declared(cells.catalogue.database))
    return await _page(datasette, request, "charts.html", {"figures": await charts.figures(datasette, cells, names)})


async def one_chart(datasette: Datasette, request: Request) -> Response:
    cells, name = pages.cells_of(datasette, request), _known(datasette, request)
    return await _page(datasette, request, "chart.html", {"figures": [await charts.figure(datasette, cells, name)]})


async def picture(datasette: Datasette, request: Request) -> Response:
    """A chart as an SVG file of its own."""
    cells, name = pages.cells_of(datasette, request), _known(datasette, request)
    build = await pages.build_info(datasette, cells.catalogue)
    address = datasette.absolute_url(request, datasette.urls.path(f"/charts/{name}"))
    credit = f"{cells.lang.of(cells.catalogue.config)} · {cells.lang.say('footer.version', version=build['version'])} · {address}"
    document = await charts.document(datasette, cells, name, credit, datasette.urls.path("/static/charts.css"))
    return Response(document, content_type="image/svg+xml; charset=utf-8")


async def _page(datasette: Datasette, request: Request, template: str, context: dict[str, Any]) -> Response:
    return Response.html(await datasette.render_template(template, context, request=request, view_name="charts"))


def _known(datasette: Datasette, request: Request) -> str:
    name = request.url_vars["name"]
    if name not in charts.declared(pages.catalogue_of(datasette).database):
        raise NotFound("There is no such chart")
    return name
