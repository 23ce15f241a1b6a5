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

from reading_room.language import language

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
FIRST = ("methodology", "corrections", "data-dictionary", "quality", "verification")  # in the order a reader asks for them
WHOLE = ("corrections", "data-dictionary")  # those of docs/fa that say all that the English ones say; the others are summaries
SCROLLING = {  # what may be wider than a phone scrolls by itself, also by keyboard
    "<table>": '<div class="table-scroll" role="group" tabindex="0" aria-label="{label}"><table>',
    "</table>": "</table></div>",
    "<pre>": '<pre tabindex="0">',
}
ELSEWHERE = ("api",)  # documents with a page of their own
_LINK = re.compile(r"(?:\.\./)?(?P<name>[a-z-]+)\.md(?P<anchor>#.*)?")


class Document(NamedTuple):
    """A document as HTML, with its title and the language it is in; `told` is what a Persian page says of it: whole, summary or english."""

    name: str
    title: str
    html: Markup
    lang: str
    told: str


class Listed(NamedTuple):
    """A document in a list: its address below the root, its title, and the language of both."""

    address: str
    title: str
    lang: str


def listed(lang: str = "en") -> list[Listed]:
    """Every document, the ones that readers ask for first, and for Persian readers those that there are in Persian before the others."""
    names = sorted((p.stem for p in DOCS.glob("*.md")), key=lambda n: (FIRST.index(n) if n in FIRST else len(FIRST), n))
    found = [Listed(_address(name), _title(path.read_text(encoding="utf-8")), code) for name in names for path, code in [_file(name, lang)]]
    return sorted(found, key=lambda d: d.lang != lang)


@cache
def document(name: str, root: str, lang: str = "en") -> Document | None:
    """The document NAME in the language asked for, else in English, its links to others leading to their pages below `root`; None where there is none."""
    if not re.fullmatch("[a-z-]+", name) or name in ELSEWHERE or not (DOCS / f"{name}.md").exists():
        return None
    path, code = _file(name, lang)
    text = path.read_text(encoding="utf-8")
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    relink(tokens, root)
    for token in tokens:
        if token.attrs.pop("style", None):  # how Markdown aligns numbers; the site allows no style in its pages
            token.attrSet("class", "n")
    _anchor(tokens)
    told = "english" if code == "en" else "whole" if name in WHOLE else "summary"
    return Document(name, _title(text), scrolling(parser.renderer.render(tokens, parser.options, {}), code), code, told)


def _file(name: str, lang: str) -> tuple[Path, str]:
    """Where a document stands in the language asked for, else in English, and in which of them that is."""
    own = DOCS / lang / f"{name}.md"
    return (own, lang) if own.exists() else (DOCS / f"{name}.md", "en")


def scrolling(html: str, code: str) -> Markup:
    """The same with everything that may be too wide set to scroll by itself, which is called by its name in the language of the text."""
    label = language(code).say("document.table")
    for tag, written in SCROLLING.items():
        html = html.replace(tag, written.format(label=label))
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
