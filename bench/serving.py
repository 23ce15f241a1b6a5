"""Pages per second, and how long they take: this site against plain Datasette serving the same file; real records, many made-up ones, and behind nginx."""

from __future__ import annotations

import csv
import http.client
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from bench.load import PATIENCE, Load, find_wrk, load
from bench.measure import ROOT, BenchError, Job, Size, cost_of
from bench.pipeline import SCRIPTS
from bench.report import Section
from bench.servers import HOST, Server, behind_nginx, ours, plain
from scripts.metadata import datasette_metadata
from scripts.package import Package, load_package

SHARE = 5  # for so many rows asked for, one person in the big build: 200,000 for a million
CLIENTS = (1, 20, 100)
SECONDS = 3.0
ASKED = 25  # times that one page is asked for, where pages are measured one by one
QUERY = "death-sentences-by-court"
FILE = "rulings"  # the table that is downloaded
PART = "outcome=death-sentence"  # of its rows those that are streamed: servers go on with a stream whose reader has left
SETTINGS = ("--setting", "suggest_facets", "off", "--setting", "default_page_size", "50")
NONE = "—"


@dataclass(frozen=True)
class Kind:
    """A kind of page: paths on this site and on plain Datasette, asked for in turn, and where both give the same rows as JSON, to be compared.

    `kept`: this site may answer with what it has made a moment ago; else it makes every answer anew.
    """

    name: str
    ours: list[str]
    plain: list[str]
    rows: tuple[str, str] | None = None
    kept: bool = False


@dataclass(frozen=True)
class Dataset:
    """A database to serve, its package, some ids of its subjects, those with most reports first, and a file of the release beside it."""

    package: Package
    path: Path
    people: list[str]
    table: str
    file: str

    @property
    def base(self) -> str:
        return f"/{self.path.stem}"


def run(work: Path, size: Size, clients: Sequence[int] = CLIENTS, seconds: float = SECONDS) -> list[Section]:
    """All parts; the big build has `size.rows` rows and a person for every five of them."""
    find_wrk()
    real, big = _real(work / "real"), _big(work / "big", size)
    return [*sections(real, "Real records", work / "nginx", clients, seconds), *sections(big, f"{size.rows // SHARE:,} people", None, clients, seconds)]


def sections(data: Dataset, title: str, front: Path | None, clients: Sequence[int], seconds: float) -> list[Section]:
    """What is measured of one dataset; with a folder for nginx also its pages behind it."""
    pages = _pages(data, f"{title}: one page at a time", seconds)
    known, memory = _loads(data, clients, seconds)
    found = [pages, _throughput(data, f"{title}: many readers at once", known, memory, clients, seconds)]
    return [*found, _cached(data, f"{title}: from nginx’s cache", front, known, clients, seconds)] if front else found


# what is served


def _real(folder: Path) -> Dataset:
    return _built(load_package(ROOT / "datapackage.yaml"), folder)


