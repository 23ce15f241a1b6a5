"""The sources of a page: numbered, listed in full, and marked at what they back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from datasette.utils import escape_sqlite
from markupsafe import Markup, escape

from reading_room.catalogue import Catalogue
from reading_room.cells import Cells
from reading_room.language import Language
from reading_room.rows import Row, select
from scripts import dates

SHOWN_MARKS = 3  # one for each voice; the rest is a number that leads to the rows as reported


@dataclass
class Evidence:
    """Every source that a page rests on, by id, with its number in order of publication."""

    sources: dict[str, Row]
    numbers: dict[str, int]
    _shown: dict[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)  # many facts of a page rest on the same sources

    @classmethod
    def read(cls, conn: sqlite3.Connection, catalogue: Catalogue, ids: Iterable[str]) -> Evidence:
        rows = _rows(conn, catalogue, sorted(set(ids)))
        rows.sort(key=lambda r: (_day(r["published"]), r["id"]))
        return cls({r["id"]: r for r in rows}, {r["id"]: i for i, r in enumerate(rows, 1)})

    def voices(self, ids: Iterable[str]) -> int:
        return len({self.sources[i]["voice"] for i in ids if i in self.sources})

    def one_per_voice(self, ids: Iterable[str]) -> list[str]:
        """Of several sources the first of each voice, by number."""
        first: dict[Any, str] = {}
        for source in sorted({i for i in ids if i in self.numbers}, key=self.numbers.__getitem__):
            first.setdefault(self.sources[source]["voice"], source)
        return list(first.values())

    def newest(self, ids: Iterable[str]) -> Row | None:
        known = [i for i in ids if i in self.numbers]
        dated = [i for i in known if self.sources[i]["published"]]
        return self.sources[max(dated or known, key=lambda i: self.numbers[i])] if known else None

    def marks(self, ids: Sequence[str], lang: Language, all_at: str) -> Markup:
        """Numbered references to sources, one for each voice; what is left out is a number that leads to `all_at`."""
        key = tuple(ids)
        if key not in self._shown:
            self._shown[key] = self._links(key, lang)
        links, left = self._shown[key]
        if not links:
            return Markup()
        rest = f' <a class="rest" href="{escape(all_at)}"{_rest(left, lang)}' if left else ""
        return Markup(f'<sup class="marks">{links}{rest}</sup>')

    def _links(self, ids: Sequence[str], lang: Language) -> tuple[str, int]:
        """The references themselves, and how many sources are left out."""
        known = {i for i in ids if i in self.numbers}
        shown = self.one_per_voice(known)[:SHOWN_MARKS]
        return " ".join([_mark(self.numbers[i], lang) for i in shown]), len(known) - len(shown)


@cache
def _rest(left: int, lang: Language) -> str:
    return f' title="{lang.say("sources.more", n=left)}">+{lang.number(left)}</a>'


@cache
def _mark(number: int, lang: Language) -> str:
    return f'<a role="doc-noteref" href="#s{number}">{lang.number(number)}</a>'


def _rows(conn: sqlite3.Connection, catalogue: Catalogue, ids: list[str]) -> list[Row]:
    """Sources with the names of who publishes them and whom they relay, and the voice they count as."""
    sources, publishers = catalogue.with_role("sources"), catalogue.with_role("publishers")
    if not ids or sources is None or publishers is None:
        return []
    sql = (
        f"select s.*, p.name as publisher_name, r.name as relays_name, coalesce(r.voice, p.voice) as voice "
        f"from {escape_sqlite(sources.name)} s left join {escape_sqlite(publishers.name)} p on p.id = s.publisher "
        f"left join {escape_sqlite(publishers.name)} r on r.id = s.relays where s.id in (select value from json_each(?))"
    )
    return select(conn, sql, [json.dumps(ids)])


def _day(published: str | None) -> str:
    """The first day that a publication date can mean; without one a source comes last."""
    return dates.parse(published).earliest.isoformat() if published else "9999"


def cited(evidence: Evidence, cells: Cells) -> list[dict[str, Any]]:
    """The list of sources in full, in the order of their numbers."""
    return [_entry(evidence.sources[i], number, cells) for i, number in evidence.numbers.items()]


def _entry(source: Row, number: int, cells: Cells) -> dict[str, Any]:
    table = cells.catalogue.with_role("sources")
    assert table is not None
    return {
        "number": number,
        "title": cells.external(source["url"], source["title"]),
        "language": source.get("language"),
        "publisher": cells.link(cells.catalogue.target(table.name, "publisher") or "", source["publisher"]) if source["publisher"] else "",
        "relays": cells.text(source["relays_name"]) if source["relays_name"] else "",
        "published": cells.moment(source["published"]) if source["published"] else "",
        "archived": source.get("archived_url"),
        "href": cells.href(table.name, source["id"]),
    }
