"""Whole tables as files: from the downloads, against Datasette's CSV of the same rows; and what it costs to make a release."""

from __future__ import annotations

import csv
import http.client
import io
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench.measure import ROOT, BenchError, Job, Size, cost_of
from bench.pipeline import SCRIPTS, synthesized
from bench.report import Section
from bench.servers import Server, ours, plain
from scripts.package import Package, load_package

ANY_SIZE = ("--setting", "max_csv_mb", "0")  # Datasette ends a longer file after 100 MB
DOWNLOAD = "python -m bench --only downloads"


@dataclass(frozen=True)
class Download:
    """One file: its rows without the header, bytes, seconds until it was there, and the most memory of the server afterwards."""

    rows: int
    bytes: int
    seconds: float
    peak: int


def run(work: Path, size: Size) -> list[Section]:
    """The real records, and a package of `size.rows` rows."""
    releases, downloads = [], []
    for name, package in (("real records", load_package(ROOT / "datapackage.yaml")), (f"{size.rows:,} rows", synthesized(work / "made-up", size.rows))):
        folder = work / name.split()[0].replace(",", "")
        releases.append([name, *_release(package, folder)])
        downloads += [[name, *row] for row in _downloads(package, folder, size.repeats)]
    return [_download_section(downloads), _release_section(releases)]


def _release(package: Package, folder: Path) -> list[object]:
    """Build and release into `folder`: what making the release cost, its files and bytes."""
    descriptor = str(package.root / "datapackage.yaml")
    cost_of(Job([[*SCRIPTS, "build", "--package", descriptor, "--output", str(folder / f"{package.name}.db")]]))
    cost = cost_of(Job([[*SCRIPTS, "snapshot", "--package", descriptor, "--output", str(folder / "snapshots")]]))
    made = next(p for p in (folder / "snapshots").iterdir() if p.is_dir())
    files = [p for p in made.rglob("*") if p.is_file()]
    return [cost.seconds, cost.cpu, cost.peak // 10**6, len(files), sum(p.stat().st_size for p in files) / 10**6]


def _downloads(package: Package, folder: Path, repeats: int) -> list[list[object]]:
    """The largest table from the release, and streamed by plain Datasette; both hold the same rows."""
    database = folder / f"{package.name}.db"
    release = next(p for p in (folder / "snapshots").iterdir() if p.is_dir())
    files = {p.stem: p for p in release.rglob("*.csv")}
    table, rows = _largest(database, set(files))
    path = f"/downloads/{files[table].relative_to(folder / 'snapshots')}"
    with ours(package, database) as site:
        here = _several(site, path, repeats)
    with plain(database, *ANY_SIZE) as server:
        there = _several(server, f"/{database.stem}/{table}.csv?_stream=on", repeats)
    if (here.rows, there.rows) != (rows, rows):
        raise BenchError(f"{table} has {rows} rows; the download has {here.rows}, Datasette's stream {there.rows}")
    return [
        [table, way, d.rows, d.bytes / 10**6, d.seconds, d.bytes / 10**6 / d.seconds, d.peak // 10**6, there.seconds / d.seconds]
        for way, d in (("**/downloads/**", here), ("Datasette `?_stream=on`", there))
    ]  # fmt: skip


def _largest(database: Path, names: set[str]) -> tuple[str, int]:
    """Of some tables the one with most rows, and how many."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        there = {name for (name,) in conn.execute("select name from sqlite_master where type = 'table'")}
        counts = {name: conn.execute(f'select count(*) from "{name}"').fetchone()[0] for name in sorted(names & there)}
    return max(counts.items(), key=lambda c: c[1])


def _several(server: Server, path: str, repeats: int) -> Download:
    """The median of some downloads."""
    found = [_download(server, path) for _ in range(repeats)]
    return Download(found[0].rows, found[0].bytes, median(d.seconds for d in found), max(d.peak for d in found))


def _download(server: Server, path: str) -> Download:
    """Raises BenchError where the answer is not 200."""
    with closing(http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=600)) as connection:
        start = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - start
    if answer.status != 200:
        raise BenchError(f"{server.address}{path} answered {answer.status}")
    rows = sum(1 for _ in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) - 1
    return Download(rows, len(body), seconds, server.peak())


def _download_section(rows: list[list[object]]) -> Section:
    lead = """The whole largest table as CSV, not compressed, by one reader: a file of the release that `make snapshot` wrote, served by this site, and the
same rows streamed by plain Datasette (`max_csv_mb` lifted). Behind nginx or on object storage a file costs the instances nothing at all."""
    columns = ["records", "table", "from", "rows", "MB", "seconds", "MB/s", "peak MB of the server", "times as fast"]
    return Section("Downloading a whole table", lead, DOWNLOAD, columns, rows)


def _release_section(rows: list[list[object]]) -> Section:
    lead = "`make snapshot`: checks, builds and writes every table as CSV, XLSX and Parquet, the database and the rest, in a folder and a zip file; one run."
    return Section("Making a release", lead, "python -m scripts snapshot", ["records", "seconds", "CPU seconds", "peak MB", "files", "MB"], rows)
