"""Reads what an address asks for before Datasette does, and refuses what Datasette would misread.

Datasette passes over an unknown operator, compares with an unknown column as if it were a text, and starts again from the
first page at an unknown cursor: an answer to a question that nobody asked. Here each gets a 400, with a sentence that says what is wrong
and where it is explained.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from urllib.parse import parse_qsl

from scripts.openapi import LARGEST
from scripts.package import Table
from scripts.serve import SETTINGS
from service.caching import VERSION_PARAMETER
from service.served import Served

# what Datasette knows: datasette.filters.Filters
OPERATORS = (
    "exact", "not", "contains", "endswith", "startswith", "gt", "gte", "lt", "lte", "like", "notlike", "glob", "in", "notin",
    "arraycontains", "arraynotcontains", "date", "isnull", "notnull", "isblank", "notblank",
)  # fmt: skip
COMPARING = {"exact", "not", "gt", "gte", "lt", "lte"}
COLUMN_VALUED = ("_sort", "_sort_desc", "_facet", "_facet_date", "_facet_array", "_col", "_nocol", "_label")
SWITCHES = ("_labels", "_json_infinity", "_nofacet", "_nosuggest", "_nocount", "_hide_sql", "_show_sql", "_dl", "_nl", "_sort_by_desc")
WHOLE_NUMBERS = ("_ttl", "_timelimit")
ANYWHERE = {VERSION_PARAMETER, "lang", "_lang", "_shape", "_json", "_json_infinity", "_extra", "_header", "_success", *WHOLE_NUMBERS}
ON_TABLES = {
    *ANYWHERE, *COLUMN_VALUED, *SWITCHES, "_stream", "_size", "_next", "_search", "_searchmode", "_where", "_through", "_facet_size", "_filter_column",
    "_filter_op", "_filter_value", "_blob_column", "_extras",
}  # fmt: skip
ON_QUERIES = {*ANYWHERE, "_hide_sql", "_show_sql", "_size", "_dl", "_nl"}
ON_RECORDS = {*ANYWHERE, "_labels", "_label", "_extras", "_blob_column"}
FOLLOWING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_hs\w+")
NUMBERED = re.compile(r"(_filter_(?:column|op|value))_\d+")
SHAPES = ("arrays", "objects", "array", "arrayfirst", "object")
WHOLE = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MOST_ROWS = int(str(SETTINGS["max_returned_rows"]))
MOST_COLUMNS_TOLD = 30


@dataclass
class Refusal(Exception):
    """An answer other than 200: its status, a sentence that says why, and the address that helps on, from the site's root."""

    status: int
    sentence: str
    pointer: str = "/api"
    moved_to: str = ""


def check(served: Served, path: str, query: str) -> str:
    """The query as Datasette can answer it; raises Refusal where the address asks for what does not exist or cannot be meant.

    `path` is the path below the site's root.

    Pages for people bear what forms and other sites put into their addresses: empty values, and marks that follow readers around.
    """
    asked = parse_qsl(query, keep_blank_values=True)
    _check_edition(served, asked)
    database, _, rest = path.removeprefix("/").partition("/")
    if database != served.published.database or not rest:
        return query
    name, slash, key = rest.partition("/")
    name, form = (name, _form(key)[1]) if slash else _form(name)
    if not form:
        _shake_off(path, query, asked)
        asked = [(parameter, value) for parameter, value in asked if value]
    if slash:
        _check_record(served, name, key, asked)
    elif name in served.columns:
        _check_format(name, form)
        _check_list(served, name, asked)
    return query if slash else query + _completion(served, name, asked)


def _check_list(served: Served, name: str, asked: list[tuple[str, str]]) -> None:
    if name in served.published.queries:
        _check_parameters(f"The query {name}", served.published.queries[name].get("params", []), asked, ON_QUERIES, "/api#queries")
    else:
        for problem in _table_problems(served, name, asked):
            raise problem


