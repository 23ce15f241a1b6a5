"""Charts in a real browser: every word of a picture can be read, in both languages, on a desk and on a phone, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP, PHONE, visiting
from tests.site import reading_room  # noqa: F401  puts site/ on the path

from reading_room import charts  # isort: skip

NAMES = list(charts.declared("iran-death-sentences"))
SMALLEST = 10.5  # pixels
# the texts of the picture that is shown: their size on the screen, their box, the box of the picture
TEXTS = """() => [...document.querySelectorAll('svg.chart')].filter(s => s.getBoundingClientRect().width).flatMap(s => {
  const frame = s.getBoundingClientRect(), scale = frame.width / s.viewBox.baseVal.width;
  return [...s.querySelectorAll('text')].map(t => {
    const b = t.getBoundingClientRect();
    return {text: t.textContent, size: parseFloat(getComputedStyle(t).fontSize) * scale, left: b.left - frame.left, right: b.right - frame.right,
            top: b.top - frame.top, bottom: b.bottom - frame.bottom, box: [b.left, b.top, b.right, b.bottom]};
  });
})"""


@pytest.mark.parametrize("width", ["desk", "phone"])
@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_picture_is_large_enough_and_inside_it(browser: Browser, real_site: str, name: str, lang: str, width: str) -> None:
    with visiting(browser, real_site, viewport=DESKTOP if width == "desk" else PHONE) as visit:
        visit.goto(f"/charts/{name}?lang={lang}")
        texts = visit.page.evaluate(TEXTS)
        assert visit.page.locator("svg.chart:visible").count() == 1 and len(texts) > 5
        assert [t["text"] for t in texts if t["size"] < SMALLEST] == []
        assert [t["text"] for t in texts if t["left"] < -1 or t["right"] > 1 or t["top"] < -1 or t["bottom"] > 1] == []


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("name", ["map", "executions-counted", "judges"])
def test_no_name_covers_another(browser: Browser, real_site: str, name: str, lang: str) -> None:
    with visiting(browser, real_site) as visit:
        visit.goto(f"/charts/{name}?lang={lang}")
        boxes = [(t["text"], *t["box"]) for t in visit.page.evaluate(TEXTS)]
        covered = [
            (a[0], b[0]) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a[1] < b[3] - 3 and b[1] < a[3] - 3 and a[2] < b[4] - 5 and b[2] < a[4] - 5
        ]
        assert covered == []


def test_a_picture_takes_the_colours_of_the_theme(browser: Browser, real_site: str) -> None:
    seen = {}
    for theme in ("light", "dark"):
        with visiting(browser, real_site, color_scheme=theme) as visit:
            visit.goto("/charts/judges")
            seen[theme] = visit.page.evaluate("""[document.body, document.querySelector('.chart-wide .ink'), document.querySelector('.chart-wide .bar')]
                .map((e, i) => getComputedStyle(e)[i ? 'fill' : 'color'])""")
    assert seen["light"][0] == seen["light"][1] and seen["dark"][0] == seen["dark"][1]
    assert seen["light"] != seen["dark"] and seen["light"][2] != seen["dark"][2]


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_picture_alone_is_quiet_and_stays_here(browser: Browser, real_site: str, lang: str) -> None:
    with visiting(browser, real_site) as visit:
        assert visit.goto(f"/charts/map.svg?lang={lang}") == 200
        assert visit.problems == [] and visit.foreign == []
        assert len(visit.page.evaluate(TEXTS)) > 20


def test_the_table_under_a_picture_opens_without_scripts(browser: Browser, real_site: str) -> None:
    with visiting(browser, real_site, java_script_enabled=False) as visit:
        visit.goto("/charts/judges")
        assert not visit.page.locator("figure table").is_visible()
        visit.page.locator("figure summary").click()
        assert visit.page.locator("figure table tbody tr").count() > 15
