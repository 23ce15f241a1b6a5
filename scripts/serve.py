"""Serve a built database read-only with Datasette, the same way on every machine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from scripts.aside import aside, replace
from scripts.metadata import datasette_metadata, site_catalogue
from scripts.package import Package

ROOT = Path(__file__).parent.parent  # where the scripts and the site live, whatever package is served
CATALOGUE = "catalogue.json"
SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "max_csv_mb": 100,
    "num_sql_threads": 4,
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 500,
    "default_facet_size": 30,
    "suggest_facets": "off",  # 20 to 60 times faster pages; the schemas declare the facets that serve readers
    "default_cache_ttl": 300,
    "allow_csv_stream": "on",
    "allow_download": "off",  # the database is among the files of every snapshot, which a proxy can serve
}


def write_site_files(package: Package, database: Path) -> Path:
    """Write beside `database` what the site is made from besides it: the catalogue that site/ reads, and the metadata, whose path is returned."""
    metadata = database.with_name("metadata.json")
    for path, content in ((metadata, datasette_metadata(package)), (database.with_name(CATALOGUE), site_catalogue(package))):
        with aside(database.parent, f".{path.stem}-") as folder:
            (folder / path.name).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
            replace(folder / path.name, path)
    return metadata


def datasette_arguments(package: Package, database: Path, port: int, host: str = "127.0.0.1") -> list[str]:
    """The arguments of `datasette` that serve `database`, beside which the files of the site are written."""
    metadata, site = write_site_files(package, database), ROOT / "site"
    arguments = ["serve", "--immutable", str(database), "--metadata", str(metadata), "--host", host, "--port", str(port), "--cors"]
    arguments += ["--template-dir", str(site / "templates"), "--plugins-dir", str(site / "plugins"), "--static", f"static:{site / 'static'}"]
    for name, value in SETTINGS.items():
        arguments += ["--setting", name, str(value)]
    return arguments


def serve(package: Package, database: Path, port: int) -> None:
    """Replace this process by Datasette; the address is told first."""
    arguments = datasette_arguments(package, database, port)
    print(f"Serving {database.name} at http://127.0.0.1:{port}/ (Ctrl-C ends it)", flush=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    os.execve(sys.executable, [sys.executable, "-m", "datasette", *arguments], environment)
