"""A server over the tiny package with what the API needs beside it: retired ids, a canned query, a release to download."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scripts.build import build
from scripts.package import load_package
from scripts.progress import Stages
from tests.conftest import MINI, serving

RETIRED = f"""table,id,replaced_by,reason
people,{hashlib.sha256(b"no-longer-here").hexdigest()},,withdrawn
people,reza-rasai,reza-rasaei,merged
"""
METADATA = """title: A tiny package for tests
databases:
  mini:
    queries:
      born-before:
        title: Who was born before a day?
        description: Without a day it is 1991.
        params: [day]
        sql: select id, name, born from people where born < coalesce(nullif(:day, ''), '1991') order by id
      everyone: {title: Everyone, sql: "select id, name from people order by id"}
      numbers:
        title: How many numbers there are up to one
        params: [last]
        sql: >-
          select count(*) as numbers from (
          with recursive n(i) as (select 1 union all select i + 1 from n) select i from n limit cast(coalesce(nullif(:last, ''), '3') as integer))
      broken: {title: A query that cannot run, sql: "select nothing from nowhere"}
"""


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def ask(address: str, method: str = "GET", data: bytes | None = None, **headers: str) -> Answer:
    """One request, without following redirects; header names are written with _ for -."""
    request = urllib.request.Request(address, data, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=20) as response:
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the tiny package, with retired ids, canned queries and a release."""
    root = tmp_path_factory.mktemp("service") / "mini"
    shutil.copytree(MINI, root)
    (root / "sources/retired_ids.csv").write_text(RETIRED)
    (root / "metadata.yml").write_text(METADATA)
    package = load_package(root / "datapackage.yaml")
    database = build(package, root / "dist/mini.db", Stages()).path
    _release(database.parent / "snapshots")
    with serving(package, database) as address:
        yield address


def _release(folder: Path) -> None:
    (folder / "mini-2026-01-01/csv").mkdir(parents=True)
    (folder / "mini-2026-01-01/csv/people.csv").write_text("id\nreza-rasaei\n" * 100)
    (folder / "mini-2026-01-01/.zenodo.json").write_text("{}")
    (folder / "mini-2026-01-01/SHA256SUMS").write_text("none\n")
    (folder / "mini-2026-01-01.zip").write_bytes(b"PK" + bytes(5000))
    (folder / ".building").mkdir()
    (folder / ".building/half.csv").write_text("no")
