"""Rows as JSON or CSV are for programs that use them; search engines are asked not to list them beside, or in place of, the pages."""

from __future__ import annotations

from reading_room.http import App, Message, Receive, Scope, Send

DATA = (".json", ".csv", ".db", ".atom")


def data_is_not_listed(app: App) -> App:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(DATA):
            await app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-robots-tag", b"noindex")]}
            await send(message)

        await app(scope, receive, marked)

    return wrapped
