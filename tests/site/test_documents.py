"""The pages of docs/ on the site: all there, and their links lead somewhere."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.site.pages import get

NAMES = sorted(p.stem for p in (ROOT / "docs").glob("*.md") if p.stem != "api")  # which has a page of its own


def test_about_lists_every_document(real_site: str) -> None:
    listed = get(real_site, "/about").page.one("ul", class_="documents").all("a")
    assert sorted(a.attributes["href"] for a in listed) == sorted(["/api", *(f"/docs/{name}" for name in NAMES)])


def test_every_link_between_documents_leads_to_a_heading(real_site: str) -> None:
    pages = {f"/docs/{name}": get(real_site, f"/docs/{name}").page for name in NAMES}
    anchors = {path: {n.attributes["id"] for n in page.all("*") if "id" in n.attributes} for path, page in pages.items()}
    lost = []
    for path, page in pages.items():
        for link in page.one("article").all("a"):
            target, _, anchor = link.attributes["href"].partition("#")
            if (target or path).startswith("/docs/") and ((target or path) not in anchors or (anchor and anchor not in anchors[target or path])):
                lost.append((path, link.attributes["href"]))
    assert lost == []


def test_no_other_file_is_a_document(real_site: str) -> None:
    assert [get(real_site, f"/docs/{name}").status for name in ("nothing", "..%2FREADME", "Makefile", "api")] == [404, 404, 404, 404]
