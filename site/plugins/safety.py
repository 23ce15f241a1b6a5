"""Ties what keeps the site up and the machine private (site/guard/) to Datasette; only hooks that Datasette 1.0 keeps."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # `site` is the name of a standard module: its packages are found by their own names

from guard import gate, pages
from guard.asked import Desk
from guard.limits import harden


@hookimpl(trylast=True)  # after all functions are there
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    if database != "_internal":  # Datasette's own, in memory, which it fills itself and shows to nobody
        harden(conn)


@hookimpl
def startup(datasette: Datasette) -> None:
    # every thousand steps of SQLite its time limit is looked at, in Python, which a busy server hands over after 5 ms: a query of 0.2 s took 12
    sys.setswitchinterval(0.0005)


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    return [(r"/-/health$", pages.health)]


@hookimpl(trylast=True)  # outermost
def asgi_wrapper(datasette: Datasette) -> Callable[[gate.App], gate.App]:
    for database in datasette.databases.values():
        if database.path:
            database.execute = Desk(datasette, database).execute
    return lambda app: gate.Gate(app, datasette)
