"""A page of rows says what a row is, what is shown of them, and where the rest is."""

from __future__ import annotations

import csv
import io
import json
import re

from scripts.package import Package
from tests.site.pages import get

DATABASE = "/iran-death-sentences"


def test_filters_read_as_a_sentence_and_can_be_taken_away(real_site: str) -> None:
    page = get(real_site, f"{DATABASE}/rulings?outcome=death-sentence&court=tehran-revolutionary-court-26").page.one("main")
    count = page.one("h2", id="count").text
    assert count.startswith("At least ") and count.endswith(" rows where")
    assert [li.text.split("×")[0].strip() for li in page.one("ul", class_="conditions").all("li")] == [
        "Court is Tehran Revolutionary Court, Branch 26",
        "Outcome is Death sentence",
    ]
    removes = [li.one("a").attributes["href"] for li in page.one("ul", class_="conditions").all("li")]
    assert removes == [f"{DATABASE}/rulings?outcome=death-sentence", f"{DATABASE}/rulings?court=tehran-revolutionary-court-26"]


def test_rows_show_names_labels_and_dates_in_words(real_site: str) -> None:
    page = get(real_site, f"{DATABASE}/rulings?id=babak-alipour-ruling-3").page.one("table")
    headings = [th.text for th in page.one("thead").all("th")]
    cells = dict(zip(headings, [td.text for td in page.one("tbody").all("td")], strict=True))
    assert {k: cells[k] for k in ("Person", "Date", "Stage", "Court", "Judge", "Outcome", "Voices")} == {
        "Person": "Babak Alipour", "Date": "7 December 2025", "Stage": "Retrial", "Court": "Tehran Revolutionary Court, Branch 26",
        "Judge": "Iman Afshari", "Outcome": "Death sentence", "Voices": "2",
    }  # fmt: skip


def test_the_name_of_a_record_is_the_link_to_it_and_its_state_comes_first(real_site: str) -> None:
    table = get(real_site, f"{DATABASE}/people?id=babak-alipour").page.one("table")
    assert [th.text for th in table.one("thead").all("th")][:4] == ["Name", "Name in Persian", "Status", "Status date"]
    assert table.one("tbody").all("a")[0].attributes["href"] == f"{DATABASE}/people/babak-alipour"
    persian = get(real_site, f"{DATABASE}/people?id=babak-alipour&lang=fa").page.one("table")
    assert [td.text for td in persian.one("tbody").all("td")][:3] == ["بابک علی‌پور", "Babak Alipour", "محکوم به اعدام"]


def test_a_disputed_cell_is_marked(real_site: str) -> None:
    table = get(real_site, f"{DATABASE}/rulings?id=babak-alipour-ruling-1").page.one("table")
    assert [td.attributes["data-l"] for td in table.one("tbody").all("td") if td.all("span", class_="flag")] == ["Date"]


def test_a_value_that_one_row_has_in_dispute_is_not_marked_in_another(real_site: str) -> None:
    rows = json.loads(get(real_site, "/iran-death-sentences/appeals-for-person.json?_shape=array").body)
    disputed = [(c, row[c]) for row in rows for c in (row["disputed"] or "").split("; ") if row.get(c)]
    assert any(row[c] == value for c, value in disputed for row in rows if c not in (row["disputed"] or "").split("; "))
    assert len(get(real_site, "/iran-death-sentences/appeals-for-person").page.all("span", class_="flag")) == len(disputed)


def test_the_files_hold_the_rows_of_the_page(real_site: str) -> None:
    page = get(real_site, f"{DATABASE}/rulings?judge=iman-afshari").page.one("main")
    as_csv, as_json = page.one("section", class_="downloads").all("a")
    rows = list(csv.DictReader(io.StringIO(get(real_site, as_csv.attributes["href"]).html)))
    assert f"At least {len(rows)} rows where" == page.one("h2", id="count").text
    assert len(json.loads(get(real_site, as_json.attributes["href"]).body)["rows"]) == len(rows)


def test_disagreements_speak_of_tables_and_columns_by_title(real_site: str) -> None:
    table = get(real_site, f"{DATABASE}/disagreements?record=babak-alipour-ruling-1").page.one("table")
    row = dict(zip([th.text for th in table.one("thead").all("th")], [td.text for td in table.one("tbody").all("tr")[0].all("td")], strict=True))
    assert (row["Table"], row["Field"], row["Value shown"]) == ("Rulings", "Date", "30 November 2024")


