"""What a template is given to show: facts with their values, entries of lists, sections."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass
class Value:
    """One value of a fact, the marks of the sources behind it, and short remarks that belong to it."""

    html: Markup
    marks: Markup = field(default_factory=Markup)
    tags: list[Markup] = field(default_factory=list)


@dataclass
class Fact:
    """A column in words, with its values."""

    title: str
    hint: str
    values: list[Value]
    disputed: bool = False


@dataclass
class Entry:
    """A record in a list: when, what, what sources say of it in their words, and the small print."""

    href: str
    head: list[Markup]
    said: list[Fact]
    details: list[Fact]
    marks: Markup
    voices: int
    disputed: bool
    when: Markup = field(default_factory=Markup)
    event: str = ""
    span: tuple[str, str] = ("", "")


@dataclass
class Section:
    """The records of one table on a page; `all_at` leads to the rest of them where there are more."""

    id: str
    title: str
    entries: list[Entry]
    total: int
    all_at: str = ""
    people: int = 0
    kind: str = "plain"  # `said` where it holds what one source says
