"""Ids that are no longer used: a merged or renamed record has moved, a withdrawn one is gone."""

from __future__ import annotations

import hashlib
import re

from datasette.app import Datasette

from service.asking import Refusal
from service.served import Served

DIGEST = re.compile("[0-9a-f]{64}")


async def refusal(datasette: Datasette, known: Served, table: str, record: str, path: str) -> Refusal | None:
    """301 to the successor, or 410 with the kind of reason; None where the id was never retired.

    Of a withdrawn record the list holds only the SHA-256 of its id, so both are looked up.
    """
    listed = known.published.with_role("retirements")
    if listed is None:
        return None
    digest = hashlib.sha256(record.encode()).hexdigest()
    named = digest if DIGEST.fullmatch(record) else record  # what looks like a digest was never an id
    sql = f'select replaced_by, reason from "{listed.name}" where "table" = ? and id in (?, ?)'
    found = (await datasette.get_database(known.published.database).execute(sql, [table, named, digest])).first()
    if found is None:
        return None
    here = f"/{known.published.database}/{table}"
    if found["replaced_by"]:
        successor = path.replace(f"{here}/{record}", f"{here}/{found['replaced_by']}", 1)
        return Refusal(301, f"This record was {found['reason']}; it is now {found['replaced_by']}.", successor, moved_to=successor)
    return Refusal(410, f"This record was {_reason(known, listed.name, found['reason'])} and is no longer published.", f"{here}")


def _reason(known: Served, table: str, reason: str) -> str:
    """The reason in the words of the schema, where it explains its values."""
    categories = known.published.tables[table].field("reason").categories
    return next((c["label"].lower() for c in categories if c["value"] == reason), reason)