def test_a_question_is_asked_in_words_and_answered_with_names(real_site: str) -> None:
    page = get(real_site, f"{DATABASE}/rulings-of-judge?judge=iman-afshari").page.one("main")
    assert page.one("h1").text == "Rulings of one judge"
    assert [label.text for label in page.one("form").all("label")] == ["Judge"]
    assert page.one("table").one("tbody").all("a")[0].attributes["href"].startswith(f"{DATABASE}/rulings/")


def test_an_empty_answer_says_what_it_does_not_mean(real_site: str) -> None:
    page = get(real_site, f"{DATABASE}/people?name=nobody").page.one("main")
    assert page.one("p", class_="nothing").text == "No row fits. That nothing is reported does not mean that nothing happened."


def test_the_list_of_tables_leaves_none_out(real_site: str) -> None:
    tables = json.loads(get(real_site, f"{DATABASE}.json").body)["tables"]
    hrefs = {a.attributes["href"] for a in get(real_site, DATABASE).page.one("main").all("a")}
    assert [t["name"] for t in tables if not t["hidden"] and f"{DATABASE}/{t['name']}" not in hrefs] == []


def test_the_home_page_answers_in_one_screen(real_site: str) -> None:
    page = get(real_site, "/").page.one("main")
    numbers = {row.one("dt").text: row.one("dd").text for row in page.one("section", class_="numbers").all("div")}
    assert numbers["People"].startswith("at least ") and numbers["Under a sentence of death"].startswith("at least ")
    assert page.one("form", role="search").attributes["action"] == "/search"
    assert len(page.one("ul", class_="questions").all("li")) >= 8 and len(page.one("ul", class_="newest").all("li")) == 6


def test_a_persian_page_explains_columns_and_their_values_in_persian(real_site: str, real_package: Package) -> None:
    about = get(real_site, f"{DATABASE}/people?lang=fa").page.one("dl", class_="columns")
    status = real_package.tables["people"].field("status").descriptor
    assert status["description_fa"] in about.text
    assert all(f"{c['label_fa']}: {c['description_fa']}" in about.text for c in status["categories"])
    assert [dd.text for dd in about.all("dd") if dd.attributes.get("lang") == "en"] == []
    question = get(real_site, f"{DATABASE}/death-row?lang=fa").page.one("main")
    assert "نبودِ خبر تازه به معنای نبودِ رویداد نیست" in question.text and question.all("p", lang="en") == []


def test_where_a_package_has_no_persian_its_english_says_so(mini_site: str) -> None:
    about = get(mini_site, "/mini/people?lang=fa").page.one("dl", class_="columns")
    assert {dd.attributes.get("lang") for dd in about.all("dd") if dd.text == "Last reported." or dd.text.startswith("Last reported. ")} == {"en"}


def test_columns_in_dispute_and_rules_are_told_in_words(real_site: str) -> None:
    page = get(real_site, f"{DATABASE}/disagreements?field=date&rule=most-reported&lang=fa").page.one("main")
    facets = {d.one("summary").text: [a.text for a in d.all("a")] for d in page.one("div", class_="facets").all("details")}
    assert facets["ستون"][0] == "تاریخ" and facets["قاعده"] == ["بیشترین صداها"]
    told = [li.text.partition(" ×")[0] for li in page.one("ul", class_="conditions").all("li")]
    assert told == ["ستون برابر است با تاریخ", "قاعده برابر است با بیشترین صداها"]


def test_answers_to_questions_are_in_the_words_of_the_tables(real_site: str) -> None:
    """Codes by their labels, courts by their Persian names and with their pages, sources by their titles, addresses as links."""
    row = get(real_site, f"{DATABASE}/death-row-on-date?date=2024-06-30&lang=fa").page.one("table", class_="rows").one("tbody").all("tr")[0]
    cells = {td.attributes["data-l"]: td for td in row.all("td")}
    assert cells["وضعیت کنونی"].one("span").attributes["class"].startswith("term status is-")
    assert re.search("[\u0620-\u06cc]", cells["دادگاه"].one("a").text) and "/courts/" in cells["دادگاه"].one("a").attributes["href"]
    newest = get(real_site, f"{DATABASE}/newest-sources").page.one("table", class_="rows").one("tbody").all("tr")[0]
    links = [a.attributes["href"].partition("://")[0] for a in newest.all("a")]
    assert [link.split("/")[2] if link.startswith("/") else link for link in links] in (["sources", "publishers", s] for s in ("http", "https"))
    said = get(real_site, f"{DATABASE}/who-says-what?table=people&record=babak-alipour&lang=fa").page.one("table", class_="rows").one("tbody")
    assert {td.text for tr in said.all("tr") for td in tr.all("td")[:1]} >= {"تولد", "وضعیت", "نام"}
