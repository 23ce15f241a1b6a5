"""What search engines, feed readers, and whoever shares an address are told; and whom they are not told of."""

from __future__ import annotations

import json
import re
import struct
import urllib.parse
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts.package import Package
from tests.conftest import serving
from tests.site.pages import Node, get

DATABASE = "/iran-death-sentences"
PERSON = f"{DATABASE}/people/babak-alipour"
NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml", "a": "http://www.w3.org/2005/Atom"}
KINDS = ["/", "/about", "/charts", "/charts/map", "/api", "/docs/findability", DATABASE, f"{DATABASE}/people", f"{DATABASE}/death_row",
         f"{DATABASE}/death-sentences-by-judge", PERSON, f"{DATABASE}/officials/iman-afshari", f"{DATABASE}/cases/baghi-six-2024",
         f"{DATABASE}/rulings/babak-alipour-ruling-1"]  # fmt: skip


def xml(address: str, path: str) -> ElementTree.Element:
    answer = get(address, path)
    assert answer.status == 200 and "xml" in answer.headers["content-type"]
    return ElementTree.fromstring(answer.body)


def head(address: str, path: str) -> Node:
    return get(address, path).page.one("head")


def meta(node: Node, name: str) -> str:
    found = [m.attributes["content"] for m in node.all("meta") if name in (m.attributes.get("name"), m.attributes.get("property"))]
    assert len(found) == 1, f"{len(found)} × {name}"
    return found[0]


def is_listed(node: Node) -> bool:
    return not any("noindex" in m.attributes["content"] for m in node.all("meta", name="robots"))


def locations(root: ElementTree.Element) -> list[str]:
    return [loc.text or "" for loc in root.iterfind(".//s:loc", NS)]


def people(address: str, state: str | None) -> list[str]:
    condition = f"status={state}" if state else "status__isnull=1"
    rows = json.loads(get(address, f"{DATABASE}/people.json?_shape=array&_col=id&_size=max&{condition}").body)
    return [row["id"] for row in rows]


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_kind_of_page_has_a_title_a_description_and_an_address_of_its_own(real_site: str, lang: str) -> None:
    suffix = "" if lang == "en" else "?lang=fa"
    heads = {path: head(real_site, path + suffix) for path in KINDS}
    assert len({h.one("title").text for h in heads.values()}) == len(KINDS)
    for path, found in heads.items():
        assert 20 < len(meta(found, "description")) < 700, path
        assert meta(found, "og:title") and meta(found, "og:title") in found.one("title").text
        assert meta(found, "og:description") == meta(found, "description")
        assert [n.attributes["href"] for n in found.all("link", rel="canonical")] == [real_site + path + suffix] == [meta(found, "og:url")]
        others = {n.attributes["hreflang"]: n.attributes["href"] for n in found.all("link", rel="alternate") if "hreflang" in n.attributes}
        assert others == {"en": real_site + path, "fa": f"{real_site}{path}?lang=fa", "x-default": real_site + path}


def test_a_person_is_described_by_what_is_last_reported(real_site: str) -> None:
    assert meta(head(real_site, PERSON), "description").startswith("Babak Alipour (People) · Under a sentence of death, as last reported 7 December 2025 · ")
    assert meta(head(real_site, f"{PERSON}?lang=fa"), "description").startswith("بابک علی‌پور (افراد) · محکوم به اعدام، بنا بر آخرین گزارش ۱۶ آذر ۱۴۰۴ · ")


def test_a_filtered_page_points_to_the_whole_one(real_site: str) -> None:
    found = head(real_site, f"{DATABASE}/people?status=released")
    assert not is_listed(found)
    assert found.one("link", rel="canonical").attributes["href"] == f"{real_site}{DATABASE}/people"


def test_the_picture_for_sharing_is_there_and_of_the_size_it_says(real_site: str) -> None:
    found = head(real_site, "/")
    answer = get(meta(found, "og:image"), "")
    assert answer.headers["content-type"] == "image/png" and len(answer.body) < 200_000
    assert struct.unpack(">II", answer.body[16:24]) == (int(meta(found, "og:image:width")), int(meta(found, "og:image:height"))) == (1200, 630)


def test_the_state_of_a_person_decides_who_is_listed(real_site: str, real_package: Package) -> None:
    states = {c["value"]: not c.get("unlisted") for c in real_package.tables["people"].field("status").categories}
    listed = {loc.rsplit("/", 1)[1] for loc in locations(xml(real_site, "/sitemaps/people.xml"))}
    for state, expected in [*states.items(), (None, False)]:
        ids = people(real_site, state)
        assert (set(ids) <= listed) if expected else not (set(ids) & listed), state
        for person in ids[:3]:
            assert is_listed(head(real_site, f"{DATABASE}/people/{person}")) == expected, person
    assert sum(len(people(real_site, s)) for s, expected in states.items() if expected) == len(listed)


