"""What every answer carries, and what it never does."""

from __future__ import annotations

import re

import pytest

from tests.site.pages import Answer, get

DATABASE = "/iran-death-sentences"
PAGES = ["/", "/about", "/charts", "/charts/map", "/docs/methodology", "/docs/corrections", "/api", "/downloads", "/search?q=evin", DATABASE, f"{DATABASE}/people", f"{DATABASE}/rulings?outcome=death-sentence", f"{DATABASE}/people_as_reported",
         f"{DATABASE}/death_row", f"{DATABASE}/disagreements", f"{DATABASE}/death-sentences-by-judge", f"{DATABASE}/find-person?name=alipour",
         f"{DATABASE}/people/babak-alipour", f"{DATABASE}/officials/iman-afshari", f"{DATABASE}/prisons/evin", f"{DATABASE}/courts/tehran-revolutionary-court-26",
         f"{DATABASE}/cases/baghi-six-2024", f"{DATABASE}/offences/baghi", f"{DATABASE}/sources/hrana-2025-12-08-six-resentenced",
         f"{DATABASE}/publishers/hrana", f"{DATABASE}/rulings/babak-alipour-ruling-1", f"{DATABASE}/people_as_reported/babak-alipour,hrana-2025-12-08-six-resentenced",
         f"{DATABASE}/no-such-table", f"{DATABASE}/people/no-such-person", f"{DATABASE}?sql=select+1+as+one"]  # fmt: skip
MISSING = (f"{DATABASE}/no-such-table", f"{DATABASE}/people/no-such-person")


@pytest.fixture(params=["", "fa"])
def lang(request: pytest.FixtureRequest) -> str:
    return request.param


def fetch(address: str, path: str, lang: str) -> Answer:
    return get(address, path + (f"{'&' if '?' in path else '?'}lang={lang}" if lang else ""))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_whole_in_its_language(real_site: str, path: str, lang: str) -> None:
    answer = fetch(real_site, path, lang)
    assert answer.status == (404 if path in MISSING else 200)
    html = answer.page.one("html")
    assert html.attributes == ({"lang": "fa", "dir": "rtl"} if lang else {"lang": "en", "dir": "ltr"})
    assert len(html.all("h1")) == len(html.all("main")) == 1
    assert html.one("head").one("title").text.count("·") >= 1


@pytest.mark.parametrize("path", PAGES)
def test_nothing_inline_nothing_foreign_no_cookie(real_site: str, path: str, lang: str) -> None:
    answer = fetch(real_site, path, lang)
    assert "set-cookie" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
    page = answer.page
    assert [n.tag for n in page.all("*") if "style" in n.attributes or any(a.startswith("on") for a in n.attributes)] == []
    scripts = [s for s in page.all("script") if s.attributes.get("type") != "application/ld+json"]  # which is data that no browser runs
    assert page.all("style") == [] and all(s.attributes.get("src", "").startswith("/static/") for s in scripts)
    loaded = [n.attributes["href"] for n in page.all("link") if n.attributes["rel"] in ("stylesheet", "preload", "icon")]
    assert loaded and all(href.startswith("/static/") for href in loaded)
    for link in page.all("a"):
        if link.attributes["href"].startswith("http"):
            assert {"noreferrer", "noopener"} <= set(link.attributes.get("rel", "").split()), link.attributes


@pytest.mark.parametrize("path", PAGES)
def test_every_link_on_a_persian_page_stays_persian(real_site: str, path: str) -> None:
    page = fetch(real_site, path, "fa").page
    for link in page.all("a"):
        href = link.attributes["href"]
        if href.startswith("/") and href != "/openapi.json":  # which has no language
            assert f"lang={'en' if link.attributes.get('hreflang') == 'en' else 'fa'}" in href, href
    for form in page.all("form"):
        assert any(i.attributes.get("name") in ("lang", "_lang") and i.attributes["value"] == "fa" for i in form.all("input")), form.attributes


@pytest.mark.parametrize("path", PAGES)
def test_no_address_of_a_record_is_shown_where_it_has_a_name(real_site: str, path: str) -> None:
    """Links to records of tables with a label never read as an id."""
    page = fetch(real_site, path, "").page.one("main")
    named = re.compile(rf"{DATABASE}/(people|cases|officials|courts|prisons|offences|sources|publishers|appeals)/([a-z0-9-]+)$")
    assert [m[0] for a in page.all("a") if (m := named.match(a.attributes["href"])) and a.text == m[2] and "-" in m[2]] == []


def test_pages_are_sent_squeezed_to_who_can_read_it(real_site: str) -> None:
    squeezed = get(real_site, f"{DATABASE}/people/babak-alipour", **{"Accept-Encoding": "gzip"})
    assert squeezed.headers["content-encoding"] == "gzip" and len(squeezed.body) < 30_000


def test_programs_get_errors_as_json(real_site: str) -> None:
    answer = get(real_site, f"{DATABASE}/people/no-such-person.json")
    assert answer.status == 404 and answer.headers["content-type"].startswith("application/json")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_static_files_keep_and_are_marked_by_content(real_site: str) -> None:
    sheet = next(n for n in get(real_site, "/").page.all("link") if n.attributes["rel"] == "stylesheet").attributes["href"]
    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{10}", sheet)
    assert get(real_site, sheet).headers["cache-control"] == "public, max-age=31536000, immutable"
