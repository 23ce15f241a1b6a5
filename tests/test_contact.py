"""The address that readers write to: shown where it is set, its absence told to readers and publishers where it is not."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.build import build
from scripts.contact import MISSING
from scripts.package import PackageError, load_package
from scripts.progress import Stages
from tests.conftest import ROOT, serving
from tests.site.pages import get

GONE = "zartosht-qaravoli"
PAGES = ["/about", "/docs/corrections", f"/mini/people/{GONE}"]
NONE = {"en": "This copy of the site names no address to write to.", "fa": "این نسخه از سایت نشانی‌ای برای نوشتن اعلام نکرده است."}


def name(mini: Path, contact: str) -> Path:
    """The descriptor of the package, in which `contact` is set."""
    path = mini / "datapackage.yaml"
    path.write_text(f"{path.read_text()}contact: {contact}\n")
    (mini / "sources/retired_ids.csv").write_text(f"table,id,replaced_by,reason\npeople,{hashlib.sha256(GONE.encode()).hexdigest()},,withdrawn\n")
    return path


def told(site: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """By page and language, what it says of the contact, and where that leads."""
    for path in PAGES:
        for lang in ("en", "fa"):
            answer = get(site, f"{path}?lang={lang}")
            assert answer.status == (410 if GONE in path else 200)
            said = answer.page.one("p", class_="contact")
            yield path, lang, said.text, [a.attributes["href"] for a in said.all("a")]


@pytest.mark.parametrize(
    ("contact", "href"),
    [("corrections@example.org", "mailto:corrections@example.org"), ("https://example.org/write?to=us&x=1", "https://example.org/write?to=us&x=1")],
)
def test_where_it_is_set_every_page_that_needs_it_has_it(mini: Path, contact: str, href: str) -> None:
    package = load_package(name(mini, contact))
    with serving(package, build(package, mini / "dist/mini.db", Stages()).path) as site:
        for path, lang, text, links in told(site):
            assert contact in text.replace("&amp;", "&") and [link.replace("&amp;", "&") for link in links] == [href], (path, lang)


def test_where_it_is_not_set_readers_are_told_so(mini: Path) -> None:
    package = load_package(name(mini, "''"))
    with serving(package, build(package, mini / "dist/mini.db", Stages()).path) as site:
        assert {(path, lang): (text.startswith(NONE[lang]), links) for path, lang, text, links in told(site)} == {
            (path, lang): (True, []) for path in PAGES for lang in ("en", "fa")
        }


@pytest.mark.parametrize("contact", ["write to us", "http://example.org/", "javascript:alert(1)", "a@b", "'<a@example.org>'"])
def test_what_is_no_address_is_refused(mini: Path, contact: str) -> None:
    with pytest.raises(PackageError, match="neither an e-mail nor an https address"):
        load_package(name(mini, contact))


@pytest.mark.parametrize("command", [["snapshot"], ["build", "--site"]])
@pytest.mark.parametrize("contact", ["''", "corrections@example.org"])
def test_whoever_publishes_without_it_is_warned(mini: Path, command: list[str], contact: str) -> None:
    arguments = [sys.executable, "-m", "scripts", *command, "--package", str(name(mini, contact))]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (f"datapackage.yaml: warning: contact: {MISSING}" in done.stderr) == (contact == "''")


def test_a_snapshot_carries_it(mini: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "scripts", "snapshot", "--package", str(name(mini, "corrections@example.org"))], cwd=ROOT, check=True, capture_output=True
    )
    folder = next(p for p in (mini / "dist/snapshots").iterdir() if p.is_dir())
    assert "Corrections and withdrawals: corrections@example.org" in (folder / "README.txt").read_text()
    assert json.loads((folder / "datapackage.json").read_text())["contact"] == "corrections@example.org"
