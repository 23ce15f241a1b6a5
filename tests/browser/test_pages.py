"""Every kind of page in a real browser: nothing breaks, nothing goes out, everyone can read it, on a desk and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE, visiting

DATABASE = "/iran-death-sentences"
KINDS = {
    "home": "/",
    "about": "/about",
    "document": "/docs/methodology",
    "corrections": "/docs/corrections",
    "document in English only": "/docs/schema",
    "data dictionary": "/docs/data-dictionary",
    "guide": "/api",
    "downloads": "/downloads",
    "search": "/search?q=alipour",
    "nothing found": "/search?q=zzyzxqwertz",
    "all tables": DATABASE,
    "people": f"{DATABASE}/people",
    "filtered": f"{DATABASE}/rulings?outcome=death-sentence&court=tehran-revolutionary-court-26",
    "as reported": f"{DATABASE}/people_as_reported?id=babak-alipour",
    "view": f"{DATABASE}/death_row",
    "disagreements": f"{DATABASE}/disagreements",
    "statistics": f"{DATABASE}/statistics",
    "sources table": f"{DATABASE}/sources",
    "question": f"{DATABASE}/death-sentences-by-judge",
    "question with a parameter": f"{DATABASE}/find-person?name=alipour",
    "own query": f"{DATABASE}?sql=select+*+from+people+limit+3",
    "person": f"{DATABASE}/people/babak-alipour",
    "official": f"{DATABASE}/officials/iman-afshari",
    "prison": f"{DATABASE}/prisons/evin",
    "court": f"{DATABASE}/courts/tehran-revolutionary-court-26",
    "case": f"{DATABASE}/cases/baghi-six-2024",
    "offence": f"{DATABASE}/offences/baghi",
    "source": f"{DATABASE}/sources/hrana-2025-12-08-six-resentenced",
    "publisher": f"{DATABASE}/publishers/hrana",
    "ruling": f"{DATABASE}/rulings/babak-alipour-ruling-1",
    "row as reported": f"{DATABASE}/people_as_reported/babak-alipour,hrana-2025-12-08-six-resentenced",
    "charts": "/charts",
    "chart": "/charts/executions-counted",
    "map": "/charts/map",
    "missing": f"{DATABASE}/people/nobody",
}
MOST_BYTES = 150_000


def in_language(path: str, lang: str) -> str:
    return path if lang == "en" else f"{path}{'&' if '?' in path else '?'}lang={lang}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_quiet_and_accessible(browser: Browser, real_site: str, kind: str, lang: str, theme: str) -> None:
    with visiting(browser, real_site, color_scheme=theme) as visit:
        status = visit.goto(in_language(KINDS[kind], lang))
        assert status == (404 if kind == "missing" else 200)
        assert [p for p in visit.problems if kind != "missing" or "404" not in p] == []
        assert visit.foreign == []
        assert visit.received < MOST_BYTES
        found = Axe().run(visit.page)
        assert [(v["id"], v["nodes"][0]["target"], v["nodes"][0].get("failureSummary")) for v in found.response["violations"]] == []


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_never_scrolls_sideways(browser: Browser, real_site: str, kind: str, lang: str) -> None:
    with visiting(browser, real_site, viewport=PHONE) as visit:
        visit.goto(in_language(KINDS[kind], lang))
        visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_there_without_scripts(browser: Browser, real_site: str, kind: str) -> None:
    with visiting(browser, real_site) as with_scripts, visiting(browser, real_site, java_script_enabled=False) as without:
        with_scripts.goto(KINDS[kind])
        without.goto(KINDS[kind])
        assert without.page.inner_text("main") == with_scripts.page.inner_text("main")
