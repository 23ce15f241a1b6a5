"""The state that a record is in, as last reported: which column holds it, and how it reads in a line of plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reading_room.language import Language
from reading_room.moments import gregorian, hijri
from scripts.package import Field, Table


def state_of(table: Table) -> Field | None:
    """The column with the state of a record; its rule names the column with the date."""
    return next((f for f in table.fields if f.rule["rule"] == "latest"), None)


def in_words(lang: Language, table: Table, row: Mapping[str, Any]) -> str:
    """The state of a record and since when; empty where there is none."""
    state = state_of(table)
    known = next((c for c in state.categories if c["value"] == row.get(state.name)), None) if state else None
    if state is None or known is None:
        return ""
    day = row.get(state.rule["date"])
    when = f"{lang.say('status.as-of')} {(hijri if lang.persian else gregorian)(day, lang.code)}" if day else ""
    return lang.join([part for part in (lang.of(known, "label"), when) if part])
