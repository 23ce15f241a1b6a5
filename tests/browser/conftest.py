"""A real Chromium in front of a real Datasette; every page is watched for errors and for requests to other hosts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path, "no Chromium on the PATH: run tests/browser/find-chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A page that a browser has open, and all that went wrong or out on the way."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    received: int = 0  # bytes of bodies, as sent

    def goto(self, path: str) -> int:
        response = self.page.goto(self.address + path)
        assert response is not None
        self.page.evaluate("document.fonts.ready.then(() => null)")
        return response.status

    @property
    def foreign(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(self.address)]


@contextmanager
def visiting(browser: Browser, address: str, **options: Any) -> Iterator[Visit]:
    """A fresh browser context; `options` are Playwright's, such as viewport, color_scheme and java_script_enabled."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    page = context.new_page()
    visit = Visit(page, address)
    page.on("console", lambda m: visit.problems.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: visit.problems.append(str(e)))
    page.on("requestfailed", lambda r: visit.problems.append(f"failed: {r.url}"))
    page.on("request", lambda r: visit.requests.append(r.url))
    page.on("requestfinished", lambda r: _count(visit, r))
    try:
        yield visit
    finally:
        context.close()


def _count(visit: Visit, request: Any) -> None:
    visit.received += request.sizes()["responseBodySize"]