def test_whoever_is_not_listed_is_in_no_feed_and_not_in_robots(real_site: str) -> None:
    hidden = [p for s in ("released", "commuted", "sentence-overturned", "capital-charge-pending", None) for p in people(real_site, s)]
    told = get(real_site, "/feeds/records.atom").html
    assert len(hidden) > 50 and [p for p in hidden if f"/people/{p}<" in told or f'/people/{p}"' in told] == []
    assert "/people" not in get(real_site, "/robots.txt").html


def test_rows_without_a_name_and_rows_as_reported_are_not_listed(real_site: str) -> None:
    reported = f"{DATABASE}/people_as_reported"
    for path in (
        reported,
        f"{reported}/babak-alipour,hrana-2025-12-08-six-resentenced",
        f"{DATABASE}/rulings/babak-alipour-ruling-1",
        "/search",
        "/search?q=evin",
    ):
        assert not is_listed(head(real_site, path)), path
    for path in ("/", "/about", f"{DATABASE}/people", f"{DATABASE}/rulings", PERSON, f"{PERSON}?lang=fa", f"{DATABASE}/officials/iman-afshari"):
        assert is_listed(head(real_site, path)), path


@pytest.mark.parametrize(
    "path", [f"{PERSON}.json", f"{DATABASE}/people.csv", f"{DATABASE}/people.json?_shape=array", f"{PERSON}/dossier.json", "/feeds/records.atom"]
)
def test_data_are_for_programs_and_not_for_lists(real_site: str, path: str) -> None:
    assert get(real_site, path).headers["x-robots-tag"] == "noindex"


def test_pages_carry_no_such_header(real_site: str) -> None:
    assert "x-robots-tag" not in get(real_site, PERSON).headers


def test_robots_say_where_the_sitemap_is_and_leave_the_languages_open(real_site: str) -> None:
    lines = get(real_site, "/robots.txt").html.splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "User-agent: *", "Allow: /*?lang=fa$", "Disallow: /*?", "Disallow: /search", "Disallow: /-/", "", f"Sitemap: {real_site}/sitemap.xml",
    ]  # fmt: skip


