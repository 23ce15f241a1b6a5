"""A record's page says all that the database knows of the record, each thing with its sources."""

from __future__ import annotations

from tests.site.pages import Node, get

BABAK = "/iran-death-sentences/people/babak-alipour"


def facts(page: Node) -> dict[str, str]:
    """The facts at the head of a page, by title."""
    listed = page.all("dl", class_="facts")[0]
    return {row.one("dt").text: row.one("dd").text for row in listed.all("div")}


def test_a_tiny_record_whole(mini_site: str) -> None:
    page = get(mini_site, "/mini/people/babak-alipour").page.one("main")
    assert page.one("h1").text == "Babak Alipoor"
    assert page.one("p", class_="other-name").text == "بابک علی‌پور"
    assert page.one("p", class_="summary").text == "Executed · as last reported 31 March 2024 12 Farvardin 1403 by Party3 · 2 voices · 4 facts disputed"
    assert facts(page) == {"born": "May 1991 Ordibehesht–Khordad 13701 +1 disputed", "works": "law graduate1 +1; teacher2"}
    assert [li.text for li in page.one("ol", class_="timeline").all("li")] == [
        "May 1991 Ordibehesht–Khordad 1370 Born1 +1 disputed",
        "27 December 2023 6 Dey 1402 Arrested · Karaj · count 21 3 +1 disputedMore ended January 2024 Dey–Bahman 14023 detail taken at night1 alone yes1 +1",
    ]
    assert [li.text for li in page.one("section", class_="sources").all("li")] == [
        "Agency: A first report, 1 February 2024· everything it says",
        "Daily (repeating Agency): Agency, repeated, 2 February 2024· everything it says",
        "Party: The party says, 1 April 2024· everything it says",
        "Party TV: The party’s channel says, 2 April 2025· everything it says",
    ]


def test_a_dispute_names_who_says_what_and_why_one_is_shown(mini_site: str) -> None:
    page = get(mini_site, "/mini/people/babak-alipour").page.one("main")
    born = next(d for d in page.all("div", class_="dispute") if d.one("h3").text == "born")
    assert [li.text for li in born.all("li")] == ["May 1991 Agency1 +1 shown: 1 voice", "1990 Party3 +1"]
    assert born.one("p", class_="why").text == "As many voices for each: shown is the more exact one, then the most recently published."


def test_a_person_has_a_timeline_as_an_ordered_list_in_both_calendars(real_site: str) -> None:
    timeline = get(real_site, BABAK).page.one("ol", class_="timeline").all("li")
    assert len(timeline) > 25
    first = timeline[1]
    assert first.text.startswith("November 2018 Aban–Azar 1397 Arrested · Rasht")
    assert first.one("time").attributes == {"datetime": "2018-11"}


def test_a_person_is_tied_to_case_codefendants_court_and_judge(real_site: str) -> None:
    page = get(real_site, BABAK).page.one("main")
    hrefs = {a.attributes["href"] for a in page.all("a")}
    assert {"/iran-death-sentences/cases/baghi-six-2024", "/iran-death-sentences/officials/iman-afshari",
            "/iran-death-sentences/courts/tehran-revolutionary-court-26", "/iran-death-sentences/offences/baghi"} <= hrefs  # fmt: skip
    assert len(page.one("ul", class_="companions").all("li")) == 5
    before = page.one("nav", class_="neighbours").one("a", rel="prev")
    assert before.text.startswith("Previous in the case ") and before.attributes["href"] == "/iran-death-sentences/people/akbar-daneshvarkar"
    assert "Iman Afshari (Canada, European Union, United Kingdom)" in facts(page)["Judge"]


def test_every_mark_leads_to_a_source_in_the_list(real_site: str) -> None:
    page = get(real_site, BABAK).page.one("main")
    listed = {f"#{li.attributes['id']}" for li in page.one("section", class_="sources").all("li")}
    marks = [a.attributes["href"] for a in page.all("a", role="doc-noteref")]
    assert len(marks) > 100 and set(marks) <= listed


def test_the_record_stays_json_at_its_address(real_site: str) -> None:
    page = get(real_site, BABAK).page
    json = next(a.attributes["href"] for a in page.all("a") if a.text == "This page as JSON")
    assert json == f"{BABAK}.json" and b'"babak-alipour"' in get(real_site, json).body


def test_a_person_in_persian(real_site: str) -> None:
    page = get(real_site, f"{BABAK}?lang=fa").page.one("main")
    assert page.one("h1").text == "بابک علی‌پور"
    assert page.one("p", class_="other-name").text == "Babak Alipour"
    assert page.one("p", class_="summary").text.startswith("محکوم به اعدام · بنا بر آخرین گزارش ۱۶ آذر ۱۴۰۴ ۷ دسامبر ۲۰۲۵ به گزارش")
    assert "ایمان افشاری (کانادا، اتحادیهٔ اروپا، بریتانیا)" in facts(page)["قاضی"]


def test_a_source_page_says_everything_that_the_source_says(real_site: str) -> None:
    page = get(real_site, "/iran-death-sentences/sources/hrana-2025-12-08-six-resentenced").page.one("main")
    people = next(s for s in page.all("section") if s.all("h2") and s.all("h2")[0].text.startswith("People"))
    assert people.all("li")[0].text == "Abolhassan Montazer Status: Under a sentence of death Status date: 7 December 2025 16 Azar 1404".replace(":", "")


def test_an_official_has_rulings_and_sanctions(real_site: str) -> None:
    page = get(real_site, "/iran-death-sentences/officials/iman-afshari").page.one("main")
    titles = [h.text.split(" ")[0] for h in page.all("h2")]
    assert "Rulings" in titles and "Sanctions" in titles


def test_a_kept_page_is_kept_for_its_own_address_and_language(real_site: str) -> None:
    """What was made for one host or language is not shown to another."""
    for host, lang in (("one.example", ""), ("two.example", ""), ("one.example", "?lang=fa"), ("one.example", "")):
        page = get(real_site, BABAK + lang, Host=host).page
        assert page.one("p", class_="citation").text.endswith(f"http://{host}{BABAK}")
        assert page.one("h1").text == ("بابک علی‌پور" if lang else "Babak Alipour")
