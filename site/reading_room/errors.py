"""What a reader, or a program, is told when something is not there or goes wrong; nothing of what was asked is logged."""

from __future__ import annotations

import logging

from datasette.app import Datasette
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Base400, NotFound, Request, Response
from datasette.views.base import DatasetteError

log = logging.getLogger("reading_room")


async def answer(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """The page, or for an address that ends in .json or .csv the JSON of Datasette's errors."""
    status, title, message = told(exception)
    if status == 500:
        log.error("A page failed", exc_info=exception)
    headers: dict[str, str] = {}
    if datasette.cors:
        add_cors_headers(headers)
    if request.path.endswith((".json", ".csv")):
        return Response.json({"ok": False, "error": message, "status": status, "title": title}, status=status, headers=headers)
    context = {"status": status, "error": message if status != 500 else "", "error_title": title}
    return Response.html(await datasette.render_template(["error.html"], context, request=request), status=status, headers=headers)


def told(exception: Exception) -> tuple[int, str | None, str]:
    """Status, title and message of an exception; what is not meant for readers has no message."""
    if isinstance(exception, NotFound):
        return 404, None, str(exception.args[0] if exception.args else "Not found")
    if isinstance(exception, Base400):
        return exception.status, None, str(exception.args[0])
    if isinstance(exception, DatasetteError):
        return exception.status, exception.title, "The query took too long" if exception.message_is_html else str(exception.message)
    return 500, None, "Something went wrong here"
