"""One value as HTML: names in place of ids, labels in place of codes, dates in words, either script in its own direction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from reading_room import moments
from reading_room.catalogue import Catalogue
from reading_room.language import Language
from scripts.package import UNION, WORDINGS, Field

Labels = dict[tuple[str, str], str]  # what a record is called, by table and id
_PERSIAN = re.compile(r"[\u0620-\u06ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
SEPARATORS = {"union": UNION, "wordings": WORDINGS}  # what parts a cell that holds several values, by the rule that merged them
encode = cache(tilde_encode)


@dataclass
class Cells:
    """Writes the values of one page, in one language; `labels` holds the names of the records it mentions."""

    catalogue: Catalogue
    lang: Language
    base: str
    labels: Labels = field(default_factory=dict)

    def value(self, table: str, column: Field, value: Any) -> Markup:
        """The cell of `column` in a row of `table`."""
        if value is None or value == "":
            return Markup()
        if target := self.catalogue.target(table, column.name):
            return self.link(target, str(value))
        if column.categories:
            return self.category(column, str(value))
        if column.edtf:
            return self.moment(str(value))
        return self._plain(column, value)

    def _plain(self, column: Field, value: Any) -> Markup:
        if column.type == "boolean":
            return escape(self.lang.say("yes" if value in (1, "true") else "no"))
        if column.type in ("integer", "number") and not isinstance(value, str):
            return escape(self.lang.number(value))
        if column.descriptor.get("url"):
            return self.external(str(value))
        return self.text(str(value))

    def values(self, table: str, column: Field, value: Any) -> list[tuple[str, Markup]]:
        """The parts of a cell that may hold several values, each with its HTML."""
        separator = SEPARATORS.get(column.rule["rule"])
        parts = value.split(separator) if separator and isinstance(value, str) else [value]
        return [(part, self.value(table, column, part)) for part in parts]

    def category(self, column: Field, value: str) -> Markup:
        """The label of a code, with what it means on hover; a status has its shape in the style sheet."""
        known = next((c for c in column.categories if c["value"] == value), None)
        if known is None:
            return self.text(value)
        status = " status" if column.rule["rule"] == "latest" else ""
        title = self.lang.of(known, "description")
        return Markup(f'<span class="term{status} is-{escape(value)}" title="{escape(title)}">{escape(self.lang.of(known, "label"))}</span>')

    def name(self, table: str, record: str) -> Markup:
        """What a record is called."""
        return self.text(self.labels.get((table, record)) or record)

    def link(self, table: str, record: str) -> Markup:
        return Markup(f'<a href="{self.href(table, record)}">{self.name(table, record)}</a>')

    def href(self, table: str, *key: str) -> str:
        """The address of a table, or of a row of it."""
        path = f"{self.base}/{encode(table)}"
        return f"{path}/{','.join([encode(k) for k in key])}" if key else path

    def external(self, url: str, text: str | None = None) -> Markup:
        """A link to another site; where it has no text of its own, the host."""
        if not url.startswith(("https://", "http://")):
            return self.text(url)
        return Markup(f'<a class="out" href="{escape(url)}" rel="noreferrer noopener external">{escape(text or _short(url))}</a>')

    def text(self, text: str) -> Markup:
        """Text, told apart where it runs against the page's direction."""
        if not self.lang.persian and text.isascii():
            return escape(text)
        if _PERSIAN.search(text):
            return escape(text) if self.lang.persian else Markup(f'<bdi lang="fa">{escape(text)}</bdi>')
        if self.lang.persian and _LATIN.search(text):
            return Markup(f'<bdi lang="en">{escape(text)}</bdi>')
        return escape(text)

    def moment(self, text: str, *, both: bool = False) -> Markup:
        """A partial date in the calendar of the language; the other one on hover, or beside it with `both`."""
        return _moment(text, self.lang.code, both)


@lru_cache(maxsize=16384)
def _moment(text: str, code: str, both: bool) -> Markup:
    first, second = moments.gregorian(text, code), moments.hijri(text, code)
    if code == "fa":
        first, second = second, first
    machine = moments.machine(text)
    stamp = f' datetime="{machine}"' if machine else ""
    if both:
        return Markup(f'<time{stamp}>{escape(first)}</time> <span class="calendar">{escape(second)}</span>')
    return Markup(f'<time{stamp} title="{escape(second)}">{escape(first)}</time>')


def _short(url: str) -> str:
    """The host of an address and the end of its path, as far as a line holds them."""
    shown = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return shown if len(shown) <= 60 else f"{shown[:40]}…{shown[-17:]}"
