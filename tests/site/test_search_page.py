"""Search over everything, as a reader without scripts meets it."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.site import reading_room  # noqa: F401  puts site/ on the path
from tests.site.pages import get

from reading_room.search import excerpt, marked  # isort: skip


@pytest.mark.parametrize("query", ["Babak Alipour", "babak ali-poor", "بابک علی‌پور", "بابک علیپور", "بابك علي پور"])
def test_a_name_in_either_script_leads_to_the_person_first(real_site: str, query: str) -> None:
    page = get(real_site, f"/search?q={quote(query)}").page
    first = page.one("main").all("ol", class_="hits")[0].all("li")[0]
    assert first.all("a")[0].attributes["href"] == "/iran-death-sentences/people/babak-alipour"
    assert first.all("mark")


def test_names_that_only_sound_alike_stand_apart(real_site: str) -> None:
    people = get(real_site, f"/search?q={quote('احسانی')}").page.one("section", **{"aria-labelledby": "in-people"})
    spelled, alike = people.all("ol", class_="hits")
    assert [li.all("a")[0].attributes["href"] for li in spelled.all("li")] == ["/iran-death-sentences/people/behrouz-ehsani"]
    assert people.one("h3").text == "Alike in sound, in another spelling or script"
    assert "/iran-death-sentences/people/hossein-mohammadi" in [li.all("a")[0].attributes["href"] for li in alike.all("li")]


def test_the_form_keeps_what_was_asked_as_text(real_site: str) -> None:
    page = get(real_site, "/search?q=" + quote('<script>alert("x")</script>')).page
    assert page.one("main").one("input", id="q").attributes["value"] == '<script>alert("x")</script>'
    assert [s.attributes["src"].split("?")[0] for s in page.all("script")] == ["/static/suggest.js"]


@pytest.mark.parametrize("query", ["", " ", '"', "AND OR", "(", "ء", "\u200c", "qqqqqqq", "x" * 200])
def test_whatever_is_asked_is_answered(real_site: str, query: str) -> None:
    assert get(real_site, f"/search?q={quote(query)}").status == 200
    assert get(real_site, f"/search/suggest.json?q={quote(query)}").status == 200


def test_suggestions_begin_like_what_is_typed_people_first(real_site: str) -> None:
    found = json.loads(get(real_site, "/search/suggest.json?q=Babak+Alip").body)
    assert found[0] == {"href": "/iran-death-sentences/people/babak-alipour", "name": "Babak Alipour", "other": "بابک علی‌پور", "kind": "People"}
    assert len(found) <= 8
    persian = json.loads(get(real_site, f"/search/suggest.json?q={quote('بابک علی')}&lang=fa").body)
    assert persian[0] == {"href": "/iran-death-sentences/people/babak-alipour", "name": "بابک علی‌پور", "other": "Babak Alipour", "kind": "افراد"}


def test_the_words_that_fit_are_marked_and_nothing_else() -> None:
    assert marked("Babak Ali-Pour <b>", "alipoor") == "Babak <mark>Ali</mark>-<mark>Pour</mark> &lt;b&gt;"
    assert marked("Babak Alipour", "بابک علی‌پور") == "<mark>Babak</mark> <mark>Alipour</mark>"
    assert marked("Galipour", "Alipour") == "Galipour"


def test_a_long_text_is_shown_around_what_fits() -> None:
    assert excerpt("a " * 100 + "Alipour" + " b" * 100, "alipour").count("Alipour") == 1
    assert len(excerpt("a " * 100 + "Alipour" + " b" * 100, "alipour")) < 150
    assert excerpt("Alipour", "alipour") == "Alipour"
