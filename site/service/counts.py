"""Counts are made once: what is served does not change, so that the answer to the same question is the same."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results

WORTH = 0.005  # seconds from which an answer is kept
FEW = 60  # rows of the longest answer that is kept: more than a facet has
NARROW = 2  # columns: a count, or a value and its count
KEPT = 2000  # answers, about a kilobyte each
AGAIN = 60  # seconds after which a count that took too long is tried again

Key = tuple[Any, ...]


def keep(datasette: Datasette) -> None:
    """Let every served database remember its counts; SQL of strangers does not come this way (site/guard/asked.py)."""
    for database in datasette.databases.values():
        if database.path and not database.is_mutable:
            database.execute = _Counts(database).execute


class _Counts:
    """The counts of one database, those asked for last, and the time until which one that took too long is not tried again."""

    def __init__(self, database: Database) -> None:
        self._own: Callable[..., Awaitable[Results]] = database.execute
        self._known: OrderedDict[Key, Results] = OrderedDict()
        self._too_long: dict[Key, tuple[float, QueryInterrupted]] = {}

    async def execute(self, sql: str, params: Any = None, *arguments: Any, **named: Any) -> Results:
        if "count(" not in sql:
            return await self._own(sql, params, *arguments, **named)
        key = (sql, repr(params), repr(arguments), repr(sorted(named.items())))
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        until, interrupted = self._too_long.get(key, (0.0, None))
        if interrupted and time.monotonic() < until:
            raise interrupted
        return await self._asked(key, sql, params, *arguments, **named)

    async def _asked(self, key: Key, sql: str, params: Any, *arguments: Any, **named: Any) -> Results:
        started = time.monotonic()
        try:
            found = await self._own(sql, params, *arguments, **named)
        except QueryInterrupted as interrupted:
            self._too_long = {k: v for k, v in self._too_long.items() if v[0] > started} | {key: (time.monotonic() + AGAIN, interrupted)}
            raise
        if time.monotonic() - started > WORTH and len(found.rows) <= FEW and len(found.description) <= NARROW:
            self._known[key] = found
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found
