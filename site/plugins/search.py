"""Make Datasette's own search box and `_search=` forgive spelling, by reading the query as the index was written."""

import sqlite3

from datasette import hookimpl

from scripts.names import match_expression


@hookimpl(trylast=True)  # after Datasette has registered its own escape_fts, which this replaces
def prepare_connection(conn: sqlite3.Connection) -> None:
    conn.create_function("escape_fts", 1, match_expression, deterministic=True)
