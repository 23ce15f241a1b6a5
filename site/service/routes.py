"""The addresses beside Datasette's own: the guide and its description, dossiers, reconciliation, downloads."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from markupsafe import Markup, escape
from starlette.responses import FileResponse

from scripts.package import Table
from service import downloads, guide, retired
from service.asgi import Receive, Scope, Send
from service.asking import Refusal
from service.dossier import dossier, schema
from service.errors import remember
from service.reconcile import Reconciler, parse
from service.served import Served, served

mimetypes.add_type("application/vnd.apache.parquet", ".parquet")
mimetypes.add_type("application/geo+json", ".geojson")
mimetypes.add_type("application/vnd.sqlite3", ".db")
mimetypes.add_type("text/yaml", ".cff")
View = Callable[[Datasette, Request], Awaitable[Response]]
_RECONCILING = asyncio.Semaphore(1)
TABLE = r"/(?P<database>[^/.]+)/(?P<table>[^/.]+)"


async def api(datasette: Datasette, request: Request) -> Response:
    known = await served(datasette)
    context = {
        **guide.page(known, _address(datasette, request), request.scope.get("reading_language", "en")),
        "edition": Markup('<bdi dir="ltr">{0}</bdi>').format(known.edition),
    }
    context["openapi_link"] = Markup('<a href="{0}"><bdi dir="ltr">/openapi.json</bdi></a>').format(datasette.urls.path("/openapi.json"))
    return Response.html(await datasette.render_template("api.html", context, request=request))


async def openapi(datasette: Datasette, request: Request) -> Response:
    return Response.json(guide.openapi(await served(datasette), _address(datasette, request)))


async def one_dossier(datasette: Datasette, request: Request) -> Response:
    """Everything about one record, of a table whose schema says `dossier: true`."""
    known, table, record = await served(datasette), request.url_vars["table"], request.url_vars["id"]
    _marked(known, request, "dossier")
    found = await datasette.get_database(known.published.database).execute_fn(lambda conn: dossier(conn, known, table, record))
    if found is None:
        raise await retired.refusal(datasette, known, table, record, request.path) or Refusal(404, f"No record of {table} has the id {record!r}.")
    here = f"{_address(datasette, request)}/{known.published.database}/{table}"
    dataset = {
        "title": known.published.title, "version": known.version, "edition": known.edition, "data_date": known.build.get("data_date"),
        "licence": known.published.licences[0]["path"] if known.published.licences else None,
    }  # fmt: skip
    own = {"$schema": f"{here}/dossier.schema.json", "dataset": dataset, "table": table, "id": record, "url": f"{here}/{record}"}
    return Response.json(own | found)


async def dossier_schema(datasette: Datasette, request: Request) -> Response:
    known = await served(datasette)
    table = _marked(known, request, "dossier")
    return Response.json(schema(known.published, table.name, f"{_address(datasette, request)}{request.path}"))


async def reconciliation(datasette: Datasette, request: Request) -> Response:
    """The service of one table: manifest, queries, suggestions, previews and data extension."""
    known = await served(datasette)
    service = await _reconciler(datasette, known, _marked(known, request, "reconcile"))
    site = f"{_address(datasette, request)}/{known.published.database}"
    address = f"{site}/{request.url_vars['table']}/-/reconcile"
    asked = await _asked(request)
    match request.url_vars["rest"].split("/")[1:]:
        case []:
            if "queries" in asked:
                async with _RECONCILING:  # it takes seconds for a long batch: beside the event loop, and one at a time
                    return Response.json(await asyncio.to_thread(service.answer, parse(asked["queries"], "queries")))
            return Response.json(service.extend(parse(asked["extend"], "extend"), site) if "extend" in asked else service.manifest(address, site))
        case ["suggest", ("entity" | "property" | "type") as kind]:
            return Response.json(service.suggest(kind, asked.get("prefix", "")))
        case ["extend", "propose"]:
            return Response.json(service.proposed())
        case ["preview"] if service.has(asked.get("id", "")):
            return Response.html(_preview(service.entity(asked["id"]), f"{site}/{request.url_vars['table']}/{asked['id']}"))
    raise Refusal(404, "The reconciliation service has no such address.", "/api#reconciliation")


async def list_downloads(datasette: Datasette, request: Request) -> Response:
    found = downloads.releases(await served(datasette))
    if request.path.endswith(".json"):
        for file in [f for release in found for f in release["files"]]:
            file["url"] = f"{_address(datasette, request)}/downloads/{file['name']}"
        return Response.json({"releases": found})
    return Response.html(await datasette.render_template("downloads.html", {"releases": found}, request=request))


async def download(datasette: Datasette, request: Request, scope: Scope, receive: Receive, send: Send) -> Response | None:
    file = downloads.find(await served(datasette), request.url_vars["path"])
    if file is None:
        return remember(request, Refusal(404, "There is no such file among the downloads.", "/downloads"))
    kind = None if file.suffix else "text/plain"  # the checksums
    await FileResponse(file, media_type=kind)(scope, receive, send)
    return None


def _refusing(view: View) -> View:
    """The view with its refusals handed to the layer that tells them, past Datasette, which would log them as failures."""

    async def wrapped(datasette: Datasette, request: Request) -> Response:
        try:
            return await view(datasette, request)
        except Refusal as refusal:
            return remember(request, refusal)

    return wrapped


ROUTES = [
    (r"^/api$", api),
    (r"^/openapi\.json$", openapi),
    (r"^/downloads(\.json)?/?$", list_downloads),
    (r"^/downloads/(?P<path>.+)$", download),
    (rf"^{TABLE}/dossier\.schema\.json$", _refusing(dossier_schema)),
    (rf"^{TABLE}/(?P<id>[^/]+)/dossier\.json$", _refusing(one_dossier)),
    (rf"^{TABLE}/-/reconcile(?P<rest>(/[^/]+)*)/?$", _refusing(reconciliation)),
]


def _address(datasette: Datasette, request: Request) -> str:
    """The address of the site's root as the asker wrote it, without a slash at its end."""
    return str(datasette.absolute_url(request, datasette.urls.instance())).rstrip("/")


def _marked(known: Served, request: Request, mark: str) -> Table:
    """The table of the address, if it is of this database and its schema carries the mark."""
    name = request.url_vars["table"]
    marked = known.published.marked(mark)
    if request.url_vars["database"] != known.published.database or name not in marked:
        raise Refusal(404, f"There is nothing of the kind for {name}, only for {', '.join(marked) or 'no table'}.", "/api")
    return marked[name]


async def _reconciler(datasette: Datasette, known: Served, table: Table) -> Reconciler:
    services: dict[str, Reconciler] = datasette.__dict__.setdefault("_service_reconcilers", {})
    if table.name not in services:
        database = datasette.get_database(known.published.database)
        services[table.name] = await database.execute_fn(lambda conn: Reconciler(conn, known.published, table))
    return services[table.name]


async def _asked(request: Request) -> dict[str, Any]:
    found = {name: request.args[name] for name in request.args}
    return found | (await request.post_vars() if request.method == "POST" else {})


def _preview(entity: dict[str, Any], address: str) -> str:
    name, description = escape(entity["name"]), escape(entity["description"])
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{name}</title></head>'
        f'<body><p><a href="{escape(address)}" target="_blank" rel="noopener">{name}</a><br>{description}</p></body></html>'
    )