def test_every_file_of_the_sitemap_is_sound_and_what_it_names_answers(real_site: str) -> None:
    index = xml(real_site, "/sitemap.xml")
    files = locations(index)
    assert f"{real_site}/sitemaps/pages.xml" in files and f"{real_site}/sitemaps/people.xml" in files
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date.text or "") for date in index.iterfind(".//s:lastmod", NS))
    every: list[str] = []
    for file in files:
        found = locations(xml(file, ""))
        assert found and len(found) <= 50_000
        every += found
        sample = found if file.endswith("pages.xml") else [found[0], found[len(found) // 2], found[-1]]
        for location in sample:
            answer = get(location, "")
            assert answer.status == 200, location
            assert is_listed(answer.page.one("head")), location
    assert len(set(every)) == len(every)


def test_an_entry_of_the_sitemap_names_its_languages(real_site: str) -> None:
    entry = next(u for u in xml(real_site, "/sitemaps/people.xml") if (u.findtext("s:loc", "", NS)).endswith("/babak-alipour"))
    assert [(link.attrib["hreflang"], link.attrib["href"]) for link in entry.iterfind("x:link", NS)] == [
        ("en", f"{real_site}{PERSON}"), ("fa", f"{real_site}{PERSON}?lang=fa"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["people-2", "people-x", "people-0", "people-1", "nothing", "rulings", "people_as_reported"])
def test_there_is_no_other_part_of_the_sitemap(real_site: str, name: str) -> None:
    assert get(real_site, f"/sitemaps/{name}.xml").status == 404


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("kind", ["sources", "records"])
def test_a_feed_is_sound_newest_first_and_leads_here(real_site: str, kind: str, lang: str) -> None:
    path = f"/feeds/{kind}.atom" + ("?lang=fa" if lang == "fa" else "")
    feed = xml(real_site, path)
    assert feed.tag == f"{{{NS['a']}}}feed" and feed.find("a:link[@rel='self']", NS).attrib["href"] == real_site + path  # type: ignore[union-attr]
    entries = feed.findall("a:entry", NS)
    assert len(entries) == 50
    ids, days = ([e.findtext(f"a:{tag}", "", NS) for e in entries] for tag in ("id", "updated"))
    assert len(set(ids)) == 50 and days == sorted(days, reverse=True) and feed.findtext("a:updated", "", NS) == days[0]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", day) for day in days)
    for entry in entries[:5]:
        assert all(entry.findtext(f"a:{tag}", "", NS).strip() for tag in ("title", "summary", "author/a:name"))
        assert get(entry.find("a:link[@rel='alternate']", NS).attrib["href"], "").status == 200  # type: ignore[union-attr]


def test_pages_name_their_feeds(real_site: str) -> None:
    feeds = [n for n in head(real_site, f"{PERSON}?lang=fa").all("link", rel="alternate") if n.attributes.get("type") == "application/atom+xml"]
    assert [(n.attributes["title"], n.attributes["href"]) for n in feeds] == [
        ("تازه‌ترین منابع", "/feeds/sources.atom?lang=fa"), ("رکوردهای تازه و تغییریافته", "/feeds/records.atom?lang=fa"),
    ]  # fmt: skip


def test_the_dataset_is_described_and_nobody_else(real_site: str) -> None:
    described = json.loads(get(real_site, "/dataset.jsonld").body)
    needed = {"name", "alternateName", "description", "url", "license", "version", "dateModified", "creator", "keywords", "temporalCoverage", "distribution"}
    assert described["@type"] == "Dataset" and needed <= set(described) and 50 <= len(described["description"]) <= 5000
    assert described["license"] == "https://creativecommons.org/licenses/by/4.0/"
    for file in described["distribution"]:
        assert get(file["contentUrl"], "").status == 200, file
    scripts = {path: [s for s in get(real_site, path).page.all("script") if s.attributes.get("type") == "application/ld+json"] for path in KINDS}
    assert [path for path, found in scripts.items() if found] == ["/"]
    assert json.loads("".join(c for c in scripts["/"][0].children if isinstance(c, str))) == described


def test_the_dataset_covers_the_years_of_its_cases_and_not_of_births_or_earlier_arrests(real_site: str) -> None:
    covered = json.loads(get(real_site, "/dataset.jsonld").body)["temporalCoverage"]
    sql = "select min(date) as first, max(date) as last from (select date from {0} union all select date from {1} union all select date from {2})"
    asked = urllib.parse.quote(sql.format("charges", "rulings", "executions"))
    row = json.loads(get(real_site, f"/iran-death-sentences.json?sql={asked}&_shape=array").body)[0]
    assert covered == f"{row['first'][:4]}/{row['last'][:4]}"
    arrests = json.loads(get(real_site, "/iran-death-sentences/arrests.json?_shape=array&_sort=date&date__notblank=1&_size=1").body)
    assert arrests[0]["date"][:4] < covered[:4]  # there are such


def test_llms_txt_names_every_table_and_question_with_the_caveats(real_site: str, real_package: Package) -> None:
    text = get(real_site, "/llms.txt").html
    assert text.startswith("# Political death sentences in Iran\n\n> ")
    assert all(w["text"] in text for w in real_package.warnings.values())
    links = re.findall(r"\]\((\S+)\)", text)
    assert len(links) > 40 and [link for link in links if get(link, "").status != 200] == []


def test_a_tiny_package_has_all_of_it_too(mini_site: str) -> None:
    assert f"{mini_site}/sitemaps/pages.xml" in locations(xml(mini_site, "/sitemap.xml"))
    assert "released" not in {loc.rsplit("/", 1)[1] for loc in locations(xml(mini_site, "/sitemaps/people.xml"))}
    described = json.loads(get(mini_site, "/dataset.jsonld").body)
    assert described["@type"] == "Dataset" and "temporalCoverage" not in described  # no schema says which dates it covers
    assert len(xml(mini_site, "/feeds/records.atom").findall("a:entry", NS)) > 0
    assert not any(m.attributes.get("property") == "og:image" for m in head(mini_site, "/").all("meta"))


def test_addresses_carry_the_origin_that_the_environment_names(real_package: Package, real_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_ORIGIN", "https://example.org/")
    with serving(real_package, real_database) as address:
        found = head(address, f"{PERSON}?lang=fa")
        assert found.one("link", rel="canonical").attributes["href"] == f"https://example.org{PERSON}?lang=fa"
        assert meta(found, "og:image").startswith("https://example.org/static/")
        for path in ("/sitemap.xml", "/sitemaps/pages.xml", "/feeds/sources.atom", "/robots.txt", "/llms.txt", "/dataset.jsonld", "/charts/judges.svg"):
            text = get(address, path).html
            assert "https://example.org/" in text and address not in text, path
