"""docs/api.md and the page /api: one text, whose examples all run and say the same in every language."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from markdown_it import MarkdownIt

from tests.api.conftest import ask
from tests.conftest import ROOT
from tests.site.pages import parse

GUIDE = (ROOT / "docs/api.md").read_text()
WRITTEN = "http://127.0.0.1:8001"
RUN = {"sh": ["bash", "-c"], "python": [sys.executable, "-c"], "js": ["node", "--input-type=module", "-e"], "r": ["Rscript", "-e"]}
EXAMPLES = {"One record", "Filters", "Search", "Paging", "Labels", "Queries", "Sources", "Dossier", "All", "Caching", "Errors", "Reconciliation"}


class Block(NamedTuple):
    """One example: the section it stands in, its language, its code."""

    section: str
    language: str
    code: str


def blocks() -> list[Block]:
    found, section = [], ""
    tokens = MarkdownIt("commonmark").parse(GUIDE)
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and token.tag == "h2" and after:
            section = after.content
        if token.type == "fence":
            found.append(Block(section, token.info, token.content))
    return found


def test_every_section_with_examples_has_them_in_every_language() -> None:
    assert {(b.section, b.language) for b in blocks()} == {(section, language) for section in EXAMPLES for language in RUN}
    assert len(blocks()) == len(EXAMPLES) * len(RUN)


@pytest.mark.parametrize("section", sorted(EXAMPLES))
def test_examples_run_and_agree(section: str, real_site: str, tmp_path: Path) -> None:
    said = {}
    for block in [b for b in blocks() if b.section == section]:
        command = [*RUN[block.language], block.code.replace(WRITTEN, real_site)]
        assert shutil.which(command[0]), f"no {command[0]} on the PATH: run `make languages`"
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, env=os.environ | {"LC_ALL": "C.UTF-8"})
        said_beside = [line for line in done.stderr.splitlines() if not line.startswith("Using libcurl ")]  # R's curl greets
        assert (done.returncode, said_beside, bool(done.stdout.strip())) == (0, [], True), block.language
        said[block.language] = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    raw = "\n".join(said.pop("sh"))
    assert set(said) == {"python", "r", "js"} and all(lines == said["python"] for lines in said.values()), said
    if section not in ("Filters", "Paging", "Queries", "Sources", "Dossier", "Search"):  # these count, or ask again
        assert all(line in raw for line in said["python"])


def test_the_page_is_the_same_text_with_this_servers_address(real_site: str) -> None:
    page = ask(f"{real_site}/api").body.decode()
    text = re.sub(r"<[^>]+>", "", page)
    for block in blocks():
        assert block.code.replace(WRITTEN, real_site).splitlines()[0] in text.replace("&quot;", '"').replace("&amp;", "&").replace("&#39;", "'").replace(
            "&gt;", ">"
        ).replace("&lt;", "<")
    assert WRITTEN not in page
    assert '<a href="/openapi.json">' in page


def test_the_persian_page_has_the_same_sections_examples_and_anchors(real_site: str) -> None:
    english, persian = (parse(ask(f"{real_site}/api?lang={lang}").body.decode()).one("article") for lang in ("en", "fa"))
    anchors = [[h.attributes["id"] for h in page.all("h2")] for page in (english, persian)]
    assert anchors[0] == anchors[1] and len(anchors[0]) == 18
    assert [p.text for p in persian.all("pre")] == [p.text for p in english.all("pre")]
    assert [len(t.all("tr")) for t in persian.all("table")] == [len(t.all("tr")) for t in english.all("table")]
    titles = [h.text for h in persian.all("h2")]
    assert [t for t in titles if not re.search("[\u0620-\u06cc]", t)] == ["SQL"]
    assert [a.text for a in persian.one("nav").all("a")] == titles
    pointed = {a.attributes["href"] for a in persian.all("a") if a.attributes["href"].startswith("#")}
    assert pointed <= {f"#{anchor}" for anchor in anchors[0]}


def test_every_anchor_that_is_pointed_to_is_there(real_site: str) -> None:
    ids = set(re.findall(r'id="([^"]+)"', ask(f"{real_site}/api").body.decode()))
    code = "".join(p.read_text() for p in (ROOT / "site/service").glob("*.py"))
    pointed = set(re.findall(r"/api#([a-z-]+)", code)) | set(re.findall(r"\(#([a-z-]+)\)", GUIDE))
    assert pointed <= ids, pointed - ids


def test_the_parameters_that_are_listed_are_those_that_are_described(real_site: str) -> None:
    described = ask(f"{real_site}/openapi.json").json
    shared = {p["name"] for p in described["components"]["parameters"].values()}
    own = {p["name"] for methods in described["paths"].values() for p in methods["get"].get("parameters", []) if p.get("name", "").startswith("_")}
    listed = set(re.findall(r"`(_\w+)", GUIDE[GUIDE.index("## Parameters") : GUIDE.index("## SQL")]))
    assert shared | own == listed
