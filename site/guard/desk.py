"""The desk where strangers' SQL is answered: a process of its own, which makes a child for every query and bounds what it takes.

`python -m guard.desk DATABASE PLUGINS SOCKET` is handed connections on the socket whose number it is given, one for each query, until the server that
started it is gone, which closes the other end. A child that takes too much time or memory is killed by the system itself.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import socket
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from datasette.app import Datasette
from datasette.plugins import pm

from guard.limits import harden

MOST_BYTES = 8_000_000  # of an answer
MEMORY = 256 * 2**20  # beyond what the desk itself takes
SPILL = 64 * 2**20  # bytes of a file that a query may need to sort
CPU_SECONDS = 2
GRACE = 1.0  # seconds beyond the time limit of SQL, for what SQLite does not interrupt
LONGEST_REQUEST = 1_000_000
NO_ROOM = "it needs more room than a query has here"
OUT_OF_ROOM = ("disk I/O error", "database or disk is full", "out of memory")  # how SQLite tells that it met one of the bounds


class Asked(NamedTuple):
    """One query: the `most` rows and cells of its answer, milliseconds of time; `cut` says that a longer answer is cut, not refused."""

    sql: str
    parameters: Any
    most: int
    milliseconds: int
    cells: int
    cut: bool


def serve(datasette: Datasette, database: Path, way: socket.socket) -> None:
    """Answer one query per connection that comes this way, until it is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; its end is told by the way
    os.nice(5)  # readers of ordinary pages come first
    while True:
        sign, numbers, _, _ = socket.recv_fds(way, 1, 1)
        if not sign:
            return
        connection = socket.socket(fileno=numbers[0])
        if os.fork() == 0:
            way.close()
            _child(datasette, database, connection)
        connection.close()


def _child(datasette: Datasette, database: Path, connection: socket.socket) -> None:
    """Read one query, answer it, and end; whatever happens, this process does not go on."""
    try:
        asked = Asked(**json.loads(_line(connection)))
        _bound(asked.milliseconds)
        connection.sendall(json.dumps(_answer(datasette, database, asked), ensure_ascii=False).encode())
    except MemoryError:
        connection.sendall(json.dumps(_failure(NO_ROOM)).encode())
    finally:
        os._exit(0)


def _line(connection: socket.socket) -> bytes:
    connection.settimeout(CPU_SECONDS)
    with connection.makefile("rb") as stream:
        return stream.readline(LONGEST_REQUEST)


def _bound(milliseconds: int) -> None:
    signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000 + GRACE)  # ends the process
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if Path("/proc/self/statm").exists() else 2**29
    for what, most in ((resource.RLIMIT_AS, held + MEMORY), (resource.RLIMIT_FSIZE, SPILL), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def _answer(datasette: Datasette, database: Path, asked: Asked) -> dict[str, Any]:
    deadline = time.monotonic() + asked.milliseconds / 1000
    conn = sqlite3.connect(f"file:{database}?immutable=1", uri=True)
    conn.text_factory = lambda data: str(data, "utf-8", "replace")
    pm.hook.prepare_connection(conn=conn, database=database.stem, datasette=datasette)
    harden(conn, asked=True)
    conn.set_progress_handler(lambda: time.monotonic() > deadline, 1000)
    try:
        cursor = conn.execute(asked.sql, asked.parameters)
        return _read(cursor, asked)
    except sqlite3.Error as error:
        if error.args == ("interrupted",):
            return {"interrupted": True}
        return _failure(NO_ROOM if str(error) in OUT_OF_ROOM else str(error), type(error).__name__)


def _read(cursor: sqlite3.Cursor, asked: Asked) -> dict[str, Any]:
    rows: list[list[Any]] = []
    size = 0
    is_cut = False
    for row in cursor:
        if len(rows) == asked.most:
            break
        size += sum(len(cell) if isinstance(cell, (str, bytes)) else 8 for cell in row)
        if size > MOST_BYTES or (len(rows) + 1) * len(row) > asked.cells:
            if not asked.cut or not rows:
                return _failure("its answer is too long; ask for fewer rows or columns")
            is_cut = True
            break
        rows.append([{"blob": base64.b64encode(cell).decode()} if isinstance(cell, bytes) else cell for cell in row])
    return {"columns": [d[0] for d in cursor.description or ()], "rows": rows, "cut": is_cut}


def _failure(why: str, kind: str = "OperationalError") -> dict[str, str]:
    return {"failed": why, "kind": kind}


def main() -> None:
    database, plugins, number = sys.argv[1:]
    datasette = Datasette(plugins_dir=plugins)  # for the SQL functions of the plugins; it serves nothing
    serve(datasette, Path(database), socket.socket(fileno=int(number)))


if __name__ == "__main__":
    main()
