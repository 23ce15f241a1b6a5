"""What the templates get: helpers for every page, and for each kind of page what it shows."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import derive_named_parameters, path_with_format, path_with_replaced_args, urlsafe_components
from datasette.utils.asgi import NotFound, Request, Response
from datasette.views.base import DatasetteError
from markupsafe import Markup, escape

from reading_room import documents, search
from reading_room.arrange import record_page
from reading_room.catalogue import Catalogue
from reading_room.cells import Cells
from reading_room.front import contents, front
from reading_room.language import Language, language
from reading_room.origin import absolute
from reading_room.pieces import entries, facts, flag
from reading_room.records import Dossier, dossier
from reading_room.render import render
from reading_room.tables import Rows
from scripts.contact import href
from scripts.serve import CATALOGUE

STATIC = Path(__file__).parent.parent / "static"
PIECES = {"facts": facts, "entries": entries, "flag": flag}
_builds: WeakKeyDictionary[Datasette, dict[str, str]] = WeakKeyDictionary()


async def variables(datasette: Datasette, request: Request | None, view: str | None, table: str | None) -> dict[str, Any]:
    """The variables of one page."""
    cells = cells_of(datasette, request)
    catalogue, lang = cells.catalogue, cells.lang
    shared = {
        "say": lang.say, "lang": lang, "number": lang.number, "site": catalogue.config, "cells": cells, "home": datasette.urls.instance(),
        "asset": lambda name: f"{datasette.urls.path('/static/' + name)}?v={_fingerprint(name)}", "build": await build_info(datasette, catalogue),
        "subject": catalogue.subject, "licence_link": _licence(datasette), "contact_link": _contact(catalogue), "address": _addresses(datasette, request, lang),
    }  # fmt: skip
    if request is None:
        return shared
    if view == "row":
        return shared | await _row(datasette, request, cells, shared)
    if view in ("table", "query", "database"):
        return shared | {"listing": Rows(datasette, request, cells, table), "contents": lambda: contents(catalogue, cells), "dict_of": _dict_of}
    return shared


async def home(datasette: Datasette, request: Request) -> Response:
    """The home page. Datasette's own view would first count and describe every table, which the page does not need."""
    context = {"front": await front(datasette, cells_of(datasette, request)), "metadata": datasette.metadata()}
    return Response.html(await datasette.render_template("index.html", context, request=request, view_name="index"))


async def about(datasette: Datasette, request: Request) -> Response:
    """What this is, how it is made, how to cite it and how to have it corrected."""
    context = {"documents": documents.listed(cells_of(datasette, request).lang.code)}
    return Response.html(await datasette.render_template("about.html", context, request=request, view_name="about"))


async def document_page(datasette: Datasette, request: Request) -> Response:
    """A page of docs/."""
    found = documents.document(request.url_vars["name"], str(datasette.urls.path("/")), cells_of(datasette, request).lang.code)
    if found is None:
        raise NotFound("No such document")
    return Response.html(await datasette.render_template("document.html", {"document": found}, request=request, view_name="document"))


def records_at(datasette: Datasette) -> list[str]:
    """The addresses of the records of the tables that the catalogue knows, as a pattern; none where nothing is served."""
    served = [catalogue_of(datasette)] if any(db.path for db in datasette.databases.values()) else []
    return [rf"^/(?P<database>{re.escape(c.database)})/(?P<table>{'|'.join(map(re.escape, c.tables))})/(?P<pks>[^/.]+)$" for c in served]


async def record(datasette: Datasette, request: Request) -> Response:
    """The page of a record. Datasette's own view would first count what refers to it, and copy all its metadata to look for rules, which there are none of."""
    as_json = datasette.absolute_url(request, datasette.urls.path(path_with_format(request=request, format="json")))
    context = {"table": request.url_vars["table"], "alternate_url_json": as_json}
    html = await datasette.render_template("row.html", context, request=request, view_name="row")
    return Response.html(html, headers={"Link": f'{as_json}; rel="alternate"; type="application/json+datasette"'})


def questions_at(datasette: Datasette) -> list[str]:
    """The addresses of the canned queries that the catalogue knows, as a pattern; none where nothing is served, or there are none."""
    served = [catalogue_of(datasette)] if any(db.path for db in datasette.databases.values()) else []
    return [rf"^/(?P<database>{re.escape(c.database)})/(?P<table>{'|'.join(map(re.escape, c.questions))})$" for c in served if c.questions]


