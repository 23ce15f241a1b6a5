"""Reconciliation Service API 0.2 (https://reconciliation-api.github.io/specs/0.2/): which record does a name in someone's spreadsheet mean?

One service for each table whose schema says `reconcile: true`; its identifiers are the ids of that table. Names are compared by the
keys of scripts/names.py, in both scripts and in every spelling that a source uses. A record is a sure match only where its
name is the same and no other record's is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from scripts.names import is_persian, name_key, skeleton_keys, word_keys
from scripts.package import UNION, Table
from scripts.published import BOOKKEEPING, Published
from service.asking import Refusal

HELP = "/api#reconciliation"
LIMIT, MOST_CANDIDATES, MOST_QUERIES = 5, 50, 500
LONGEST_QUERY = 200  # characters of a name
QUERY_KEYS = {"query", "type", "limit", "properties", "type_strict"}
LEAST_SCORE = 70.0  # of 100, for a candidate to be offered
ACROSS_SCRIPTS = 90.0  # the best that consonants alone can show
DISAGREES = 10.0  # what each property that contradicts the record takes from its score
PREVIEW = {"width": 420, "height": 160}
Json = dict[str, Any]


@dataclass(frozen=True)
class Spelling:
    """One spelling of one record's name, by the keys it is compared with."""

    record: str
    key: str
    words: str
    skeleton: str
    is_persian: bool


