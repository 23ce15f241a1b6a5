"""Datasette's metadata: metadata.yml, completed with what the schemas say of every table, view and column."""

from __future__ import annotations

from html import escape
from typing import Any

from scripts.catalogue import published_tables, published_views
from scripts.contact import contact_of
from scripts.load import SEARCH
from scripts.package import Package, Table, View, read_yaml

METADATA = "metadata.yml"


def datasette_metadata(package: Package) -> dict[str, Any]:
    """The whole metadata of the site. Licence and source stand on every table, because Datasette 1.0 does not inherit them."""
    path = package.root / METADATA
    metadata = read_yaml(path) if path.exists() else {"title": package.descriptor.get("title", package.name)}
    database = metadata.setdefault("databases", {}).setdefault(package.name, {})
    tables = database.setdefault("tables", {})
    credit = {k: metadata[k] for k in ("license", "license_url", "source", "source_url", "about", "about_url") if k in metadata}
    for table in published_tables(package).values():
        tables[table.name] = credit | _table(package, table) | tables.get(table.name, {})
    for view in published_views(package).values():
        tables[view.name] = credit | _view(package, view) | tables.get(view.name, {})
    return metadata


def site_catalogue(package: Package) -> dict[str, Any]:
    """All that the pages are made from: the schemas of what is published, their warnings, and the titles in both languages.

    It stands in a file of its own, because Datasette copies its metadata several times for every page.
    """
    return {
        "database": package.name,
        "title": package.descriptor.get("title", package.name),
        "title_fa": package.descriptor.get("title_fa", ""),
        "description": package.descriptor.get("description", ""),
        "description_fa": package.descriptor.get("description_fa", ""),
        "warnings": package.warnings,
        "licences": package.descriptor.get("licenses", []),
        "keywords": package.descriptor.get("keywords", []),
        "contributors": package.descriptor.get("contributors", []),
        "contact": contact_of(package.descriptor),
        "queries": datasette_metadata(package)["databases"][package.name].get("queries", {}),
        "tables": {t.name: t.descriptor for t in published_tables(package).values()},
        "views": {v.name: v.descriptor for v in published_views(package).values()},
    }


def _table(package: Package, table: Table) -> dict[str, Any]:
    described: dict[str, Any] = {
        "title": table.get("title", table.name),
        "description_html": _describe(package, table.descriptor),
        "columns": {f.name: f.description for f in table.fields},
    }
    described |= {k: table.get(k) for k in ("facets", "sort", "sort_desc") if table.get(k)}
    if (label := table.get("label")) and table.get("kind") != "as-reported":
        described["label_column"] = label
    if table.get("search") and table.get("kind") in ("records", "plain"):
        described |= {"fts_table": f"{table.name}{SEARCH}", "fts_pk": "rowid"}
    return described


def _view(package: Package, view: View) -> dict[str, Any]:
    columns = {f.name: f.description for f in view.fields}
    return {"title": view.descriptor.get("title", view.name), "description_html": _describe(package, view.descriptor), "columns": columns}


def _describe(package: Package, descriptor: dict[str, Any]) -> str:
    """The fixed grammar of a table description: what it is, what one row is, how it was counted, its caveats."""
    warnings = "".join(f" {package.warnings[w]['text']}" for w in descriptor.get("warnings", []))
    parts = [
        f"<p>{escape(descriptor.get('summary', ''))}</p>",
        f"<p><strong>One row:</strong> {escape(descriptor.get('row', ''))} <strong>How counted:</strong> {escape(descriptor.get('counting', ''))}</p>",
        f"<p><strong>Caveat:</strong>{escape(warnings)}</p>" if warnings else "",
    ]
    return "".join(parts)
