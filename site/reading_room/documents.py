"""The pages of docs/ on the site, so that method and rules are read where the data are."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
FIRST = ("methodology", "corrections", "data-dictionary", "quality", "verification")  # in the order a reader asks for them
SCROLLING = {  # what may be wider than a phone scrolls by itself, also by keyboard
    "<table>": '<div class="table-scroll" role="group" tabindex="0" aria-label="Table"><table>',
    "</table>": "</table></div>",
    "<pre>": '<pre tabindex="0">',
}
ELSEWHERE = ("api",)  # documents with a page of their own
_LINK = re.compile(r"(?P<name>[a-z-]+)\.md(?P<anchor>#.*)?")


class Document(NamedTuple):
    """A document as HTML, with its title."""

    title: str
    html: Markup


def listed() -> list[tuple[str, str]]:
    """Every document as (address below the root, title), the ones that readers ask for first."""
    names = sorted((p.stem for p in DOCS.glob("*.md")), key=lambda n: (FIRST.index(n) if n in FIRST else len(FIRST), n))
    return [(_address(name), _title((DOCS / f"{name}.md").read_text(encoding="utf-8"))) for name in names]


@cache
def document(name: str, root: str) -> Document | None:
    """The document docs/NAME.md, its links to others leading to their pages below `root`; None where there is none."""
    path = DOCS / f"{name}.md"
    if not re.fullmatch("[a-z-]+", name) or name in ELSEWHERE or not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    relink(tokens, root)
    for token in tokens:
        if token.attrs.pop("style", None):  # how Markdown aligns numbers; the site allows no style in its pages
            token.attrSet("class", "n")
    _anchor(tokens)
    return Document(_title(text), scrolling(parser.renderer.render(tokens, parser.options, {})))


def scrolling(html: str) -> Markup:
    """The same with everything that may be too wide set to scroll by itself."""
    for tag, written in SCROLLING.items():
        html = html.replace(tag, written)
    return Markup(html)


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _address(name: str) -> str:
    return name if name in ELSEWHERE else f"docs/{name}"


def relink(tokens: list[Token], root: str) -> None:
    """Links between documents lead to their pages below `root`, those to other sites tell nobody where a reader came from."""
    for child in (c for token in tokens for c in token.children or []):
        href = str(child.attrGet("href") or "")
        if found := _LINK.fullmatch(href):
            child.attrSet("href", f"{root}{_address(found['name'])}{found['anchor'] or ''}")
        elif href.startswith(("http://", "https://")):
            child.attrSet("rel", "noreferrer noopener external")


def _anchor(tokens: list[Token]) -> None:
    """Give every heading the id that a link in the documents expects, as a reader of the repository has it."""
    used: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            anchor = re.sub(r"[^\w\- ]", "", inline.content.casefold()).replace(" ", "-")
            used[anchor] = used.get(anchor, 0) + 1
            opening.attrSet("id", anchor if used[anchor] == 1 else f"{anchor}-{used[anchor] - 1}")
