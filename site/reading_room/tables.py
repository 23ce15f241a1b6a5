"""A page of rows: what they are, which of them are shown, in words; for tables, views and the answers to queries."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.filters import Filters
from datasette.utils import path_with_format, path_with_replaced_args, tilde_decode
from datasette.utils.asgi import Request
from markupsafe import Markup, escape

from reading_room.cells import Cells
from reading_room.records import describe
from reading_room.render import cell, render
from reading_room.rows import Row, labels, named
from scripts import dates
from scripts.catalogue import AS_REPORTED
from scripts.package import UNION, Field, Table, View

LONGEST = 280  # characters of a cell in a list; the record's page has the rest
_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}(-[0-9]{2})?[~?%]?")
WIDE = 40  # characters from which a cell asks for room
KEYS = ("Link",)
POINTING = {"disputed", "table", "record", "field", "published_value", "other_value", "shown"}  # columns that name tables, columns or records


class Rows:
    """Writes the rows of one table, view or answer. Columns that a schema knows by name are shown as it says."""

    def __init__(self, datasette: Datasette, request: Request, cells: Cells, name: str | None) -> None:
        self.datasette, self.request, self.cells, self.lang = datasette, request, cells, cells.lang
        self.catalogue = cells.catalogue
        self.name = name
        self.table = self.catalogue.tables.get(name or "")
        question = self.catalogue.questions.get(request.url_vars.get("table", "")) if request.url_vars and name is None else None
        self.descriptor: Mapping[str, Any] = self.table.descriptor if self.table else question or self.catalogue.views.get(name or "", {})
        self._ids: dict[tuple[str, str], str] = {}  # of records that an answer gives by name
        self._known: dict[tuple[str, type, Any], str] = {}  # cells that were written already: long lists say the same again and again

    # what the page says of itself

    @property
    def title(self) -> str:
        return self.lang.of(self.descriptor) or self.name or ""

    def told(self, key: str) -> str:
        """A sentence of the schema: `summary`, `row`, `counting`."""
        return self.lang.of(self.descriptor, key)

    @property
    def caveats(self) -> list[str]:
        return [self.lang.of(self.catalogue.warnings[w], "text") for w in self.descriptor.get("warnings", [])]

    def count(self, n: int | None) -> str:
        """How many rows, with its caveat where the schema has one."""
        if n is None:
            return ""
        return self.lang.say("rows.at-least" if "at-least" in self.descriptor.get("warnings", []) else "rows.count", n=n)

    @property
    def reported(self) -> str | None:
        """The address of the rows as reported behind a table of records."""
        reported = self.catalogue.reported(self.name or "")
        return self.cells.href(reported) if reported else None

    @property
    def records(self) -> dict[str, str] | None:
        """For a table of rows as reported, the table of records made from them."""
        base = (self.name or "").removesuffix(AS_REPORTED)
        if base == self.name or base not in self.catalogue.tables:
            return None
        return {"href": self.cells.href(base), "title": self.lang.of(self.catalogue.tables[base].descriptor)}

    def downloads(self, total: int | None) -> list[dict[str, str]]:
        """The rows of the page, all of them, as files."""
        asked = [(k, v) for k, v in parse_qsl(self.request.query_string) if k not in ("_lang", "_next", "_size", "_facet", "_stream", "_shape")]
        rows = self.lang.say("rows.count", n=total) if total is not None else ""
        csv = {"name": "CSV", "href": self._as("csv", [*asked, *([("_stream", "on")] if self.name else []), ("_size", "max")]), "rows": rows}
        json = {"name": "JSON", "href": self._as("json", [*asked, ("_shape", "objects")]), "rows": self.lang.say("rows.paged") if total else ""}
        return [csv, json]

    def _as(self, kind: str, asked: list[tuple[str, str]]) -> str:
        path = path_with_format(request=self.request, format=kind).partition("?")[0]
        return f"{path}?{urlencode(asked)}"

    # columns

    def field(self, column: str) -> Field | None:
        """What a schema says of a column; one of a view or a query is known where a table of records has its like."""
        return self._fields.get(column)

    @cached_property
    def _fields(self) -> dict[str, Field]:
        """By name: the columns of the table or view; for a query those that mean the same in every table."""
        if self.table:
            return {f.name: f for f in self.table.fields}
        own = View(self.name or "", dict(self.descriptor)).fields
        return self._common | {f.name: self._completed(f) for f in own}

    def _completed(self, own: Field) -> Field:
        """A column of a view or a question, with what is known of the column that it is `like`, else of those of its name."""
        table, _, column = own.descriptor.get("like", "").partition(".")
        like = self.catalogue.tables[table].field(column) if table else self._common.get(own.name)
        return Field({**(like.descriptor if like else {}), **own.descriptor})

    @cached_property
    def _common(self) -> dict[str, Field]:
        return _common_fields(self.catalogue.records)

    @cached_property
    def _targets(self) -> dict[str, str]:
        """The tables whose ids columns hold, by column; in a view or a query told by its name."""
        return {k.field: k.target for k in self.table.foreign_keys} if self.table else _common_targets(self.catalogue.tables.values())

    def heading(self, column: str) -> str:
        field = self.field(column)
        if field and (self.table or "title" in field.descriptor):
            return self.lang.of(field.descriptor)
        if column == "Link":
            return self.lang.say("rows.row")
        return self.lang.say(f"column.{column}") if self.lang.knows(f"column.{column}") else column.replace("_", " ").capitalize()

    def hint(self, column: str) -> str:
        field = self.field(column)
        return self.lang.of(field.descriptor, "description") if field else ""

    def columns(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """The columns of the page in words, for its explanation, with the values of closed lists that say more than their label."""
        return [{"title": self.heading(c), "hint": self.hint(c), "english": self._english(c), "values": self._explained(c)} for c in names if self.hint(c)]

    def _english(self, column: str) -> bool:
        """Whether a Persian page has to tell of the column in English."""
        field = self.field(column)
        return self.lang.persian and not (field and field.descriptor.get("description_fa"))

    def _explained(self, column: str) -> list[dict[str, str]]:
        """The values of a closed list with what they mean, where that is not the same for all of them."""
        field = self.field(column)
        values = [{"label": self.lang.of(c, "label"), "hint": self.lang.of(c, "description")} for c in field.categories] if field else []
        return values if len({v["hint"] for v in values}) > 1 else []

    def _holds_numbers(self, column: str, values: list[Any]) -> bool:
        return bool(values) and self.target(column) is None and all(isinstance(v, (int, float)) for v in values)

    def target(self, column: str) -> str | None:
        """The table whose ids a column holds."""
        return self._targets.get(column)

    # rows

    async def prepare(self, rows: list[Row], filters: Iterable[tuple[str, str, str]] = (), facets: Iterable[Mapping[str, Any]] = ()) -> None:
        """Read what everything on the page is called."""
        wanted = {(t, str(v)) for row in rows for c, v in row.items() if v and (t := self.target(c))}
        wanted |= {(t, value) for column, _, value in filters if (t := self.target(column))}
        wanted |= {(t, str(r["value"])) for f in facets for r in f["results"] if (t := self.target(f["name"])) and r["value"]}
        wanted |= {(row["table"], str(row["record"])) for row in rows if row.get("table") in self.catalogue.tables and row.get("record")}
        wanted |= {(t, str(row[c])) for row in rows if (t := self._disputed_target(row)) for c in ("published_value", "other_value", "shown") if row.get(c)}

        def read(conn: sqlite3.Connection) -> None:
            self.cells.labels |= labels(conn, self.catalogue, self.lang, wanted)
            if self.table is None:  # a query may give a name under the name of an id
                self._ids = named(conn, self.catalogue, wanted - set(self.cells.labels))
                self.cells.labels |= labels(conn, self.catalogue, self.lang, {(table, record) for (table, _), record in self._ids.items()})
            missing: dict[str, list[str]] = {}
            for table, record in sorted(wanted - set(self.cells.labels)):
                missing.setdefault(table, []).append(record)
            for table, ids in missing.items():
                self.cells.labels |= describe(conn, self.catalogue, self.lang, table, ids)

        await self.datasette.get_database(self.catalogue.database).execute_fn(read)

    def _disputed_target(self, row: Row) -> str | None:
        """For a row about a column that holds ids, the table they belong to."""
        return self.catalogue.target(str(row.get("table", "")), str(row.get("field", "")))

    async def prepare_answer(self, columns: list[str], rows: Iterable[Any]) -> None:
        await self.prepare([dict(zip(columns, row, strict=True)) for row in rows])

    def cell(self, row: Row, column: str, value: Any) -> Markup:
        """A cell in words, with a mark where sources disagree on it."""
        html = self._cell(row, column, value)
        disputed = row.get("disputed")
        if disputed and html and column in disputed.split(UNION):
            word = escape(self.lang.say("disputed"))
            html += Markup(f' <span class="flag" title="{word}"><span class="unseen">{word}</span></span>')
        return html

    def _cell(self, row: Row, column: str, value: Any) -> Markup:
        if value is None or value == "":
            return Markup()
        if column in POINTING and (special := self._pointing(row, column, str(value))):
            return special
        target = self.target(column)
        record = self._ids.get((target or "", str(value)), str(value))
        if target and (self.table or (target, record) in self.cells.labels):
            return self.cells.link(target, record)
        field = self.field(column)
        if spoken := self._spoken(column, value):
            return escape(spoken)
        if field is None or target:
            return self._unknown(value)
        if isinstance(value, str) and len(value) > LONGEST and not field.descriptor.get("url"):
            return self.cells.text(_cut(value))
        return self.cells.value(self.name or "", field, value)

    def _unknown(self, value: Any) -> Markup:
        """A value of which no schema knows: a date is told by its form."""
        if not isinstance(value, str):
            return escape(self.lang.number(value))
        return self.cells.moment(value) if _DATE.fullmatch(value) and not dates.problem(value) else self.cells.text(_cut(value))

    def _pointing(self, row: Row, column: str, value: str) -> Markup | None:
        """Columns that name tables, columns and records of any table."""
        if column == "disputed":
            fields = {f.name: self.lang.of(f.descriptor) for f in (self.table.fields if self.table else self._common.values())}
            return self.cells.text(self.lang.join([fields.get(name, name) for name in value.split(UNION)]))
        table = self.catalogue.tables.get(str(row.get("table", "")))
        if table is None:
            return self.cells.text(self.plain(column, value)) if column == "field" else None
        if column == "table":
            return self.cells.text(self.lang.of(table.descriptor))
        if column == "record":
            return self.cells.link(table.name, value)
        if column == "field" and value in table.columns:
            return self.cells.text(self.lang.of(table.field(value).descriptor))
        if column in ("published_value", "other_value", "shown") and row.get("field") in table.columns:
            return self.cells.value(table.name, table.field(row["field"]), value)
        return None

    def body(self, columns: list[dict[str, Any]], rows: list[Row], sort: str | None = None, sort_desc: str | None = None) -> Markup:
        """The table itself, from the columns that Datasette gives its templates and the plain rows."""
        return self._grid(self._shown([c["name"] for c in columns]), rows, {c["name"] for c in columns if c.get("sortable")}, sort, sort_desc)

    def answer(self, columns: list[str], rows: Iterable[Any]) -> Markup:
        """The table of a query's answer, without columns that repeat the name of a record that another one links to."""
        return self._grid([c for c in columns if c not in self._repeated(columns)], [dict(zip(columns, row, strict=True)) for row in rows], set(), None, None)

    def _repeated(self, columns: list[str]) -> set[str]:
        found = set()
        for target in (t for c in columns if (t := self.target(c))):
            label = self.catalogue.labels(target)
            found |= {label[self.lang.persian]} if label else set()
        return found | {f"{c}_name" for c in columns if self.target(c)}

    def _grid(self, shown: list[str], plain: list[Row], sortable: set[str], sort: str | None, sort_desc: str | None) -> Markup:
        numbers = {c for c in shown if self._holds_numbers(c, [r[c] for r in plain if r.get(c) is not None])}
        headings = [self._heading(c, c in sortable, c in numbers, sort, sort_desc) for c in shown]
        titles = {c: escape(h["title"]) for c, h in zip(shown, headings, strict=True)}
        lines = [Markup("".join([self._written(r, c, titles[c], c in numbers) for c in shown])) for r in plain]
        return render(self.datasette, "_rows.html", {"say": self.lang.say, "title": self.title, "headings": headings, "lines": lines})

    def _written(self, row: Row, column: str, title: Markup, number: bool) -> str:
        if column in KEYS:
            return cell(self._first(row), title)
        value = row.get(column)
        kind = "n" if number else "w" if isinstance(value, str) and len(value) > WIDE else ""
        if column in POINTING or row.get("disputed"):  # it says something of its row
            return cell(self.cell(row, column, value), title, kind)
        key = (column, type(value), value)
        if key not in self._known:
            self._known[key] = cell(self.cell(row, column, value), title, kind)
        return self._known[key]

    def plain_rows(self, rows: Iterable[Any]) -> list[Row]:
        """Rows of values by column, without Datasette's markup; its first column stands under `Link`."""
        return [{c["column"] if i or c["value_type"] != "pk" else "Link": _value(c["raw"]) for i, c in enumerate(row)} for row in rows]

    def _shown(self, names: list[str]) -> list[str]:
        """The columns to show: the key is a link to the record, by its name where it has one."""
        if self.table is None:
            return [c for c in names if c not in self._repeated(names)]
        rest, label = names[1:], self._label
        name, other = (label[self.lang.persian], label[not self.lang.persian]) if label else ("", "")
        first = [*((other,) if other != name else ()), *self.catalogue.state_columns(self.table.name)]
        return ["Link", *(c for c in first if c in rest), *(c for c in rest if c not in first and c != name)]

    def facets(self, found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Facets in the order of the schema, those a reader added at the end."""
        order = {name: i for i, name in enumerate(self.descriptor.get("facets", []))}
        return sorted(found, key=lambda f: order.get(f["name"], len(order)))

    @property
    def _label(self) -> tuple[str, str] | None:
        """The columns that name the records of the table, where it has such."""
        return self.catalogue.labels(self.table.name) if self.table and self.table.get("kind") in ("records", "plain") else None

    def _first(self, row: Row) -> Markup:
        """The link to the page of a row."""
        key = str(row["Link"])
        label = self._label
        text = self.cells.text(str(row.get(label[self.lang.persian]) or row.get(label[0]) or key)) if label else escape(self.lang.say("rows.open"))
        return Markup(f'<a href="{self.cells.href(self.name or "")}/{escape(key)}">{text}</a>')

    def _heading(self, column: str, sortable: bool, number: bool, sort: str | None, sort_desc: str | None) -> dict[str, Any]:
        label = self._label if column == "Link" else None
        name = label[self.lang.persian] if label else column
        is_sorted = "ascending" if name == sort else "descending" if name == sort_desc else ""
        replaced = {"_sort": name, "_sort_desc": None, "_next": None}
        if is_sorted == "ascending":
            replaced |= {"_sort": None, "_sort_desc": name}
        href = path_with_replaced_args(self.request, replaced) if sortable or label else ""
        return {"title": self.heading(name), "hint": self.hint(name), "number": number, "sorted": is_sorted, "href": href}

    def english(self, key: str = "") -> Markup:
        """A sentence of a schema that is there in English only says so on a Persian page."""
        return Markup(' lang="en" dir="ltr"') if self.lang.persian and not self.descriptor.get(f"{key}_fa") else Markup()

    def link(self, to: dict[str, str]) -> Markup:
        return Markup(f'<a href="{escape(to["href"])}">{escape(to["title"])}</a>')

    # filters and facets

    def sentence(self, filters: Filters, search: str) -> list[dict[str, str]]:
        """The current filters in words, each with the address of the page without it."""
        found = [self._condition(*selection) for selection in filters.selections()]
        if search:
            found.append({"text": self.lang.say("filter.search", query=search), "without": self._without("_search", search)})
        return found

    def _condition(self, column: str, lookup: str, value: str) -> dict[str, str]:
        key = f"{column}__{lookup}" if lookup != "exact" else column
        words = self.lang.say(f"op.{lookup}") if self.lang.knows(f"op.{lookup}") else lookup
        shown = "" if lookup in ("isnull", "notnull", "isblank", "notblank") else self.plain(column, value)
        return {"text": f"{self.heading(column)} {words} {shown}".strip(), "without": self._without(key, value)}

    def plain(self, column: str, value: Any) -> str:
        """A value of a column as plain text."""
        if value in (None, ""):
            return self.lang.say("none")
        if (target := self.target(column)) and (target, str(value)) in self.cells.labels:
            return self.cells.labels[(target, str(value))]
        field = self.field(column)
        known = next((c for c in field.categories if c["value"] == str(value)), None) if field else None
        if spoken := self._spoken(column, value):
            return spoken
        if known:
            return self.lang.of(known, "label")
        if column == "table" and value in self.catalogue.tables:
            return self.lang.of(self.catalogue.tables[value].descriptor)
        if column == "field" and value in self._common:
            return self.lang.of(self._common[value].descriptor)
        return str(value)

    def _spoken(self, column: str, value: Any) -> str:
        """The words of the catalogue for a value that the engine gives: an event of the timeline, a rule of merging."""
        key = f"{column}.{value}"
        return self.lang.say(key) if column in ("event", "rule") and self.lang.knows(key) else ""

    def _without(self, key: str, value: str) -> str:
        kept = [(k, v) for k, v in parse_qsl(self.request.query_string, keep_blank_values=True) if k not in (key, "_next") or (k == key and v != value)]
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    def local(self, url: str) -> str:
        """An address that Datasette made, without its host."""
        return url if url.startswith("/") else "/" + url.split("/", 3)[3]


def _value(raw: Any) -> Any:
    """A value without the label that Datasette puts to an id."""
    return raw["value"] if isinstance(raw, dict) else raw


def name_of(request: Request) -> str:
    return tilde_decode(request.url_vars["table"])


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def _common_fields(tables: Iterable[Table]) -> dict[str, Field]:
    """Fields by name that are called the same in every table that has them, with the codes that mean the same in all of them."""
    found: dict[str, Field | None] = {}
    for table in tables:
        for field in table.fields:
            known = found.setdefault(field.name, field)
            if known and known is not field:
                found[field.name] = _both(known, field) if known.title == field.title else None
    return {name: field for name, field in found.items() if field}


def _both(one: Field, two: Field) -> Field:
    if one.categories == two.categories:
        return one
    labels: dict[str, set[str]] = {}
    for category in (*one.categories, *two.categories):
        labels.setdefault(category["value"], set()).add(category["label"].casefold())
    kept = {c["value"]: c for c in (*one.categories, *two.categories) if len(labels[c["value"]]) == 1}
    return Field({**one.descriptor, "categories": list(kept.values())})


def _common_targets(tables: Iterable[Table]) -> dict[str, str]:
    """Columns by name that refer to the same table wherever they occur."""
    found: dict[str, str | None] = {}
    for table in tables:
        for key in table.foreign_keys:
            known = found.setdefault(key.field, key.target)
            if known != key.target:
                found[key.field] = None
    return {name: target for name, target in found.items() if target}
