"""The pages of docs/ on the site: all there, in Persian where there is such, and their links lead somewhere."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from persiantools.digits import fa_to_en

from tests.conftest import ROOT
from tests.site.pages import Node, get

NAMES = sorted(p.stem for p in (ROOT / "docs").glob("*.md") if p.stem != "api")  # which has a page of its own
PERSIAN = sorted(p.stem for p in (ROOT / "docs/fa").glob("*.md") if p.stem != "api")
WHOLE = ["corrections", "data-dictionary"]


def test_about_lists_every_document(real_site: str) -> None:
    listed = get(real_site, "/about").page.one("ul", class_="documents").all("a")
    assert sorted(a.attributes["href"] for a in listed) == sorted(["/api", *(f"/docs/{name}" for name in NAMES)])
    assert [a for a in listed if "lang" in a.attributes] == []


def test_in_persian_it_lists_what_is_in_persian_first_and_marks_the_rest(real_site: str) -> None:
    listed = get(real_site, "/about?lang=fa").page.one("ul", class_="documents").all("li")
    assert len(listed) == len(NAMES) + 1
    persian, rest = listed[: len(PERSIAN) + 1], listed[len(PERSIAN) + 1 :]
    assert sorted(li.one("a").attributes["href"] for li in persian) == sorted(["/api?lang=fa", *(f"/docs/{name}?lang=fa" for name in PERSIAN)])
    assert {li.one("a").attributes.get("lang") for li in persian} == {None}
    assert {(li.one("a").attributes["lang"], li.one("span").text) for li in rest} == {("en", "(به انگلیسی)")}


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_link_between_documents_leads_to_a_heading(real_site: str, lang: str) -> None:
    pages = {f"/docs/{name}": get(real_site, f"/docs/{name}?lang={lang}").page for name in NAMES}
    anchors = {path: {n.attributes["id"] for n in page.all("*") if "id" in n.attributes} for path, page in pages.items()}
    lost = []
    for path, page in pages.items():
        if lang == "fa" and path.removeprefix("/docs/") not in PERSIAN:
            continue  # an English text, whose links may point into another that is shown in Persian
        for link in page.one("article").all("a"):
            target, _, anchor = link.attributes["href"].partition("#")
            target = target.removesuffix("?lang=fa")
            if (target or path).startswith("/docs/") and ((target or path) not in anchors or (anchor and anchor not in anchors[target or path])):
                lost.append((path, link.attributes["href"]))
    assert lost == []


def note(page: Node) -> tuple[str, list[str]]:
    """What a Persian page says of its document, and where it leads."""
    said = page.one("p", class_="translation")
    return said.text, [a.attributes["href"] for a in said.all("a")]


@pytest.mark.parametrize("name", NAMES)
def test_a_persian_page_says_what_its_document_is(real_site: str, name: str) -> None:
    page = get(real_site, f"/docs/{name}?lang=fa").page
    said, links = note(page)
    article = page.one("article").attributes
    if name not in PERSIAN:
        assert (said, links, article["lang"], article["dir"]) == ("این نوشته تنها به انگلیسی است.", [], "en", "ltr")
        return
    assert (links, article["lang"], article["dir"]) == ([f"/docs/{name}?lang=en"], "fa", "rtl")
    assert said.startswith("این ترجمهٔ فارسی متن کامل است" if name in WHOLE else "این خلاصه‌ای به فارسی است")
    assert get(real_site, f"/docs/{name}?lang=en").page.all("p", class_="translation") == []


@pytest.mark.parametrize("name", WHOLE)
def test_a_translation_has_every_heading_row_and_point_of_the_english_text(name: str) -> None:
    """So that neither is changed alone: headings, paragraphs, points, cells and emphases follow each other in the same order."""

    def shape(path: str) -> list[str]:
        parser = MarkdownIt("commonmark").enable("table")
        return [t.type for t in parser.parse((ROOT / path).read_text(encoding="utf-8")) if t.type.endswith("_open")]

    assert shape(f"docs/fa/{name}.md") == shape(f"docs/{name}.md")


def test_figures_of_a_summary_are_those_of_the_english_text() -> None:
    for name in set(PERSIAN) - set(WHOLE):
        english = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
        figures = re.findall(r"[۰-۹]+(?:٫[۰-۹]+)?", (ROOT / f"docs/fa/{name}.md").read_text(encoding="utf-8"))
        assert [f for f in figures if fa_to_en(f).replace("٫", ".") not in english] == [], name


def test_every_persian_document_has_an_english_one() -> None:
    assert [p.name for p in (ROOT / "docs/fa").iterdir() if not (ROOT / "docs" / p.name).exists()] == []


def test_no_other_file_is_a_document(real_site: str) -> None:
    for lang in ("en", "fa"):
        names = ("nothing", "..%2FREADME", "Makefile", "api", "fa")
        assert [get(real_site, f"/docs/{name}?lang={lang}").status for name in names] == [404] * len(names)