def _completion(served: Served, name: str, asked: list[tuple[str, str]]) -> str:
    """What to add to the query of a list.

    The column it is sorted by, where that is left away: Datasette needs its values to find the next page. And for all rows at once the
    longest pages, because Datasette would read them 50 at a time.
    """
    by, wanted = _sorted_by(served, name, dict(asked)), {value for parameter, value in asked if parameter == "_col"}
    column = f"&_col={by}" if by and wanted and by not in wanted else ""
    return column + ("&_size=max" if "_stream" in dict(asked) and "_size" not in dict(asked) else "")


def _sorted_by(served: Served, name: str, asked: dict[str, str]) -> str | None:
    """The column that a list is sorted by, if by any; views are sorted by their own SQL."""
    table = served.published.tables.get(name)
    own = table.get("sort") or table.get("sort_desc") if table else None
    return asked.get("_sort") or asked.get("_sort_desc") or own


def _shake_off(path: str, query: str, asked: list[tuple[str, str]]) -> None:
    """Send a reader whose address carries marks of other sites, which Datasette would take for columns, to the address without them."""
    if any(FOLLOWING.fullmatch(parameter) for parameter, _ in asked):
        kept = "&".join(part for part in query.split("&") if not FOLLOWING.fullmatch(part.partition("=")[0]))
        here = path + ("?" + kept if kept else "")
        raise Refusal(302, "The same page, without what followed you here.", here, moved_to=here)


def _form(name: str) -> tuple[str, str]:
    stem, dot, form = name.partition(".")
    return stem, form if dot else ""


def _check_format(name: str, form: str) -> None:
    if form not in ("", "json", "csv", "jsono"):
        raise Refusal(404, f"There is no {form} of {name}; there are {name}.json and {name}.csv.", "/api#formats")


def _check_edition(served: Served, asked: list[tuple[str, str]]) -> None:
    for name, value in asked:
        if name == VERSION_PARAMETER and value not in (served.edition, served.version):
            raise Refusal(
                404,
                f"{value or 'That'} is not the edition served here, which is {served.edition}; releases of other days are among the downloads.",
                "/downloads",
            )


def _check_record(served: Served, name: str, key: str, asked: list[tuple[str, str]]) -> None:
    table = served.published.tables.get(name)
    if table is None or "/" in key:
        return
    key, form = _form(key)
    if form not in ("", "json", "csv", "jsono", "blob", "schema.json"):
        raise Refusal(404, f"There is no {form} of a record; there is {key}.json.", "/api#formats")
    if form == "json":
        _check_parameters("A record", [], asked, ON_RECORDS, "/api#parameters")
    if form != "schema.json" and len(key.split(",")) != len(table.primary_key):
        raise Refusal(
            404, f"A record of {name} has an address made of {', '.join(table.primary_key)}, separated by commas.", f"/{served.published.database}/{name}"
        )


def _check_parameters(what: str, own: list[str], asked: list[tuple[str, str]], general: set[str], pointer: str) -> None:
    for parameter, value in asked:
        if parameter not in own and parameter not in general:
            has = f"it has {', '.join(own)}" if own else "it has none"
            raise Refusal(400, f"{what} has no parameter {parameter!r}; {has}.", pointer)
        if parameter not in own and (problem := _value_problem(parameter, value)):
            raise Refusal(400, problem, "/api#parameters")


def _table_problems(served: Served, name: str, asked: list[tuple[str, str]]) -> Iterator[Refusal]:
    columns = served.columns[name]
    for parameter, value in asked:
        parameter = NUMBERED.sub(r"\1", parameter)
        if parameter.startswith("_search_"):
            continue  # Datasette tells which columns can be searched
        if parameter in COLUMN_VALUED and value not in columns:
            yield _no_column(name, value, columns, "sorting" if "sort" in parameter else "filters")
        elif not parameter.startswith("_"):
            yield from _filter_problems(name, served.published.tables.get(name), columns, parameter, value)
        elif parameter not in ON_TABLES:
            yield Refusal(400, f"There is no parameter {parameter!r}.{_suggestion(parameter, ON_TABLES)}", "/api#parameters")
        elif problem := _value_problem(parameter, value):
            yield Refusal(400, problem, "/api#parameters")
    if (by := _sorted_by(served, name, dict(asked))) and ("_nocol", by) in asked:
        yield Refusal(400, f"The list is sorted by {by}, so it cannot do without that column; sort it by another.", "/api#sorting")
    yield from _together(served, name, dict(asked))


