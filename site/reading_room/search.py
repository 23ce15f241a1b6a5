"""Search over everything, in either script: people first; a name spelled alike before one that only sounds alike."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote_plus

from datasette.utils import escape_sqlite
from markupsafe import Markup, escape

from reading_room.catalogue import Catalogue
from reading_room.cells import Cells
from reading_room.rows import Row, labels, mentions, select
from scripts.load import SEARCH
from scripts.names import is_persian, match_expression, name_key, skeleton_keys, word_keys
from scripts.package import Table

CANDIDATES = 200  # rows of a table that are ranked
SHOWN = 10
SUGGESTED = 8
LONGEST_QUERY = 200
ALIKE = 2  # ranks from here on only sound like what was asked
AROUND = 70  # characters of a long text shown on either side of what was found
_WORDS = re.compile(r"([^\W_]+)")


@dataclass
class Hit:
    """A record that fits, how well, and the spelling by which it was found."""

    row: Row
    rank: tuple[int, int, str]
    spelling: str


@dataclass
class Found:
    """The hits in one table, best first, and how many there are."""

    table: Table
    hits: list[Hit]
    total: int


def searchable(catalogue: Catalogue) -> list[Table]:
    """The tables that can be searched: the subject first, sources and who publishes them last, the others in reading order."""
    tables = [t for t in catalogue.records if t.get("search") and t.get("label")]
    return sorted(tables, key=lambda t: (not t.get("subject"), t.role != "observations"))


def find(conn: sqlite3.Connection, catalogue: Catalogue, query: str, shown: int = SHOWN) -> list[Found]:
    """What fits a query, table by table; nothing for a query without a word."""
    if not word_keys(query):
        return []
    found = [_in_table(conn, table, query, match_expression(query), shown) for table in searchable(catalogue)]
    return [f for f in found if f.total]


def suggestions(conn: sqlite3.Connection, catalogue: Catalogue, query: str) -> list[Found]:
    """What begins like the query, for a reader who is still typing."""
    words = word_keys(query)
    if not words:
        return []
    expression = f"({match_expression(query)}) OR (key : ({' AND '.join([*(_quoted(w) for w in words[:-1]), _quoted(words[-1]) + '*'])}))"
    left, found = SUGGESTED, []
    for table in searchable(catalogue):
        part = _in_table(conn, table, query, expression, left)
        found += [part] if part.hits else []
        left -= len(part.hits)
        if left <= 0:
            break
    return found


def _quoted(word: str) -> str:
    return f'"{word}"'


def _in_table(conn: sqlite3.Connection, table: Table, query: str, expression: str, shown: int) -> Found:
    index = escape_sqlite(f"{table.name}{SEARCH}")
    name = escape_sqlite(table.name)
    total = conn.execute(f"select count(*) from {index} where {index} match ?", [expression]).fetchone()[0]
    # ranked by number alone: a name that many share would have all their rows read, to show ten
    best = f"select rowid as number, bm25({index}, 10.0, 1.0) as closeness from {index} where {index} match ? order by closeness, number limit {CANDIDATES}"
    rows = select(conn, f"select t.* from ({best}) join {name} t on t.rowid = number order by closeness, number", [expression]) if total else []
    spelled = _spellings(conn, table, [r["id"] for r in rows])
    wanted, whole = frozenset(word_keys(query)), name_key(query)
    hits = [_hit(table, row, spelled.get(row["id"], []), wanted, whole, place) for place, row in enumerate(rows)]
    return Found(table, sorted(hits, key=lambda h: h.rank)[:shown], total)


def _spellings(conn: sqlite3.Connection, table: Table, ids: list[str]) -> dict[str, list[str]]:
    if not any(f.descriptor.get("names") for f in table.fields):
        return {}
    sql = f'select record, name from names where "table" = ? and record in ({", ".join("?" * len(ids))}) order by voices desc, name'
    found: dict[str, list[str]] = {}
    for row in select(conn, sql, [table.name, *ids]) if ids else []:
        found.setdefault(row["record"], []).append(row["name"])
    return found


def _hit(table: Table, row: Row, spelled: list[str], wanted: frozenset[str], whole: str, place: int) -> Hit:
    """How well a record fits: named just so, holding every word, or only alike in sound; then as the index ranks it."""
    texts = [*spelled, *(str(row[c]) for c in table.get("search", []) if row.get(c))]
    best = min(((_distance(text, wanted, whole), -len(spelled), text) for text in texts), default=(ALIKE + 1, 0, ""))
    return Hit(row, (best[0], place, row["id"]), best[2])


def _distance(text: str, wanted: frozenset[str], whole: str) -> int:
    words = word_keys(text)
    if "".join(words) == whole:
        return 0
    missing = wanted.difference(words)
    return 1 if not missing or missing <= {a + b for a, b in pairwise(words)} else ALIKE


def marked(text: str, query: str) -> Markup:
    """A text in which the words that fit the query are marked; in Persian queries also those that sound alike."""
    words = word_keys(query)
    wanted = {*words, *(a + b for a, b in pairwise(words))}
    sounds = skeleton_keys(query) if is_persian(query) else ()
    bones = {*sounds, *(a + b for a, b in pairwise(sounds))}
    parts = _WORDS.split(text)
    fits = [_fits(word, wanted, bones) for word in parts[1::2]]
    for i, (one, two) in enumerate(pairwise(parts[1::2])):
        if name_key(one + two) in wanted:
            fits[i] = fits[i + 1] = True
    pieces = [f"<mark>{escape(p)}</mark>" if i % 2 and fits[i // 2] else str(escape(p)) for i, p in enumerate(parts)]
    return Markup("".join(pieces))


def excerpt(text: str, query: str) -> str:
    """A text around its first word that fits the query, where it is long."""
    wanted = {*word_keys(query), name_key(query)}
    at = next((m.start() for m in _WORDS.finditer(text) if set(word_keys(m[0])) & wanted), 0)
    start, end = max(0, at - AROUND), at + AROUND
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"


def _fits(word: str, wanted: set[str], bones: set[str]) -> bool:
    return bool(set(word_keys(word)) & wanted) or (not is_persian(word) and bool(set(skeleton_keys(word)) & bones))


def shown(conn: sqlite3.Connection, cells: Cells, found: list[Found], query: str) -> list[dict[str, Any]]:
    """The results as search.html shows them."""
    rows = [(f.table.name, h.row) for f in found for h in f.hits]
    cells.labels |= labels(conn, cells.catalogue, cells.lang, {m for name, row in rows for m in mentions(cells.catalogue, name, [row])})
    return [_shown_table(cells, f, query) for f in found]


def _shown_table(cells: Cells, found: Found, query: str) -> dict[str, Any]:
    name = found.table.name
    return {
        "name": name,
        "title": cells.lang.of(found.table.descriptor),
        "total": found.total,
        "all": f"{cells.href(name)}?_search={quote_plus(query)}" if found.total > len(found.hits) else "",
        "hits": [_shown_hit(cells, found.table, hit, query) for hit in found.hits if hit.rank[0] < ALIKE],
        "alike": [_shown_hit(cells, found.table, hit, query) for hit in found.hits if hit.rank[0] >= ALIKE],
    }


def _shown_hit(cells: Cells, table: Table, hit: Hit, query: str) -> dict[str, Any]:
    main, other = names(cells, table, hit.row)
    spelled = excerpt(hit.spelling, query) if hit.spelling not in (main, other) and hit.rank[0] < ALIKE else ""
    return {
        "href": cells.href(table.name, hit.row["id"]),
        "main": _in_script(cells, main, query),
        "other": _in_script(cells, other, query) if other else "",
        "spelling": _in_script(cells, spelled, query) if spelled else "",
        "parts": _parts(cells, table, hit.row),
    }


def names(cells: Cells, table: Table, row: Row) -> tuple[str, str]:
    """What a record is called in the language of the page, and in the other script, where it is."""
    latin, persian = cells.catalogue.labels(table.name) or ("id", "id")
    both = [row.get(persian), row[latin]] if cells.lang.persian else [row[latin], row.get(persian)]
    main = both[0] or both[1] or row["id"]
    return main, both[1] if both[1] and both[1] != main else ""


def _in_script(cells: Cells, text: str, query: str) -> Markup:
    """A marked text that keeps its own direction."""
    code = "fa" if is_persian(text) else "en"
    html = marked(text, query)
    return html if code == cells.lang.code else Markup(f'<bdi lang="{code}">{html}</bdi>')


def _parts(cells: Cells, table: Table, row: Row) -> list[Markup]:
    """What tells a result from others: its state and date, and what the schema lists under `describe`."""
    used = {*(cells.catalogue.labels(table.name) or ())}
    state = cells.catalogue.state_columns(table.name)
    dated = [f.name for f in table.fields if f.edtf and f.name not in state][:1]
    ordered = state or [*dated, *table.get("describe", []), *(k.field for k in table.foreign_keys)]
    return [cells.value(table.name, table.field(c), row[c]) for c in dict.fromkeys(ordered) if c not in used and row.get(c)]


def as_json(cells: Cells, found: Iterable[Found]) -> list[dict[str, str]]:
    """Suggestions for the script in the page."""
    result = []
    for part in found:
        for hit in part.hits:
            main, other = names(cells, part.table, hit.row)
            result.append({"href": cells.href(part.table.name, hit.row["id"]), "name": main, "other": other, "kind": cells.lang.of(part.table.descriptor)})
    return result
