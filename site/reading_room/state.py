"""The state that a record is in, as last reported, as it reads in a line of plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reading_room.cells import Cells
from reading_room.moments import gregorian, hijri


def in_words(cells: Cells, table: str, row: Mapping[str, Any]) -> str:
    """The state of a record and since when; empty where there is none."""
    lang = cells.lang
    state, since = cells.catalogue.states.get(table, (None, ""))
    known = next((c for c in state.categories if c["value"] == row.get(state.name)), None) if state else None
    if known is None:
        return ""
    day = row.get(since)
    when = f"{lang.say('status.as-of')} {(hijri if lang.persian else gregorian)(day, lang.code)}" if day else ""
    return lang.join([part for part in (lang.of(known, "label"), when) if part])
