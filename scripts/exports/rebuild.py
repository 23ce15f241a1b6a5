"""The way back: a source package from a snapshot, so that whoever has only the snapshot can check, change and build it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from scripts.catalogue import AS_REPORTED
from scripts.exports.descriptor import OWN, PATH
from scripts.package import PackageError

Descriptor = dict[str, Any]


def unpack(snapshot: Path, target: Path) -> Path:
    """Write into the new folder `target` the package that the snapshot's tables were built from; the path of its descriptor.

    Raises PackageError where `snapshot` has no datapackage.json of ours or `target` exists.
    """
    described = snapshot / PATH
    if not described.exists() or target.exists():
        raise PackageError(f"{target}: exists already" if described.exists() else f"{snapshot}: has no {PATH}; unzip a snapshot first")
    package = json.loads(described.read_text(encoding="utf-8"))
    resources = {r["name"]: r for r in package["resources"]}
    for name in ("sources", "schema", "views"):
        (target / name).mkdir(parents=True)
    tables = [_unpack_table(resource, resources, snapshot, target) for resource in resources.values() if resource["kind"] in ("records", "plain")]
    for view in [r for r in resources.values() if r["kind"] == "view"]:
        _write(target / "views" / f"{view['name']}.yaml", _view(view))
    descriptor = {k: package[k] for k in ["$schema", *OWN] if k in package} | {"resources": tables}
    _write(target / "datapackage.yaml", descriptor)
    return target / "datapackage.yaml"


def _unpack_table(resource: Descriptor, resources: dict[str, Descriptor], snapshot: Path, target: Path) -> Descriptor:
    """Copy one table's source rows and schema; the entry that names both."""
    name = resource["name"]
    rows = resources.get(f"{name}{AS_REPORTED}", resource)
    schema = resource["schema"]
    if rows is not resource:
        keys = [k for k in rows["schema"]["foreignKeys"] if k["fields"] != "id"]  # the one that ties a row to its record was added
        schema |= {"fields": rows["schema"]["fields"], "primaryKey": rows["schema"]["primaryKey"], "foreignKeys": keys}
    _write(target / "schema" / f"{name}.yaml", schema)
    shutil.copyfile(snapshot / rows["path"], target / "sources" / f"{name}.csv")
    return {"name": name, "type": "table", "path": f"sources/{name}.csv", "format": "csv", "encoding": "utf-8", "schema": f"schema/{name}.yaml"}


def _view(resource: Descriptor) -> Descriptor:
    """A view's own file: its columns by name, and its SQL."""
    described = {k: v for k, v in resource["schema"].items() if k != "fields"}
    columns = {f["name"]: {k: v for k, v in f.items() if k != "name"} for f in resource["schema"]["fields"]}
    return described | {"columns": columns} | {k: resource[k] for k in ("file", "sql") if k in resource}


def _write(path: Path, content: Descriptor) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=130), encoding="utf-8")
