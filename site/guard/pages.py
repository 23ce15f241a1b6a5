"""Datasette's own addresses under /-/, decided one by one, and the address that load balancers ask for health."""

from __future__ import annotations

import hashlib
import re
import secrets

from datasette.app import Datasette
from datasette.utils.asgi import Response

# They tell of the machine, or are for a site with accounts, which this is not.
HIDDEN = (
    "versions", "plugins", "settings", "config", "threads", "databases", "actor", "auth-token", "logout", "permissions", "messages", "allow-debug", "patterns",
)  # fmt: skip
PUBLIC = ("metadata", "static", "static-plugins")  # documentation of the data; style sheets and scripts
PROCESS = secrets.token_hex(4)
_HIDDEN = re.compile(rf"/-/({'|'.join(HIDDEN)})(\.json)?/?", re.IGNORECASE)


def is_hidden(path: str) -> bool:
    """Whether the page at `path`, below the root of the site, is nobody's business."""
    return _HIDDEN.fullmatch(path) is not None


async def health(datasette: Datasette) -> Response:
    """200 as long as the database can be read: its version, a mark of its content, and one of the process, by which to tell a change of either."""
    database = next(db for db in datasette.databases.values() if db.path)
    facts = {row["key"]: row["value"] for row in await database.execute("select key, value from build_info")}
    mark = hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()[:16]
    return Response.json({"ok": True, "version": facts["version"], "build": mark, "process": PROCESS}, headers={"cache-control": "no-store"})
