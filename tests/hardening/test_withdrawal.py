"""A record that is withdrawn is gone: from the bytes of the database, its index and free pages, from every file of a release, and from the site."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from scripts.build import build
from scripts.names import skeleton_keys, word_keys
from scripts.package import load_package
from scripts.progress import Stages
from scripts.snapshot import snapshot
from tests.conftest import serving
from tests.hardening.test_gate import get

ID, NAME, NAME_FA = "zartosht-qaravoli", "Zartosht Qaravoli", "زرتشت قراولی"
PERSON = f"{ID},agency-1,{NAME},{NAME_FA},1988,lighthouse keeper,on-death-row,2024-02-01\n"
EVENT = f"{ID}-arrest-1,agency-1,{ID},2024-03,,Zarabad,,7,true\n"
DIGESTS = [hashlib.sha256(i.encode()).hexdigest() for i in (ID, f"{ID}-arrest-1")]
TRACES = {
    ID,
    NAME,
    NAME_FA,
    "lighthouse",
    "Zarabad",
    *NAME.split(),
    *NAME_FA.split(),
    *word_keys(NAME),
    *word_keys(NAME_FA),
    "".join(word_keys(NAME)),
    *skeleton_keys(NAME_FA),
}
PAGES = [
    "/",
    "/mini",
    "/mini/people",
    "/mini/people.json",
    "/mini/names.json",
    "/mini/events",
    "/mini/retired_ids",
    "/mini/disagreements",
    "/mini/timeline",
    "/downloads",
    "/sitemap.xml",
    "/openapi.json",
]


def put_in(mini: Path) -> None:
    for name, row in (("people", PERSON), ("events", EVENT)):
        path = mini / "sources" / f"{name}.csv"
        path.write_text(path.read_text() + row)


def withdraw(mini: Path) -> None:
    for name, row in (("people", PERSON), ("events", EVENT)):
        path = mini / "sources" / f"{name}.csv"
        path.write_text(path.read_text().replace(row, ""))
    rows = sorted([f"events,{DIGESTS[1]},,withdrawn\n", f"people,{DIGESTS[0]},,withdrawn\n"])
    (mini / "sources/retired_ids.csv").write_text("table,id,replaced_by,reason\n" + "".join(rows))


def unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below `folder`, and what is packed inside of it."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield str(path), path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path}:{name}", archive.read(name)) for name in archive.namelist())
        if path.suffix == ".parquet":
            yield f"{path}:rows", pl.read_parquet(path).write_csv().encode()
        if path.suffix == ".gz":
            yield f"{path}:text", gzip.decompress(path.read_bytes())


def found(content: bytes) -> set[str]:
    """The traces of the person in some bytes, whatever their case."""
    lower = content.lower()
    return {t for t in TRACES if t.lower().encode() in lower or t.encode("utf-16-le") in content}


def test_a_withdrawn_person_leaves_no_byte(mini: Path, tmp_path: Path) -> None:
    never = shutil.copytree(mini, tmp_path / "never" / "mini")
    withdraw(never)
    package = load_package(mini / "datapackage.yaml")
    put_in(mini)
    database, releases = mini / "dist/mini.db", mini / "dist/snapshots"
    build(package, database, Stages())
    old = tmp_path / "old.db"
    shutil.copy(database, old)
    snapshot(package, mini / "datapackage.yaml", releases, None, Stages())
    assert {ID, NAME, NAME_FA, *word_keys(NAME)} <= found(database.read_bytes())  # the search below would find it

    withdraw(mini)
    build(package, database, Stages())
    snapshot(package, mini / "datapackage.yaml", releases, str(old), Stages())
    assert {name: traces for name, content in unpacked(mini) if (traces := found(content))} == {}
    assert database.read_bytes() == build(load_package(never / "datapackage.yaml"), never / "dist/mini.db", Stages()).path.read_bytes()
    assert DIGESTS[0] in (releases / next(p.name for p in releases.iterdir() if p.is_dir()) / "CHANGES.md").read_text()
    with serving(package, database) as site:
        assert {page: traces for page in PAGES if (traces := found(get(site + page).body.encode()))} == {}
        for address in (f"/mini/people/{ID}", f"/mini/people/{ID}.json", f"/mini/people/{ID}/dossier.json"):
            answer = get(site + address)
            assert answer.status == 410 and NAME not in answer.body
        assert get(f"{site}/mini/people.json?_search=Qaravoli&_shape=array").body.strip() == "[]"
