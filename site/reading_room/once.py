"""What is read from the database once, because it does not change while it is served."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette

T = TypeVar("T")
_known: WeakKeyDictionary[Datasette, dict[tuple[str, ...], Any]] = WeakKeyDictionary()


async def once(datasette: Datasette, database: str, key: tuple[str, ...], read: Callable[[sqlite3.Connection], T]) -> T:
    """What `read` finds; for the same `key`, of which there are few, what it found the first time."""
    known = _known.setdefault(datasette, {})
    if key not in known:
        known[key] = await datasette.get_database(database).execute_fn(read)
    return known[key]
