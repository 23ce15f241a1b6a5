"""Reading pages in tests: fetch one, look into it."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img", "source"}


@dataclass
class Node:
    """An element with its attributes and what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text, single spaces."""
        parts = [c if isinstance(c, str) else c.text if c.tag not in ("script", "style") else "" for c in self.children]
        return re.sub(
            r"[ \n]+", " ", "".join(f" {p} " if isinstance(c, Node) and c.tag in BLOCKS else p for p, c in zip(parts, self.children, strict=True))
        ).strip()

    def all(self, tag: str, **attributes: str) -> list[Node]:
        """Every element below with this tag and these attributes; `class_` is one of its classes."""
        found = []
        for child in (c for c in self.children if isinstance(c, Node)):
            if (tag in ("*", child.tag)) and all(_has(child, k, v) for k, v in attributes.items()):
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    def one(self, tag: str, **attributes: str) -> Node:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} × {tag} {attributes}"
        return found[0]


BLOCKS = {"p", "li", "dt", "dd", "div", "h1", "h2", "h3", "td", "th", "section", "ol", "ul", "dl", "tr", "header", "nav", "summary", "option"}


def _has(node: Node, name: str, value: str) -> bool:
    if name == "class_":
        return value in node.attributes.get("class", "").split()
    return node.attributes.get(name) == value


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {k: v or "" for k, v in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Node:
    """The tree of a page; fails where elements are not closed in order."""
    builder = _Builder()
    builder.feed(html)
    assert builder.open == [builder.root], f"left open: {[n.tag for n in builder.open]}"
    return builder.root


@dataclass
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> Node:
        return parse(self.html)


def get(address: str, path: str, **headers: str) -> Answer:
    """The answer to a plain request, errors included."""
    request = urllib.request.Request(address + path, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())
