"""Tables of places as GeoJSON (RFC 7946): every table whose schema has the number columns latitude and longitude."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from scripts.package import Table

LATITUDE, LONGITUDE = "latitude", "longitude"


def is_place_table(table: Table) -> bool:
    """Whether a table of records is one of places."""
    numbers = {f.name for f in table.fields if f.type == "number"}
    return table.get("kind") == "records" and {LATITUDE, LONGITUDE} <= numbers


def write_geojson(path: Path, frame: pl.DataFrame) -> None:
    """One feature per record; one whose coordinates no source gives has no geometry."""
    features = [_feature(row) for row in frame.iter_rows(named=True)]
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    where = [row[LONGITUDE], row[LATITUDE]]
    geometry = None if None in where else {"type": "Point", "coordinates": where}
    properties = {k: v for k, v in row.items() if k not in (LATITUDE, LONGITUDE) and v is not None}
    return {"type": "Feature", "id": row["id"], "geometry": geometry, "properties": properties}
