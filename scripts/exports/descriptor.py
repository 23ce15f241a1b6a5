"""datapackage.json: a Data Package (version 2) that describes every table of a snapshot, and lists every other file in it."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import Any

from scripts.exports.archive import files_of, sha256
from scripts.exports.content import Content
from scripts.package import Table

PATH = "datapackage.json"
PROFILES = "https://datapackage.org/profiles/2.0"
# of the package itself: everything of datapackage.yaml but what is told of each table
OWN = ["name", "title", "title_fa", "description", "description_fa", "homepage", "keywords", "licenses", "contributors", "contact", "warnings"]
# said in full, because some readers guess what is not said, and guess wrong where cells hold quotes and semicolons
DIALECT = {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "skipInitialSpace": False, "header": True}
MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet", ".db": "application/vnd.sqlite3", ".geojson": "application/geo+json", ".ftm.json": "application/json+ftm",
    ".cdx.json": "application/vnd.cyclonedx+json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".md": "text/markdown", ".cff": "application/yaml", ".csv": "text/csv",
}  # fmt: skip


def descriptor(content: Content, folder: Path, tables: dict[str, Table]) -> dict[str, Any]:
    """The descriptor of the files in `folder`; `tables` has the table behind each CSV, by path.

    Resources are the CSV tables, which any tool can check against their schemas; `downloads` lists the other files.
    """
    package = content.package
    described = {"$schema": f"{PROFILES}/datapackage.json"} | {k: package.descriptor[k] for k in OWN if k in package.descriptor}
    return described | {
        "version": content.version.name,
        "sources": _sources(content),
        "resources": [_resource(folder, path, table) for path, table in tables.items()],
        "downloads": [_file(folder, path) for path in files_of(folder) if path not in tables],
    }


def write_descriptor(content: Content, folder: Path, tables: dict[str, Table]) -> None:
    text = json.dumps(descriptor(content, folder, tables), ensure_ascii=False, indent=1)
    (folder / PATH).write_text(text + "\n", encoding="utf-8")


def _resource(folder: Path, path: str, table: Table) -> dict[str, Any]:
    schema = {k: v for k, v in table.descriptor.items() if k not in ("kind", "file", "sql", "columns")}
    described = {"name": table.name, "type": "table", "title": table.get("title", table.name), "description": _describe(table), "kind": table.get("kind")}
    described |= {k: table.get(k) for k in ("file", "sql") if table.get(k)}
    return described | _file(folder, path) | {"encoding": "utf-8", "dialect": DIALECT, "schema": {"$schema": f"{PROFILES}/tableschema.json"} | schema}


def _file(folder: Path, path: str) -> dict[str, Any]:
    file = folder / path
    form = path.rpartition(".")[2]
    return {"path": path, "format": form, "mediatype": media_type(path), "bytes": file.stat().st_size, "hash": f"sha256:{sha256(file)}"}


def media_type(path: str) -> str:
    """The media type of a file, the same on every machine for the kinds of file that a snapshot holds."""
    known = next((kind for suffix, kind in MEDIA_TYPES.items() if path.endswith(suffix)), None)
    return known or mimetypes.guess_type(path)[0] or "text/plain"


def _describe(table: Table) -> str:
    row = f" One row: {table.get('row')}" if table.get("row") else ""
    return f"{table.get('summary', '')}{row}"


def _sources(content: Content) -> list[dict[str, str]]:
    """Who is cited: every publisher, with its address where the table has one. The pages themselves are a table of their own."""
    publishers = content.package.publishers
    urls = [f.name for f in publishers.fields if f.descriptor.get("url")]
    label = publishers.get("label") or "id"
    return [{"title": row[label]} | ({"path": row[urls[0]]} if urls and row[urls[0]] else {}) for row in content.frame(publishers.name).iter_rows(named=True)]
