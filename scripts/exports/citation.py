"""How to cite the dataset: CITATION.cff and Zenodo's metadata, both from datapackage.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from scripts.package import Package

CITATION, ZENODO = "CITATION.cff", ".zenodo.json"


def citation(package: Package, version: str | None = None) -> str:
    """The text of CITATION.cff (Citation File Format 1.2.0); with a version, of that release."""
    facts = _facts(package)
    lines: dict[str, Any] = {"cff-version": "1.2.0", "message": "If you use this dataset, please cite it as below.", "type": "dataset"}
    lines |= {"title": facts["title"], "abstract": facts["description"], "authors": [{"name": name} for name in facts["creators"]]}
    lines |= {"license": facts["licence"], "keywords": facts["keywords"], "url": facts["homepage"]}
    if version:
        lines |= {"version": version, "date-released": version}
    return yaml.safe_dump({k: v for k, v in lines.items() if v}, sort_keys=False, allow_unicode=True, width=130)


def zenodo(package: Package, version: str | None = None) -> str:
    """The text of .zenodo.json, which an upload to Zenodo reads."""
    facts = _facts(package)
    lines = {
        "title": facts["title"],
        "description": facts["description"],
        "upload_type": "dataset",
        "access_right": "open",
        "creators": [{"name": name} for name in facts["creators"]],
        "license": facts["licence"].lower(),
        "keywords": facts["keywords"],
        "version": version,
    }
    return json.dumps({k: v for k, v in lines.items() if v}, ensure_ascii=False, indent=2) + "\n"


def write_citations(package: Package, folder: Path, version: str | None = None) -> None:
    """Both files into `folder`."""
    (folder / CITATION).write_text(citation(package, version), encoding="utf-8")
    (folder / ZENODO).write_text(zenodo(package, version), encoding="utf-8")


def _facts(package: Package) -> dict[str, Any]:
    """What both formats say, and the package's descriptor holds."""
    descriptor = package.descriptor
    return {
        "title": descriptor.get("title", package.name),
        "description": descriptor.get("description", ""),
        "creators": [c["title"] for c in descriptor.get("contributors", [])] or [descriptor.get("title", package.name)],
        "licence": descriptor["licenses"][0]["name"],
        "keywords": descriptor.get("keywords", []),
        "homepage": descriptor.get("homepage"),
    }
