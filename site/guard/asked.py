"""Sends the SQL that strangers write to the desk (desk.py), a few queries at a time, and brings back rows as Datasette knows them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results

SITE = Path(__file__).resolve().parent.parent
ASKED = {"sql", "_where", "_searchmode"}  # parameters that are SQL, or raw full-text search
AT_ONCE = 2  # queries of strangers that run at the same time
FAILURES = {"DataError": sqlite3.DataError, "DatabaseError": sqlite3.DatabaseError}
CELLS_OF_A_PAGE = 3000  # each is made into HTML while everybody else waits
CELLS_OF_A_FILE = 60_000
Execute = Callable[..., Awaitable[Results]]


class Asking(NamedTuple):
    """A request that holds SQL of a stranger: how many cells its answer may have, and whether a longer one is cut (or refused)."""

    cells: int
    cut: bool


asking: ContextVar[Asking | None] = ContextVar("asking", default=None)  # of the request that is being answered


def asking_of(path: str, query_string: bytes) -> Asking | None:
    """What an address asks for with SQL of its own; None where it has none. A list whose end was cut off would seem to be whole: it is refused."""
    names = {name for name, _ in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)}
    if not names & ASKED:
        return None
    return Asking(CELLS_OF_A_FILE if path.endswith((".json", ".csv")) else CELLS_OF_A_PAGE, "sql" in names)


class Desk:
    """The parent's end of the desk: it starts the process when it is first needed, and again should it be gone."""

    def __init__(self, datasette: Datasette, database: Database) -> None:
        self._datasette, self._database = datasette, database
        self._own: Execute = database.execute
        self._running = asyncio.Semaphore(AT_ONCE)
        self._way: socket.socket | None = None  # on which the desk is handed a connection for each query; nothing of it lies in a folder
        self._process: subprocess.Popen[bytes] | None = None

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,
    ) -> Results:
        """What Database.execute does; for a request with a stranger's SQL, at the desk. Never logs what was asked."""
        if (bounds := asking.get()) is None:
            return await self._own(sql, params, truncate, custom_time_limit, page_size, log_sql_errors=False)
        most = self._datasette.max_returned_rows + (self._datasette.max_returned_rows == (page_size or self._datasette.page_size))
        milliseconds = min(custom_time_limit or self._datasette.sql_time_limit_ms, self._datasette.sql_time_limit_ms)
        asked = {"sql": sql, "parameters": _plain(params), "most": most + 1, "milliseconds": milliseconds, **bounds._asdict()}
        async with self._running:
            answer = await self._ask(json.dumps(asked).encode() + b"\n")
        if answer.get("interrupted"):
            raise QueryInterrupted(sqlite3.OperationalError("interrupted"), sql, params)
        if "failed" in answer:
            raise FAILURES.get(answer["kind"], sqlite3.OperationalError)(answer["failed"])
        rows, description = _rows(answer)
        return Results(rows[:most] if truncate else rows, answer["cut"] or (truncate and len(rows) > most), description)

    async def _ask(self, request: bytes) -> dict[str, Any]:
        """The answer of the desk; `interrupted` where the child ended without one, because the system ended it."""
        reader, writer = await asyncio.open_unix_connection(sock=self._connect())
        try:
            writer.write(request)
            await writer.drain()
            text = await reader.read()
            return json.loads(text) if text else {"interrupted": True}
        except ConnectionError:
            return {"interrupted": True}
        finally:
            writer.close()

    def _connect(self) -> socket.socket:
        """This end of a new connection, of which the desk has got the other."""
        ours, theirs = socket.socketpair()
        with theirs, suppress(ConnectionError):  # of a desk that ended just now: whoever reads at our end is told
            socket.send_fds(self._start_if_gone(), [b"."], [theirs.fileno()])
        return ours

    def _start_if_gone(self) -> socket.socket:
        """The way to the desk. When this process ends, however it does, the way is closed, and that ends the desk."""
        if self._way is not None and self._process is not None and self._process.poll() is None:
            return self._way
        if self._way is not None:
            self._way.close()
        self._way, theirs = socket.socketpair()
        with theirs:
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SITE), str(SITE.parent)])}
            command = [sys.executable, "-m", "guard.desk", str(self._database.path), str(self._datasette.plugins_dir), str(theirs.fileno())]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, pass_fds=[theirs.fileno()])
        return self._way


def _plain(parameters: Any) -> Any:
    return list(parameters) if isinstance(parameters, Sequence) and not isinstance(parameters, (str, bytes)) else dict(parameters or {})


def _rows(answer: dict[str, Any]) -> tuple[list[sqlite3.Row], tuple[tuple[Any, ...], ...]]:
    """The rows of an answer as sqlite3.Row, which everything that uses Datasette expects, and the description of their columns."""
    names = answer["columns"]
    quoted = ", ".join('null as "{}"'.format(name.replace('"', '""')) for name in names)
    cursor = sqlite3.connect(":memory:").execute(f"select {quoted or 'null'}")
    rows = [sqlite3.Row(cursor, tuple(base64.b64decode(c["blob"]) if isinstance(c, dict) else c for c in row)) for row in answer["rows"]]
    return rows, tuple((name, None, None, None, None, None, None) for name in names)