def _filter_problems(name: str, table: Table | None, columns: list[str], parameter: str, value: str) -> Iterator[Refusal]:
    if not parameter:
        yield Refusal(400, "The address holds a value without the name of a column.", "/api#filters")
        return
    column, _, operator = (parameter, "", "exact") if parameter in columns else parameter.rpartition("__")
    if column not in columns:
        yield _no_column(name, column or parameter, columns, "filters")
    elif operator not in OPERATORS:
        yield Refusal(400, f"There is no operator {operator!r}.{_suggestion(operator, OPERATORS)} There are {', '.join(OPERATORS)}.", "/api#filters")
    elif operator in ("in", "notin") and value.startswith("[") and not _is_json(value, list):
        yield Refusal(400, f'{parameter} starts with [ and so must be a JSON list, such as ["a", "b"]; or separate values by commas.', "/api#filters")
    elif operator in COMPARING and table and table.field(column).type in ("integer", "number") and not _is_number(value, table.field(column).type):
        yield Refusal(400, f"{column} holds numbers, and {value!r} is none.", "/api#filters")
    elif operator in COMPARING and table and table.field(column).type == "boolean" and value not in ("0", "1"):
        yield Refusal(400, f"{column} is 1 for yes or 0 for no, not {value!r}.", "/api#filters")


def _is_number(value: str, kind: str) -> bool:
    return bool((WHOLE if kind == "integer" else NUMBER).fullmatch(value.strip())) and abs(Decimal(value.strip())) <= LARGEST


def _value_problem(parameter: str, value: str) -> str | None:
    if parameter == "_shape" and value not in SHAPES:
        return f"There is no _shape {value!r}; ask for _shape=objects."
    if parameter in SWITCHES and value not in ("on", "off", "1", "0"):
        return f"{parameter} is on or off, not {value!r}."
    if parameter == "_stream" and value not in ("on", "1"):
        return f"_stream is on, or not there, not {value!r}."
    if parameter in WHOLE_NUMBERS and not (value.isascii() and value.isdigit() and len(value) < 10):
        return f"{parameter} is a whole number, not {value!r}."
    if parameter in ("_size", "_facet_size") and value != "max" and not (value.isascii() and value.isdigit() and int(value) <= MOST_ROWS):
        return f"{parameter} is a whole number up to {MOST_ROWS}, or max; {value!r} is neither."
    if parameter == "_searchmode" and value not in ("escaped", "raw"):
        return "_searchmode is escaped or raw."
    if parameter == "_through" and not (_is_json(value, dict) and {"table", "column", "value"} <= set(json.loads(value))):
        return '_through is a JSON object such as {"table": "…", "column": "…", "value": "…"}.'
    return None


def _together(served: Served, name: str, asked: dict[str, str]) -> Iterator[Refusal]:
    """Problems of parameters that depend on each other."""
    if asked.get("_sort") and asked.get("_sort_desc"):
        yield Refusal(400, "Sort by _sort or by _sort_desc, not by both.", "/api#sorting")
    if asked.get("_stream") and asked.get("_next"):
        yield Refusal(400, "_stream=on gives all rows at once; leave _next away.", "/api#all")
    if (cursor := asked.get("_next")) is not None:
        table = served.published.tables.get(name)
        if table is None:
            fits = cursor.isascii() and cursor.isdigit() and len(cursor) < 10
        else:
            parts = cursor.split(",")
            fits = all(parts) and len(parts) == len(table.primary_key) + bool(_sorted_by(served, name, asked))
        if not fits:
            yield Refusal(400, "_next is no place in this list. Take it from `next` of the page before, with the same sort and filters.", "/api#paging")


def _no_column(name: str, column: str, columns: list[str], section: str) -> Refusal:
    told = ", ".join(columns[:MOST_COLUMNS_TOLD])
    return Refusal(400, f"{name} has no column {column!r}.{_suggestion(column, columns)} It has {told}.", f"/api#{section}")


def _suggestion(wrong: str, right: Iterable[str]) -> str:
    close = get_close_matches(wrong, list(right), 1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _is_json(text: str, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except ValueError:
        return False
