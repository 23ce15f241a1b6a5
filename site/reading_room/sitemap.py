"""The map of the site for search engines: an index, the site's own pages, and a file for the records of each table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from datasette.utils import escape_sqlite

from reading_room.catalogue import Catalogue
from reading_room.cells import encode
from reading_room.language import LANGUAGES
from reading_room.listing import named, where

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
MOST = 5_000  # records in a file, which is made while others wait; the protocol allows 50,000
PAGES = "pages"
Address = Callable[[str], str]  # a path with its host


def files(conn: sqlite3.Connection, catalogue: Catalogue) -> Iterator[str]:
    """The names of the files: `pages`, and for each table `people`, `people-2`…"""
    yield PAGES
    for table in named(catalogue):
        count = conn.execute(f"select count(*) from {escape_sqlite(table.name)} where {where(catalogue, table)}").fetchone()[0]
        yield from (table.name if n == 0 else f"{table.name}-{n + 1}" for n in range(-(-count // MOST)))


def records(conn: sqlite3.Connection, catalogue: Catalogue, file: str, base: str) -> list[str] | None:
    """The paths of the records in a file; None where there is no such file."""
    for table in named(catalogue):
        if match := re.fullmatch(rf"{re.escape(table.name)}(?:-([2-9]|[1-9]\d+))?", file):
            offset = MOST * (int(match[1] or 1) - 1)
            sql = f"select id from {escape_sqlite(table.name)} where {where(catalogue, table)} order by id limit {MOST} offset {offset}"
            return [f"{base}/{encode(table.name)}/{encode(row[0])}" for row in conn.execute(sql)] or None
    return None


def index(names: Iterable[str], address: Address, changed: str) -> str:
    root = Element("sitemapindex", {"xmlns": SITEMAP})
    for name in names:
        entry = SubElement(root, "sitemap")
        SubElement(entry, "loc").text = address(f"/sitemaps/{name}.xml")
        SubElement(entry, "lastmod").text = changed
    return written(root)


def urlset(paths: Iterable[str], address: Address) -> str:
    """Pages, each with its other languages."""
    root = Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for path in paths:
        entry = SubElement(root, "url")
        SubElement(entry, "loc").text = address(path)
        for code in LANGUAGES:
            href = address(path) if code == "en" else f"{address(path)}?lang={code}"
            SubElement(entry, "xhtml:link", {"rel": "alternate", "hreflang": code, "href": href})
    return written(root)


def written(root: Element) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