def _big(folder: Path, size: Size) -> Dataset:
    subjects = str(max(1, size.rows // SHARE))
    cost_of(Job([[*SCRIPTS, "synthesize", "--rows", str(size.rows), "--subjects", subjects, "--output", str(folder / "package")]]))
    shutil.copy(ROOT / "metadata.yml", folder / "package")  # the questions
    return _built(load_package(folder / "package" / "datapackage.yaml"), folder)


def _built(package: Package, folder: Path) -> Dataset:
    """The package's database in `folder`, with a release of one file beside it."""
    folder.mkdir(exist_ok=True)
    path, subject = folder / f"{package.name}.db", package.subject
    assert subject is not None
    cost_of(Job([[*SCRIPTS, "build", "--package", str(package.root / "datapackage.yaml"), "--output", str(path)]]))
    with closing(sqlite3.connect(path)) as conn:
        people = [r[0] for r in conn.execute(f'select id from "{subject.name}" order by reports desc, id limit 2000')]
        file = _released(conn, folder / "snapshots")
    return Dataset(package, path, people, subject.name, file)


def _released(conn: sqlite3.Connection, folder: Path) -> str:
    """Write a table as the releases hold it; its path below `folder`."""
    file = Path("release") / "csv" / f"{FILE}.csv"
    (folder / file).parent.mkdir(parents=True)
    rows = conn.execute(f'select * from "{FILE}"')
    with (folder / file).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([[d[0] for d in rows.description], *rows])
    return str(file)


def kinds(data: Dataset) -> list[Kind]:
    """What readers and programs ask for."""
    table, words = f"{data.base}/{data.table}", _word(data)
    facets = urlencode([("_facet", f) for f in data.package.subject.get("facets", [])[:2]]) if data.package.subject else ""
    index = {"_fts_table": f"{data.table}_search", "_fts_pk": "rowid"}  # which this site's metadata tells Datasette
    searched, sql = f"_search={quote_plus(words)}", urlencode({"sql": datasette_metadata(data.package)["databases"][data.path.stem]["queries"][QUERY]["sql"]})
    rows, order, streamed = "_shape=objects&_size=max&_nocount=1", "_sort=id", f"{data.base}/{FILE}.csv?_stream=on&{PART}"
    persons, first = [f"{table}/{p}" for p in data.people], f"{table}/{data.people[0]}"
    question = Kind(
        "question", [f"{data.base}/{QUERY}"], [f"{data.base}?{sql}"], (f"{data.base}/{QUERY}.json?_shape=objects", f"{data.base}.json?_shape=objects&{sql}")
    )
    found = [
        home := Kind("home", ["/"], ["/"]),
        Kind("table", [table], [table], (f"{table}.json?{rows}&{order}",) * 2),
        Kind("two facets", [f"{table}?{facets}"], [f"{table}?{facets}"], (f"{table}.json?{rows}&{order}&{facets}",) * 2),
        Kind("people in turn", persons, persons),
        Kind("search of a table", [f"{table}?{searched}"], [f"{table}?{searched}&{urlencode(index)}"]),
        everything := Kind("search of everything", [f"/search?q={quote_plus(words)}"], []),
        question,
        Kind("JSON, 100 rows", [f"{table}.json?_shape=objects&_size=100"], [f"{table}.json?_shape=objects&_size=100"]),
        Kind("download, a file", [f"/downloads/{data.file}"], []),
        Kind("download, streamed", [streamed], [streamed]),
    ]
    person = Kind("person", [first], [first], (f"{first}.json?_shape=objects",) * 2)
    return [*found, *(replace(kind, name=f"{kind.name}, kept", kept=True) for kind in (home, person, everything, question))]


def _word(data: Dataset) -> str:
    """A word of somebody's name."""
    subject = data.package.subject
    assert subject is not None
    with closing(sqlite3.connect(data.path)) as conn:
        name = conn.execute(f'select "{subject.get("label")}" from "{subject.name}" where id = ?', [data.people[-1]]).fetchone()[0]
    return str(name).split()[0].lower()


def check_same_rows(kind: Kind, site: Server, other: Server) -> None:
    """Raises BenchError where both do not give the same rows, and the same counts of facets: then they did not do the same work."""
    if kind.rows is None:
        return
    one, two = (json.loads(server.get(path)) for server, path in zip((site, other), kind.rows, strict=True))
    counted = [_facets(answer, set(one.get("facet_results") or {}) & set(two.get("facet_results") or {})) for answer in (one, two)]
    if one["rows"] != two["rows"] or counted[0] != counted[1]:
        raise BenchError(f"{kind.name}: this site and plain Datasette answer {kind.rows[0]} differently")


def _facets(answer: Any, names: set[str]) -> dict[str, dict[Any, int]]:
    """The counts of some facets; our metadata declares more of them than were asked for."""
    return {name: {r["value"]: r["count"] for r in answer["facet_results"][name]["results"]} for name in names}


# one page at a time


def _pages(data: Dataset, title: str, seconds: float) -> Section:
    """The time of single pages, each asked for again and again, the servers taking turns."""
    table, middle = f"{data.base}/{data.table}", data.people[len(data.people) // 2]
    heavy = _heaviest(data)
    pages = {
        "person with the most sources": f"{table}/{heavy}", "that page in Persian": f"{table}/{heavy}?lang=fa", "that page, kept": f"{table}/{heavy}",
        "person in the middle": f"{table}/{middle}", "table of people": table, "that table in Persian": f"{table}?lang=fa",
        "table of rulings": f"{data.base}/rulings", "table of people as reported": f"{table}_as_reported", "home": "/",
    }  # fmt: skip
    metadata = data.path.with_name("plain-metadata.json")
    metadata.write_text(json.dumps(datasette_metadata(data.package)))
    rows = []
    with ours(data.package, data.path) as site, plain(data.path) as bare, plain(data.path, "--metadata", str(metadata), *SETTINGS) as tuned:
        for name, path in pages.items():
            rows.append([name, *_compared(site, bare, tuned, path, not name.endswith("kept"), ASKED if seconds >= 1 else 2)])
    lead = f"""Milliseconds from asking to the whole answer, median of {ASKED}, one reader. Plain Datasette serves the same file as it comes (100 rows a
page, facets suggested), and with our metadata and settings (50 rows, the facets that the schemas declare). This site makes every page anew, but for the one
*kept*, which it made a moment ago. Pages in Persian are compared with Datasette’s in English."""
    columns = ["page", "this site", "kB", "plain Datasette", "kB", "times as long", "Datasette with our metadata", "times as long"]
    return Section(title, lead, "python -m bench --only serving", columns, rows)


def _heaviest(data: Dataset) -> str:
    """The person told of by most sources, in all tables that refer to people."""
    tables = [(t.name, c) for t in data.package.observed for c in (["id"] if t.name == data.table else t.targets(data.table)) if t.is_observed]
    parts = " union ".join(f'select "{c}" as person, source from "{name}_as_reported" where "{c}" is not null' for name, c in tables)
    with closing(sqlite3.connect(data.path)) as conn:
        return str(conn.execute(f"select person from ({parts}) group by 1 order by count(*) desc, 1 limit 1").fetchone()[0])


def _compared(site: Server, bare: Server, tuned: Server, path: str, anew: bool, times: int) -> list[object]:
    """A row of the table: the page here, there, and there with our metadata."""
    theirs = path.replace("?lang=fa", "")
    found: dict[int, list[float]] = {}
    sizes: dict[int, int] = {}
    for turn in range(times + 2):  # the first two are not counted
        for server, asked in ((site, path), (bare, theirs), (tuned, theirs)):
            # pages are kept by address, host included
            taken, sizes[server.pid] = _timed(server, asked, f"reader-{turn}.example.org" if anew else None)
            found.setdefault(server.pid, []).append(taken)
    here, there, with_ours = (median(found[s.pid][2:]) * 1000 for s in (site, bare, tuned))
    return [here, sizes[site.pid] / 1000, there, sizes[bare.pid] / 1000, here / there, with_ours, here / with_ours]


def _timed(server: Server, path: str, host: str | None) -> tuple[float, int]:
    """Seconds and bytes of one answer. Raises BenchError where it is not 200."""
    with closing(http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=120)) as connection:
        connection.connect()
        start = time.perf_counter()
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        body = answer.read()
        taken = time.perf_counter() - start
    if answer.status != 200:
        raise BenchError(f"{server.address}{path} answered {answer.status}")
    return taken, len(body)


# many readers at once

Loads = dict[tuple[str, str, int], Load]  # by kind, server and clients


def _loads(data: Dataset, clients: Sequence[int], seconds: float) -> tuple[Loads, dict[str, int]]:
    """Every kind of page under load, one server after the other, with as many clients as asked; and the most memory that each server held."""
    found: Loads = {}
    with _both(data) as servers:
        for kind in kinds(data):
            check_same_rows(kind, servers["this site"], servers["Datasette"])
            for number in clients:
                for name, server in servers.items():
                    if paths := kind.ours if name == "this site" else kind.plain:
                        server.get(paths[0])
                        found[kind.name, name, number] = load(server.address, paths, number, seconds, anew=not kind.kept)
                        server.settle()
        return found, {name: server.peak() for name, server in servers.items()}


@contextmanager
def _both(data: Dataset) -> Iterator[dict[str, Server]]:
    with ours(data.package, data.path) as site, plain(data.path) as bare, plain(data.path, *SETTINGS) as tuned:
        yield {"this site": site, "Datasette": bare, "Datasette, our settings": tuned}


def _throughput(data: Dataset, title: str, found: Loads, memory: dict[str, int], clients: Sequence[int], seconds: float) -> Section:
    rows = [
        [kind.name, number, *_cells(found, kind.name, number, "this site"), *_cells(found, kind.name, number, "Datasette"), *_against(found, kind.name, number)]
        for kind in kinds(data) for number in clients
    ]  # fmt: skip
    lead = f"""Answers per second, and milliseconds until half and 99 of 100 were there: readers ask for {seconds:g} seconds, each for the next page when
it has the one before, and whatever was asked by then is waited for, at most {PATIENCE} seconds, and counted. Askers and servers share the cores of the machine,
and nothing is cached in front. This site makes every answer anew, as each asker claims another host; but for *kept*, where it may give what it made a moment
ago. Plain Datasette answers from the same file ({len(data.people):,} people in turn; a search of everything it has not). Downloads: the table {FILE} as a file
of a release, and a part of it as CSV, streamed. Faulty: answers that were not 200, requests that failed, and those not answered in {PATIENCE} seconds.
The last column is against Datasette with our settings (50 rows a page, no facets suggested). {_memory(memory)}"""
    columns = ["page", "clients", "this site /s", "p50", "p99", "Datasette /s", "p50", "p99", "times as many", "faulty", "against our settings"]
    return Section(title, lead, "python -m bench --only serving", columns, rows)


def _memory(memory: dict[str, int]) -> str:
    return "Most memory: " + ", ".join(f"{name} {held // 10**6} MB" for name, held in memory.items()) + "."


def _cells(found: Loads, kind: str, number: int, server: str) -> list[object]:
    told = found.get((kind, server, number))
    return [told.per_second, told.within(50), told.within(99)] if told else [NONE] * 3


def _against(found: Loads, kind: str, number: int) -> list[object]:
    """How many times as many pages this site answers, the faulty ones, and the same against Datasette with our settings."""
    here, there, tuned = (found.get((kind, name, number)) for name in ("this site", "Datasette", "Datasette, our settings"))
    faulty = sum(told.faulty for told in (here, there, tuned) if told)
    ratios = [here.per_second / other.per_second if here and other and other.requests else NONE for other in (there, tuned)]
    return [ratios[0], faulty, ratios[1]]


def _cached(data: Dataset, title: str, folder: Path, known: Loads, clients: Sequence[int], seconds: float) -> Section:
    """Pages that nginx has in its cache, against plain Datasette without one."""
    rows: list[list[object]] = []
    folder.mkdir()
    with behind_nginx(data.package, data.path, folder) as front:
        for kind in {k.ours[0]: k for k in kinds(data) if k.plain and len(k.ours) == 1}.values():
            front.get(kind.ours[0], HOST)
            for number in clients:
                told = load(front.address, kind.ours, number, seconds, HOST)
                bare = known[kind.name, "Datasette", number]
                ratio = told.per_second / bare.per_second if bare.requests else NONE
                rows.append([kind.name.removesuffix(", kept"), number, told.per_second, told.within(50), told.within(99), told.faulty, ratio])
    lead = """Two instances behind nginx as `deploy/nginx.conf` sets it up, without its limits for one reader; every page is in its cache. Against plain
Datasette without a cache."""
    columns = ["page", "clients", "answers /s", "p50", "p99", "faulty", "times as many as plain Datasette"]
    return Section(title, lead, "python -m bench --only serving", columns, rows)
