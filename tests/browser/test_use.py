"""What a reader does: search while typing, move by keyboard, change the language, print a person."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import visiting

PERSON = "/iran-death-sentences/people/babak-alipour"
A4 = (595, 842)  # points


def test_suggestions_come_while_typing_and_lead_to_the_person(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto("/")
        box = visit.page.get_by_role("combobox")
        with visit.page.expect_response(lambda r: r.url.endswith("?q=babak%20alip&lang=en")):
            box.press_sequentially("babak alip")
        first = visit.page.locator(".suggestions a").first
        expect(first).to_contain_text("Babak Alipour")
        expect(box).to_have_attribute("aria-expanded", "true")
        box.press("ArrowDown")
        expect(first).to_be_focused()
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(f"**{PERSON}")
        assert visit.problems == [] and visit.foreign == []


def test_escape_closes_the_suggestions(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto(PERSON)
        box = visit.page.get_by_role("combobox")
        box.press_sequentially("evin")
        expect(visit.page.locator(".suggestions a").first).to_be_visible()
        box.press("Escape")
        expect(visit.page.locator(".suggestions")).to_be_hidden()


def test_search_works_as_a_form_without_scripts(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site, java_script_enabled=False) as visit:
        visit.goto("/?lang=fa")
        visit.page.fill("#q", "بابك عليپور")
        visit.page.press("#q", "Enter")
        visit.page.wait_for_url("**/search?q=*&lang=fa")
        assert visit.page.locator(".hits a").first.inner_text() == "بابک علی‌پور"


def test_the_first_tab_skips_to_the_content(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto(PERSON)
        visit.page.keyboard.press("Tab")
        expect(visit.page.locator(".skip")).to_be_focused()
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.id") == "content"


def test_the_language_is_kept_from_page_to_page_and_can_be_changed_back(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto(PERSON)
        visit.page.locator("a.language").click()
        visit.page.wait_for_load_state()
        assert visit.page.evaluate("document.dir") == "rtl"
        visit.page.locator(".companions a").first.click()
        visit.page.wait_for_load_state()
        assert visit.page.evaluate("document.dir") == "rtl"
        visit.page.locator("a.language").click()
        visit.page.wait_for_load_state()
        assert visit.page.evaluate("document.dir") == "ltr"
        assert visit.page.context.cookies() == []


def test_persian_is_set_in_the_bundled_font(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto(PERSON)
        assert visit.page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)") == ["Vazirmatn"]
        assert [url.split("?")[0].removeprefix(real_site) for url in visit.requests if "font" in url] == ["/static/fonts/vazirmatn.woff2"]


def test_a_filter_is_set_by_the_form(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto("/iran-death-sentences/people")
        visit.page.get_by_text("Search and filter").click()
        visit.page.select_option("[name=_filter_column]", "ethnicity")
        visit.page.fill("[name=_filter_value]", "Baluch")
        visit.page.get_by_role("button", name="Show").click()
        visit.page.wait_for_url("**/people?*ethnicity*")
        assert visit.page.locator(".conditions li").first.inner_text().startswith("Ethnicity is Baluch")


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_person_prints_on_a4_with_all_that_is_folded_on_the_screen(browser: Browser, real_site: str, lang: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto(f"{PERSON}?lang={lang}")
        visit.page.emulate_media(media="print")
        assert visit.page.evaluate("[...document.querySelectorAll('.record *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length") == 0
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", visit.page.pdf(prefer_css_page_size=True))
        assert boxes and {(round(float(w)), round(float(h))) for w, h in boxes} == {A4}
        text = visit.page.inner_text("main")
        assert PERSON in text and "described as his third arrest" in text
        printed = visit.page.evaluate("getComputedStyle(document.querySelector('.sources a.out'), '::after').content")
        assert printed.startswith('" "') or "http" in printed