async def question(datasette: Datasette, request: Request) -> Response:
    """The page of a canned query. Datasette's own view would first write every cell for a template that asks for other cells."""
    name = request.url_vars["table"]
    query = await datasette.get_canned_query(request.url_vars["database"], name, None)
    database = datasette.get_database(request.url_vars["database"])
    values = {p: request.args.get(p) or "" for p in query.get("params") or await derive_named_parameters(database, query["sql"])}
    try:
        found = await database.execute(query["sql"], values, truncate=True)
    except QueryInterrupted as interrupted:
        raise DatasetteError("The query took too long", status=400) from interrupted
    as_json = datasette.absolute_url(request, datasette.urls.path(path_with_format(request=request, format="json")))
    context = {
        "database": database.name, "canned_query": name, "metadata": query, "query": {"sql": query["sql"]}, "named_parameter_values": values,
        "columns": found.columns, "rows": found.rows, "truncated": found.truncated, "error": None, "alternate_url_json": as_json,
    }  # fmt: skip
    html = await datasette.render_template("query.html", context, request=request, view_name="table")  # what Datasette takes its address for
    return Response.html(html, headers={"Link": f'{as_json}; rel="alternate"; type="application/json+datasette"'})


async def search_page(datasette: Datasette, request: Request) -> Response:
    """What fits the query in the address, table by table."""
    query, cells = _asked(request), cells_of(datasette, request)

    def read(conn: sqlite3.Connection) -> list[dict[str, Any]]:
        return search.shown(conn, cells, search.find(conn, cells.catalogue, query), query)

    found = await datasette.get_database(cells.catalogue.database).execute_fn(read)
    context = {"found": found, "query_text": query, "total": sum(f["total"] for f in found)}
    return Response.html(await datasette.render_template("search.html", context, request=request, view_name="search"))


async def suggest(datasette: Datasette, request: Request) -> Response:
    """What begins like the query, as JSON for the script in the page."""
    query, cells = _asked(request), cells_of(datasette, request)
    found = await datasette.get_database(cells.catalogue.database).execute_fn(lambda conn: search.suggestions(conn, cells.catalogue, query))
    return Response.json(search.as_json(cells, found))


def _asked(request: Request) -> str:
    return (request.args.get("q") or "").strip()[: search.LONGEST_QUERY]


def cells_of(datasette: Datasette, request: Request | None) -> Cells:
    catalogue = catalogue_of(datasette)
    return Cells(catalogue, language(request.scope.get("reading_language") if request else None), str(datasette.urls.database(catalogue.database)))


def _dict_of(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    return {row[key]: row[value] for row in rows}


@cache
def catalogue_of(datasette: Datasette) -> Catalogue:
    """The catalogue of what is served, read once; it lies beside the database."""
    database = next(db for db in datasette.databases.values() if db.path)
    return Catalogue.of(json.loads(Path(database.path).with_name(CATALOGUE).read_text(encoding="utf-8")))


async def build_info(datasette: Datasette, catalogue: Catalogue) -> dict[str, str]:
    """Name, version and counts of the build, read once: the database does not change while it is served."""
    if datasette not in _builds:
        rows = await datasette.get_database(catalogue.database).execute("select key, value from build_info")
        _builds[datasette] = {row["key"]: row["value"] for row in rows}
    return _builds[datasette]


async def _row(datasette: Datasette, request: Request, cells: Cells, shared: dict[str, Any]) -> dict[str, Any]:
    """A record's page as HTML, with its title and description."""
    table, pks = request.url_vars["table"], request.url_vars["pks"]

    def read(conn: sqlite3.Connection) -> Dossier | None:
        return dossier(conn, cells.catalogue, cells.lang, table, urlsafe_components(pks))

    found = await datasette.get_database(cells.catalogue.database).execute_fn(read)
    if found is None:
        raise NotFound("No such record")
    page = record_page(found, cells)
    body = render(datasette, "_record_page.html", {**shared, "urls": datasette.urls, "page": page, **PIECES})
    return {"page": {k: page[k] for k in ("title", "description")}, "body": body}


def _addresses(datasette: Datasette, request: Request | None, lang: Language) -> dict[str, str]:
    """The page's own address, the same in the other language, and as JSON."""
    if request is None:
        return {}
    here = path_with_replaced_args(request, {"_lang": None})
    joined = "&" if "?" in here else "?"
    return {
        "path": request.path,
        "full": absolute(datasette, request, request.path),
        "home": absolute(datasette, request, datasette.urls.instance()),
        "canonical": absolute(datasette, request, request.path) + ("?lang=fa" if lang.persian else ""),
        "other": f"{here}{joined}lang={lang.other}",
        "json": path_with_format(request=request, format="json"),
    }


@cache  # Datasette copies all its metadata to tell one thing of it
def _licence(datasette: Datasette) -> Markup:
    name, url = datasette.metadata("license") or "", datasette.metadata("license_url")
    return Markup(f'<a href="{escape(url)}" rel="license noreferrer noopener external">{escape(name)}</a>') if url else escape(name)


def _contact(catalogue: Catalogue) -> Markup | None:
    """A link to where the maintainers are reached; None where the package names no such address."""
    address = catalogue.config.get("contact")
    return Markup('<a href="{0}" rel="noreferrer noopener external"><bdi dir="ltr">{1}</bdi></a>').format(href(address), address) if address else None


@cache
def _fingerprint(name: str) -> str:
    """A mark of a static file's content, so that a browser may keep it until it changes."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
