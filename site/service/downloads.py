"""The releases beside the database, as `make snapshot` wrote them: a list, and each file, with ranges so that a broken line can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from service.served import Served

FOLDER = "snapshots"


def releases(known: Served) -> list[dict[str, Any]]:
    """Every release, newest first: its name, and its files with their sizes; a zip file stands beside its folder."""
    root = folder(known)
    if not root.is_dir():
        return []
    names = sorted((p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")), reverse=True)
    return [{"name": n, "files": [_file(root, p) for p in [root / f"{n}.zip", *sorted((root / n).rglob("*"), key=_depth)] if p.is_file()]} for n in names]


def of_table(known: Served, table: str) -> dict[str, Any] | None:
    """The newest release and those of its files that hold a table whole, alone or with all others; None where no release has it."""
    found = releases(known)[:1]
    kinds = {f"csv/{table}.csv": "CSV", f"parquet/{table}.parquet": "Parquet", f"{known.published.database}.xlsx": "XLSX"}
    files = [f | {"kind": kinds[path]} for r in found for f in r["files"] if (path := f["name"].removeprefix(f"{r['name']}/")) in kinds]
    return {"name": found[0]["name"], "files": files} if files else None


def folder(known: Served) -> Path:
    return known.path.parent / FOLDER


def find(known: Served, path: str) -> Path | None:
    """The file of a release at `path`; None where there is none, or it would lie outside."""
    root = folder(known).resolve()
    if "\0" in path:
        return None
    file = (root / path).resolve()
    is_published = file.is_relative_to(root) and not str(file.relative_to(root)).startswith(".")  # what is being made stands in a hidden folder
    return file if is_published and file.is_file() else None


def _depth(path: Path) -> tuple[int, Path]:
    """Sorts what a reader meets first, the documents and the whole, before the folders of tables."""
    return len(path.parts), path


def _file(root: Path, path: Path) -> dict[str, Any]:
    return {"name": str(path.relative_to(root)), "bytes": path.stat().st_size}
