"""Charts say what their queries say: as a picture, as a table, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from scripts.package import Package
from tests.site import reading_room  # noqa: F401  puts site/ on the path
from tests.site.pages import Node, get

from reading_room import charts, drawing  # isort: skip
from reading_room.kinds import KINDS, lines, months  # isort: skip

DATABASE = "iran-death-sentences"
SPECS = charts.declared(DATABASE)
SVG = "{http://www.w3.org/2000/svg}"
NEEDED = {"name", "title", "about", "caveat"}


def figure(address: str, name: str, lang: str = "en") -> Node:
    return get(address, f"/charts/{name}?lang={lang}").page.one("figure", id=name)


def rows(address: str, name: str) -> list[dict[str, object]]:
    """What the canned query behind a chart answers."""
    return json.loads(get(address, f"/{DATABASE}/{charts.data_of(name, SPECS[name])}.json?_shape=array").body)


def table(shown: Node) -> list[dict[str, str]]:
    """The table of a figure: its rows by heading."""
    headings = [th.text for th in shown.one("thead").all("th")]
    return [dict(zip(headings, [td.text for td in tr.all("td")], strict=True)) for tr in shown.one("tbody").all("tr")]


def told(shown: Node, place: str = "chart-wide") -> Iterator[str]:
    """What a pointer on the marks of a picture is told."""
    picture = shown.one("svg", class_=place)
    return (mark.one("title").text for tag in ("rect", "circle", "polygon") for mark in picture.all(tag) if mark.all("title"))


@pytest.mark.parametrize("name", SPECS)
def test_a_chart_is_declared_whole_in_both_languages(name: str, real_package: Package) -> None:
    spec = SPECS[name]
    assert spec["kind"] in KINDS
    assert [k for k in (*NEEDED, *(k for k in spec if f"{k}_fa" in spec)) if not str(spec.get(k, "")).strip() or not str(spec.get(f"{k}_fa", "")).strip()] == []
    assert ("sql" in spec) != ("query" in spec)
    assert set(spec["warnings"]) <= set(real_package.warnings)
    places = [set(re.findall(r"{(\w+)}", spec[key])) for key in ("title", "title_fa")]
    assert {p.removesuffix("_fa") for p in places[0]} == {p.removesuffix("_fa") for p in places[1]}


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("name", SPECS)
def test_a_chart_has_a_title_its_caveats_its_data_and_the_same_as_a_table(real_site: str, name: str, lang: str) -> None:
    shown = figure(real_site, name, lang)
    title = shown.one("h2", class_="seen").text
    assert title and "{" not in title and re.search(r"\d" if lang == "en" else "[۰-۹]", title)
    assert len(shown.one("p", class_="hint").text) > 30
    data, picture = (a.attributes["href"] for a in shown.one("p", class_="figure-links").all("a"))
    assert get(real_site, data).status == 200 and get(real_site, picture).headers["content-type"].startswith("image/svg+xml")
    assert table(shown.one("details"))
    for place in ("chart-wide", "chart-narrow"):
        svg = shown.one("svg", class_=place)
        assert svg.attributes["role"] == "img"
        named = [next(n.text for n in svg.children if isinstance(n, Node) and n.attributes.get("id") == i) for i in svg.attributes["aria-labelledby"].split()]
        assert named[0] == title and len(named[1]) > 40


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("name", SPECS)
def test_a_picture_is_a_sound_file_without_styles_or_scripts(real_site: str, name: str, lang: str) -> None:
    root = ElementTree.fromstring(get(real_site, f"/charts/{name}.svg?lang={lang}").body)
    assert root.tag == f"{SVG}svg" and root.attrib["lang"] == lang
    assert [e.tag for e in root.iter() if e.tag in (f"{SVG}script", f"{SVG}style") or "style" in e.attrib or any(a.startswith("on") for a in e.attrib)] == []
    assert not [e for e in root.iter() if any("href" in a for a in e.attrib)]
    texts = [t.text or "" for t in root.iter(f"{SVG}text")]
    if lang == "fa":
        numbers = [t for t in texts if re.fullmatch(r"[\d۰-۹,٬.]+", t)]
        assert [t for t in numbers if re.search("[0-9]", t)] == []


def test_bars_are_as_long_as_the_numbers_and_the_table_has_them_all(real_site: str) -> None:
    answer = {str(r["name"]): r["death_sentences"] for r in rows(real_site, "judges")}
    shown = figure(real_site, "judges")
    assert {r["Officials"]: int(r["Death sentences"]) for r in table(shown)} == answer
    assert sorted(int(t.rsplit(": ", 1)[1]) for t in told(shown)) == sorted(answer.values())[-15:]
    widths = {float(r.attributes["width"]) / int(r.one("title").text.rsplit(": ", 1)[1]) for r in shown.one("svg", class_="chart-wide").all("rect")}
    assert max(widths) - min(widths) < 0.1


def test_rows_of_one_category_are_added_up_under_their_group(real_site: str) -> None:
    expected: dict[tuple[str, str], int] = {}
    for r in rows(real_site, "supreme-court"):
        key = (str(r["stage"]), str(r["outcome"]))
        expected[key] = expected.get(key, 0) + int(str(r["rulings"]))
    shown = [(r["Stage"], r["Outcome"], int(r["Decisions"])) for r in table(figure(real_site, "supreme-court"))]
    assert sorted(n for *_, n in shown) == sorted(expected.values())
    assert shown[0] == ("Supreme Court", "Upheld", expected[("supreme-court", "upheld")])


@pytest.mark.parametrize(("name", "column"), [("executions-by-month", "executions"), ("death-sentences-by-month", "death_sentences")])
def test_no_execution_or_sentence_is_lost_between_months(real_site: str, name: str, column: str) -> None:
    answer = json.loads(get(real_site, f"/{DATABASE}.json?_shape=array&sql=select+count(*)+n,count(date)+dated+from+{column}").body)[0]
    lines = table(figure(real_site, name))
    assert sum(int(line["total"]) for line in lines) == answer["n"]
    assert sum(int(t.rsplit(": ", 1)[1]) for t in told(figure(real_site, name))) == answer["dated"]
    for line in lines[:-1]:
        assert int(line["total"]) == sum(int(n or 0) for k, n in line.items() if k not in ("Year", "total"))


def test_every_count_of_every_publisher_is_a_mark_and_in_the_table(real_site: str) -> None:
    shown = figure(real_site, "executions-counted")
    answer = rows(real_site, "executions-counted")
    assert len(list(told(shown))) == len(answer)
    assert "Amnesty International, 2015: at least 977" in " ".join(told(shown)).replace("At least", "at least")
    year = next(line for line in table(shown) if line["Year"] == "2015")
    assert year["Amnesty International"].lower() == "at least 977"
    assert sum(1 for k, v in year.items() if v and k not in ("Year", "Other counts")) + len(re.findall(";", year["Other counts"])) + bool(
        year["Other counts"]
    ) == len([r for r in answer if r["year"] == 2015])


def test_a_span_of_days_is_drawn_for_everyone_with_both_dates(real_site: str) -> None:
    known = [r for r in rows(real_site, "time-under-sentence") if r["sentence_to_execution_min"] is not None]
    shown = figure(real_site, "time-under-sentence")
    assert len(list(told(shown))) == len(table(shown)) == len(known)


def test_only_prisons_with_coordinates_are_points_and_all_are_listed(real_site: str) -> None:
    answer = rows(real_site, "map")
    shown = figure(real_site, "map")
    prisons = [r for r in answer if r["layer"] == "prison"]
    placed = [r for r in prisons if r["latitude"] is not None]
    squares = [p for p in shown.one("svg", class_="chart-wide").all("polygon") if p.all("title")]
    assert len(squares) == len(placed) < len(prisons)
    assert len([line for line in table(shown) if line["Kind"] == "Prison"]) == len(prisons)
    assert "Evin Prison" in " ".join(told(shown)) and "Maku" not in " ".join(told(shown))


def test_every_city_of_a_court_is_on_the_map(real_site: str) -> None:
    from reading_room.kinds.places import cities

    assert [r["city"] for r in rows(real_site, "map") if r["layer"] == "court" and r["city"] not in cities()] == []


def test_charts_stand_where_they_are_looked_for(real_site: str) -> None:
    assert [f.attributes["id"] for f in get(real_site, "/charts").page.all("figure")] == list(SPECS)
    assert [f.attributes["id"] for f in get(real_site, "/").page.all("figure")] == [n for n, s in SPECS.items() if s.get("home")]
    assert [f.attributes["id"] for f in get(real_site, f"/{DATABASE}/death-sentences-by-judge").page.all("figure")] == ["judges"]
    assert get(real_site, "/charts/no-such-chart").status == get(real_site, "/charts/no-such-chart.svg").status == 404


def test_a_package_without_charts_has_none_and_no_link_to_them(mini_site: str) -> None:
    assert get(mini_site, "/charts").page.all("figure") == []
    assert "/charts" not in {a.attributes["href"] for a in get(mini_site, "/").page.all("a")}


def test_ticks_are_round_numbers() -> None:
    assert [drawing.ticks(n) for n in (0, 7, 23, 2310)] == [[0], [0, 2, 4, 6], [0, 5, 10, 15, 20], [0, 500, 1000, 1500, 2000]]


def test_text_is_broken_between_words() -> None:
    assert drawing.wrapped("one two three", 60, 13) == ["one two", "three"]
    assert drawing.wrapped("unbreakable", 10, 13) == ["unbreakable"]


def test_gaps_between_years_are_runs_of_their_own() -> None:
    assert lines._runs([2005, 2006, 2007, 2010, 2011]) == [([2005, 2006, 2007], False), ([2007, 2010], True), ([2010, 2011], False)]


def test_several_empty_years_are_one_line() -> None:
    assert months._lines({2006: {1: 1}, 2004: {1: 1}, 2000: {0: 2}}) == [(2006, 2006), (2005, 2005), (2004, 2004), (2003, 2001), (2000, 2000)]


def test_labels_are_pushed_apart_and_stay_in_the_picture() -> None:
    assert lines._apart([100, 102, 300], [18, 18, 33], 30, 280) == [92.5, 110.5, 273]


def test_a_mirrored_picture_turns_everything_but_its_letters() -> None:
    picture = drawing.Drawing(100, mirrored=True)
    picture.bar(10, 0, 20, 5)
    picture.text(10, 9, "متن")
    rect, text = picture._parts
    assert rect.attrib["x"] == "70"
    assert (text.attrib["x"], text.attrib["direction"], text.attrib["text-anchor"]) == ("90", "rtl", "start")  # Persian starts on the right
