"""What a connection may do: read the published tables, and nothing else; and how much it may do of that."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,  # bytes of a text, a blob or a row
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,  # the longest view has some 20 thousand
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 500,  # the view of all claims has one for every column of every table
    sqlite3.SQLITE_LIMIT_VDBE_OP: 200_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 20_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
# functions of SQLite that reach beyond the tables: files, code, the log, how SQLite was made
FORBIDDEN = {
    "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "sqlite_log", "sqlite_source_id", "sqlite_version", "fts5_source_id",
    "sqlite_compileoption_get", "sqlite_compileoption_used", "rtreecheck", "optimize",
}  # fmt: skip
DESCRIBING = {"table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo", "function_list"}
VERSIONS = {"data_version", "schema_version"}  # full-text search asks for the one, Datasette for the other
PATHS = {"database_list"}  # which files are open: for Datasette, not for strangers
TABLE_FUNCTIONS = {"json_each", "json_tree", *(f"pragma_{name}" for name in DESCRIBING)}
CATALOGUES = {"sqlite_master", "sqlite_schema"}


def harden(conn: sqlite3.Connection, *, asked: bool = False) -> None:
    """Bound what `conn` can do, for good. `asked`: its SQL comes from a stranger, who is not told where the file lies either."""
    conn.set_authorizer(None)
    readable = {name for (name,) in conn.execute("select name from sqlite_master")} | CATALOGUES
    modules = {name for (name,) in conn.execute("select name from pragma_module_list")} - TABLE_FUNCTIONS
    for limit, value in LIMITS.items():
        conn.setlimit(limit, value)
    conn.set_authorizer(reader(readable, modules, DESCRIBING | VERSIONS | (set() if asked else PATHS)))


def reader(readable: set[str], modules: set[str], pragmas: set[str]) -> Authorizer:
    """A judge of every action that a statement would take: it may read `readable` tables, describe them, and call harmless functions."""

    def judge(action: int, first: str | None, second: str | None, database: str | None, _view: str | None) -> int:
        match action:
            case sqlite3.SQLITE_SELECT | sqlite3.SQLITE_RECURSIVE:
                is_harmless = True
            case sqlite3.SQLITE_READ if second:
                is_harmless = database == "main" and (first in readable or first in TABLE_FUNCTIONS)
            case sqlite3.SQLITE_READ:  # only rows are counted; a name that the statement made itself looks the same
                is_harmless = str(first).lower() not in modules
            case sqlite3.SQLITE_FUNCTION:
                is_harmless = str(second).lower() not in FORBIDDEN
            case sqlite3.SQLITE_PRAGMA:
                is_harmless = first in pragmas
            case _:  # so SQLite asks when it opens a table function or a search index; a real update of its catalogue it refuses by itself
                is_harmless = (action, first, database) == (sqlite3.SQLITE_UPDATE, "sqlite_master", "main")
        return sqlite3.SQLITE_OK if is_harmless else sqlite3.SQLITE_DENY

    return judge