class Reconciler:
    """Answers the queries of the protocol for one table; holds all its names in memory."""

    def __init__(self, conn: sqlite3.Connection, published: Published, table: Table) -> None:
        self._published, self._table = published, table
        cursor = conn.execute(f'select * from "{table.name}" order by id')
        names = [d[0] for d in cursor.description]
        self._records = {row[0]: dict(zip(names, row, strict=True)) for row in cursor}
        self._labels = {k.field: _labels(conn, published.tables[k.target]) for k in table.foreign_keys}
        self._spellings = [_spelling(record, text) for record, text in sorted(self._texts(conn)) if word_keys(text)]

    def _texts(self, conn: sqlite3.Connection) -> set[tuple[str, str]]:
        """Every record with every text that names it: its label, its Persian name, and all spellings of the table of names."""
        columns = [self._table.get("label"), *(f.name for f in self._table.fields if f.descriptor.get("script") or f.descriptor.get("names"))]
        own = {(r, part) for r, row in self._records.items() for c in dict.fromkeys(columns) if row[c] for part in row[c].split(UNION)}
        known = conn.execute('select record, name from names where "table" = ?', [self._table.name])
        return own | {(record, name) for record, name in known}

    def manifest(self, address: str, site: str) -> Json:
        """What the service is, at `address`; `site` is the address of the database."""
        kind = {"id": self._table.name, "name": self._table.get("title", self._table.name)}
        service = {"service_url": address, "service_path": "/suggest/"}
        return {
            "versions": ["0.2"],
            "name": f"{self._published.title}: {kind['name']}",
            "identifierSpace": f"{site}/{self._table.name}/",
            "schemaSpace": f"{site}/{self._table.name}#",
            "documentation": f"{address.removesuffix(f'/{self._published.database}/{self._table.name}/-/reconcile')}{HELP}",
            "view": {"url": f"{site}/{self._table.name}/{{{{id}}}}"},
            "defaultTypes": [kind],
            "preview": {"url": f"{address}/preview?id={{{{id}}}}", **PREVIEW},
            "suggest": {k: {**service, "service_path": f"/suggest/{k}"} for k in ("entity", "property", "type")},
            "extend": {"propose_properties": {"service_url": address, "service_path": "/extend/propose"}, "property_settings": []},
        }

    def answer(self, queries: Any) -> Json:
        """A result for each query of a batch."""
        if not isinstance(queries, dict) or not all(isinstance(q, dict) for q in queries.values()):
            raise Refusal(400, "`queries` is a JSON object with a query object for each key.", HELP)
        if len(queries) > MOST_QUERIES:
            raise Refusal(400, f"A batch holds at most {MOST_QUERIES} queries; this one has {len(queries)}.", HELP)
        return {key: {"result": self._candidates(query)} for key, query in queries.items()}

    def _candidates(self, query: Mapping[str, Any]) -> list[Json]:
        if unknown := set(query) - QUERY_KEYS:
            raise Refusal(400, f"A query has no {min(unknown)!r}; it has {', '.join(sorted(QUERY_KEYS))}.", HELP)
        text, properties = query.get("query", ""), query.get("properties", [])
        if not isinstance(text, str) or not isinstance(properties, list) or not all(isinstance(p, dict) and {"pid", "v"} <= set(p) for p in properties):
            raise Refusal(400, "A query has a text `query`, or a list `properties` of objects with `pid` and `v`.", HELP)
        if len(text) > LONGEST_QUERY:
            raise Refusal(400, f"A `query` is a name of at most {LONGEST_QUERY} characters.", HELP)
        if not text and not properties:
            raise Refusal(400, "A query needs `query` or `properties`.", HELP)
        if not self._is_wanted(query.get("type")):
            return []
        limit = query.get("limit", LIMIT)
        limit = min(int(limit), MOST_CANDIDATES) if isinstance(limit, int | float) and limit >= 1 else LIMIT
        named = self._named(text) if text else dict.fromkeys(self._records, 100.0)
        scores = {r: s for r, score in named.items() if (s := self._weighed(r, score, properties, must_agree=not text)) >= LEAST_SCORE}
        best = sorted(scores, key=lambda r: (-scores[r], r))[:limit]
        same = [r for r, score in named.items() if score == 100.0] if text else best
        return [self._candidate(r, scores[r], named[r], same == [r] and scores[r] == 100.0) for r in best]

    def _is_wanted(self, kind: Any) -> bool:
        """Whether records of this table are among the types asked for; none asked for is any."""
        return not kind or self._table.name in (kind if isinstance(kind, list) else [kind])

    def _named(self, text: str) -> dict[str, float]:
        """How alike the best spelling of each record is to a text, of 100."""
        asked, found = _spelling("", text), dict[str, float]()
        for spelling in self._spellings if asked.key else []:
            score = _likeness(asked, spelling)
            if score > found.get(spelling.record, LEAST_SCORE):
                found[spelling.record] = score
        return found

    def _weighed(self, record: str, score: float, properties: list[Json], *, must_agree: bool) -> float:
        for asked in properties:
            known = self._values(record, str(asked["pid"]))
            wanted = {_text(v) for v in (asked["v"] if isinstance(asked["v"], list) else [asked["v"]])}
            if must_agree and not known & wanted:
                return 0.0
            if known and not known & wanted:
                score -= DISAGREES
        return score

    def _values(self, record: str, column: str) -> set[str]:
        value = self._records[record].get(column)
        if value is None:
            return set()
        texts = str(value).split(UNION)
        return {_text(t) for t in [*texts, *(self._labels[column].get(t, t) for t in texts if column in self._labels)]}

    def _candidate(self, record: str, score: float, named: float, is_sure: bool) -> Json:
        features = [{"id": "name", "value": round(named, 1)}, {"id": "voices", "value": self._records[record]["voices"]}]
        kind = {"id": self._table.name, "name": self._table.get("title", self._table.name)}
        return {**self.entity(record), "score": round(score, 1), "match": is_sure, "type": [kind], "features": features}

    def entity(self, record: str) -> Json:
        """Id, name and description of a record."""
        row = self._records[record]
        label = self._table.get("label")
        shown = (
            [f.name for f in self._table.fields if f.descriptor.get("script") == "persian"] + self._table.get("describe", []) + self._table.get("facets", [])
        )
        told = dict.fromkeys(self._shown(c, row[c]) for c in shown if c != label and row[c] is not None)
        return {"id": record, "name": row[label], "description": UNION.join(told)}

    def _shown(self, column: str, value: Any) -> str:
        categories = {c["value"]: c["label"] for c in self._table.field(column).categories}
        return str(categories.get(value) or self._labels.get(column, {}).get(value) or value)

    def has(self, record: str) -> bool:
        return record in self._records

    def suggest(self, kind: str, prefix: str) -> Json:
        """What begins like, or is like, what someone types: entities, properties or types."""
        if kind == "entity":
            key = name_key(prefix)
            starting = {s.record for s in self._spellings if key and s.key.startswith(key)}
            alike = self._named(prefix)
            best = sorted(starting | set(alike), key=lambda r: (r not in starting, -alike.get(r, 0), r))
            return {"result": [{**self.entity(r), "notable": [self._table.name]} for r in best[:MOST_CANDIDATES]]}
        offered = self.properties() if kind == "property" else [{"id": self._table.name, "name": self._table.get("title", self._table.name)}]
        return {"result": [o for o in offered if prefix.casefold() in f"{o['id']} {o['name']}".casefold()]}

    def properties(self) -> list[Json]:
        """The columns that queries may name and that a spreadsheet may be extended by."""
        return [{"id": f.name, "name": f.title, "description": f.description} for f in self._table.fields if f.name not in BOOKKEEPING]

    def proposed(self) -> Json:
        return {"type": self._table.name, "properties": [{"id": p["id"], "name": p["name"]} for p in self.properties()]}

    def extend(self, asked: Any, site: str) -> Json:
        """The values of columns for a list of records."""
        if not isinstance(asked, dict) or not isinstance(asked.get("ids"), list) or not isinstance(asked.get("properties"), list):
            raise Refusal(400, "`extend` is a JSON object with the lists `ids` and `properties`.", HELP)
        columns = [str(p.get("id")) if isinstance(p, dict) else "" for p in asked["properties"]]
        known = {p["id"] for p in self.properties()}
        if wrong := [c for c in columns if c not in known]:
            raise Refusal(400, f"{self._table.name} has no property {wrong[0]!r}. It has {', '.join(sorted(known))}.", HELP)
        rows = {str(i): {c: self._cells(str(i), c) for c in columns} for i in asked["ids"]}
        return {"meta": [self._meta(c, site) for c in columns], "rows": rows}

    def _meta(self, column: str, site: str) -> Json:
        target = next((k.target for k in self._table.foreign_keys if k.field == column), None)
        told: Json = {"id": column, "name": self._table.field(column).title}
        if target:
            told["type"] = {"id": target, "name": self._published.tables[target].get("title", target)}
        if target in self._published.marked("reconcile"):
            told["service"] = f"{site}/{target}/-/reconcile"
        return told

    def _cells(self, record: str, column: str) -> list[Json]:
        value = self._records.get(record, {}).get(column)
        if value is None:
            return []
        if column in self._labels:
            return [{"id": value, "name": self._labels[column].get(value, value)}]
        if isinstance(value, int | float):
            return [{"int": value}] if isinstance(value, int) else [{"float": value}]
        return [{"str": part} for part in (value.split(UNION) if self._table.field(column).rule["rule"] == "union" else [value])]


def parse(text: str, name: str) -> Any:
    """The JSON value of a parameter; raises Refusal where it is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refusal(400, f"`{name}` is not JSON: {error}.", HELP) from error


def _labels(conn: sqlite3.Connection, table: Table) -> dict[str, str]:
    label = table.get("label")
    return dict(conn.execute(f'select id, "{label}" from "{table.name}"').fetchall()) if label else {}


def _spelling(record: str, text: str) -> Spelling:
    return Spelling(record, name_key(text), " ".join(sorted(word_keys(text))), "".join(skeleton_keys(text)), is_persian(text))


def _likeness(asked: Spelling, known: Spelling) -> float:
    """100 for the same name; across scripts only the consonants can be compared."""
    if asked.is_persian != known.is_persian:
        return ACROSS_SCRIPTS / 100 * fuzz.ratio(asked.skeleton, known.skeleton) if asked.skeleton else 0.0
    return max(fuzz.ratio(asked.key, known.key), fuzz.ratio(asked.words, known.words))


def _text(value: Any) -> str:
    """What a property's value is compared by; an entity is its id."""
    return name_key(str(value.get("id", "") if isinstance(value, dict) else value)) or str(value).strip().casefold()
