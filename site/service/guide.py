"""The page /api: docs/api.md as it stands, with this server's address in its examples, and a reference made from the OpenAPI description.

In Persian the words are those of docs/fa/api.md, section by section; the examples are not written twice.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reading_room.documents import relink, scrolling
from scripts.openapi import Facts, Json, describe
from service import downloads
from service.served import ROOT, Served

GUIDE = {"en": ROOT / "docs" / "api.md", "fa": ROOT / "docs" / "fa" / "api.md"}
WRITTEN = "http://127.0.0.1:8001"  # the address that the examples of docs/api.md ask


def openapi(known: Served, address: str) -> Json:
    """The OpenAPI description of this server, which is reached at `address`."""
    files = [file["name"].partition("/") for release in downloads.releases(known) for file in release["files"]]
    example = next(((release, file) for release, _, file in files if file), None)
    return describe(known.published, Facts(known.version, known.columns, known.keys, address, example))


def page(known: Served, address: str, lang: str = "en") -> dict[str, Any]:
    """What the template api.html shows: `sections` as (anchor, title), `guide` as HTML, `reference` by tag."""
    tokens = _read("en", address)
    sections = _anchor(tokens)
    if lang != "en":
        tokens, sections = _translated(_read(lang, address), tokens, sections)
    relink(tokens, f"{address.rstrip('/')}/")
    guide = scrolling(_parser().renderer.render(tokens, _parser().options, {}), lang)
    return {"sections": sections, "guide": guide, "reference": _reference(openapi(known, address))}


def _read(lang: str, address: str) -> list[Token]:
    return _parser().parse(GUIDE[lang].read_text(encoding="utf-8").replace(WRITTEN, address.rstrip("/")))


def _translated(tokens: list[Token], english: list[Token], sections: list[tuple[str, str]]) -> tuple[list[Token], list[tuple[str, str]]]:
    """The guide in another language: its n-th section has the anchor of the n-th English one, and at its end the examples of that one."""
    whole: list[Token] = []
    titles: list[str] = []
    for (opening, *_), part, examples in zip(_parts(tokens), _parts(tokens), _parts(english), strict=True):
        if opening.tag == "h2":
            titles.append(part[1].content)
            opening.attrSet("id", sections[len(titles) - 1][0])
        whole += [*part, *(t for t in examples if t.type == "fence")]
    return whole, [(anchor, title) for (anchor, _), title in zip(sections, titles, strict=True)]


def _parts(tokens: list[Token]) -> list[list[Token]]:
    """What stands before the first section, then every section."""
    starts = [i for i, t in enumerate(tokens) if t.type == "heading_open" and t.tag == "h2"]
    return [tokens[a:b] for a, b in itertools.pairwise([0, *starts, len(tokens)])]


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _anchor(tokens: list[Token]) -> list[tuple[str, str]]:
    """Give every heading an id; the sections of second rank, as (id, title)."""
    sections = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            anchor = re.sub(r"[^a-z0-9]+", "-", inline.content.casefold()).strip("-")
            opening.attrSet("id", anchor)
            if opening.tag == "h2":
                sections.append((anchor, inline.content))
    return sections


def _reference(described: Json) -> dict[str, list[Json]]:
    """The operations by tag, each with its path, words and parameters."""
    by_tag: dict[str, list[Json]] = {}
    shared = described["components"]["parameters"]
    for path, methods in described["paths"].items():
        for operation in methods.values():
            parameters = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in operation.get("parameters", [])]
            by_tag.setdefault(operation["tags"][0], []).append({**operation, "path": path, "parameters": parameters})
    return by_tag
