"""The application for an ASGI server: `uvicorn deploy.asgi:application`, in the folder of a release that `build --site` has built.

DATABASE names another database; links in its path are followed once, so that a process serves one version as long as it lives.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from scripts.package import load_package
from scripts.serve import ROOT, SETTINGS


def application_of(database: Path) -> Any:
    """What serves `database` as `python -m scripts serve` does."""
    site = ROOT / "site"
    served = Datasette(
        immutables=[str(database)],
        metadata=json.loads(database.with_name("metadata.json").read_text(encoding="utf-8")),
        template_dir=str(site / "templates"),
        plugins_dir=str(site / "plugins"),
        static_mounts=[("static", str(site / "static"))],
        settings={name: {"on": True, "off": False}.get(str(value), value) for name, value in SETTINGS.items()},
        cors=True,
    )
    return served.app()


database = os.environ.get("DATABASE") or ROOT / "dist" / f"{load_package(ROOT / 'datapackage.yaml').name}.db"
application = application_of(Path(database).resolve(strict=True))
