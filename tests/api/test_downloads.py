"""Releases: listed, served with ranges, and nothing else of the machine."""

from __future__ import annotations

from tests.api.conftest import ask
from tests.site.pages import parse


def test_the_list(service: str) -> None:
    assert ask(f"{service}/downloads.json").json == {"releases": [{
        "name": "mini-2026-01-01",
        "files": [
            {"name": "mini-2026-01-01.zip", "bytes": 5002, "url": f"{service}/downloads/mini-2026-01-01.zip"},
            {"name": "mini-2026-01-01/.zenodo.json", "bytes": 2, "url": f"{service}/downloads/mini-2026-01-01/.zenodo.json"},
            {"name": "mini-2026-01-01/SHA256SUMS", "bytes": 5, "url": f"{service}/downloads/mini-2026-01-01/SHA256SUMS"},
            {"name": "mini-2026-01-01/csv/people.csv", "bytes": 1500, "url": f"{service}/downloads/mini-2026-01-01/csv/people.csv"},
        ],
    }]}  # fmt: skip
    page = ask(f"{service}/downloads").body.decode()
    assert 'href="/downloads/mini-2026-01-01/csv/people.csv"' in page and ".building" not in page


def test_the_list_in_persian(service: str) -> None:
    page = parse(ask(f"{service}/downloads?lang=fa").body.decode()).one("main")
    assert [page.one("h1").text, *(th.text for th in page.all("th"))] == ["دریافت داده‌ها", "پرونده", "بایت"]
    assert [[td.text for td in tr.all("td")] for tr in page.all("tr")[1:]] == [
        ["mini-2026-01-01.zip", "۵۰۰۲"], [".zenodo.json", "۲"], ["SHA256SUMS", "۵"], ["csv/people.csv", "۱۵۰۰"],
    ]  # fmt: skip
    assert page.all("tr")[1].one("a").attributes["href"] == "/downloads/mini-2026-01-01.zip"


def test_every_file_of_the_list_is_there_with_its_type(service: str) -> None:
    files = ask(f"{service}/downloads.json").json["releases"][0]["files"]
    answers = [(ask(f["url"]), f["bytes"]) for f in files]
    assert [(a.status, len(a.body) - size) for a, size in answers] == [(200, 0)] * 4
    kinds = [a.headers["content-type"] for a, _ in answers]
    assert kinds == ["application/zip", "application/json", "text/plain; charset=utf-8", "text/csv; charset=utf-8"]


def test_a_table_leads_to_its_files(service: str) -> None:
    """Where the release has any."""
    page = ask(f"{service}/mini/people").body.decode()
    assert '<a href="/downloads/mini-2026-01-01/csv/people.csv">CSV</a> <span class="quiet">1.5 KB</span>' in page
    assert "/downloads/mini-2026" not in ask(f"{service}/mini/events").body.decode()


def test_a_file_and_the_rest_of_it(service: str) -> None:
    whole = ask(f"{service}/downloads/mini-2026-01-01.zip")
    assert (whole.status, len(whole.body), whole.headers["content-type"], whole.headers["accept-ranges"]) == (200, 5002, "application/zip", "bytes")
    rest = ask(f"{service}/downloads/mini-2026-01-01.zip", Range="bytes=5000-", If_Range=whole.headers["etag"])
    assert (rest.status, rest.body, rest.headers["content-range"]) == (206, whole.body[5000:], "bytes 5000-5001/5002")
    assert ask(f"{service}/downloads/mini-2026-01-01.zip", Range="bytes=9000-").status == 416


def test_nothing_outside_is_served(service: str) -> None:
    for path in ("../mini.db", "..%2fmini.db", "mini-2026-01-01/../../mini.db", ".building/half.csv", "mini-2026-01-01", "%00", "/etc/passwd"):
        assert ask(f"{service}/downloads/{path}").status in (302, 404), path
