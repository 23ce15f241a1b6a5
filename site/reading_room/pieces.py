"""Facts and entries as HTML. A page has hundreds of them, and a template takes several times as long for each."""

from __future__ import annotations

from markupsafe import Markup, escape

from reading_room.language import Language
from reading_room.model import Entry, Fact, Value


def flag(lang: Language) -> Markup:
    """The mark of what sources disagree on."""
    return Markup(f'<span class="flag">{escape(lang.say("disputed"))}</span>')


def facts(told: list[Fact], lang: Language) -> Markup:
    """Columns in words with their values, each with its sources."""
    lines = "".join([_fact(fact, lang) for fact in told])
    return Markup(f'<dl class="facts">\n{lines}</dl>\n')


def _fact(fact: Fact, lang: Language) -> str:
    hint = f' title="{escape(fact.hint)}"' if fact.hint else ""
    values = f'<span class="quiet">{lang.semicolon}</span> '.join([_value(value, lang) for value in fact.values])
    disputed = f" {flag(lang)}" if fact.disputed else ""
    return f"  <div><dt{hint}>{escape(fact.title)}</dt>\n  <dd>{values}{disputed}</dd></div>\n"


def _value(value: Value, lang: Language) -> str:
    tags = f' <span class="tags">({lang.join(value.tags)})</span>' if value.tags else ""
    return f'<span class="value">{value.html}{tags}{value.marks}</span>'


def entries(listed: list[Entry], lang: Language, kind: str = "plain") -> Markup:
    """A list of records; where one has a date, all have a place for it."""
    dated = any(e.when for e in listed)
    lines = "".join([_line(e, lang, kind, dated) for e in listed])
    return Markup(f'<ol class="entries {kind}" role="list">\n{lines}</ol>\n')


def _line(e: Entry, lang: Language, kind: str, dated: bool) -> str:
    when = f'<div class="when">{e.when}</div>' if dated else ""
    return f'  <li>{when}<div class="what">{_entry(e, lang, kind)}</div></li>\n'


def _entry(e: Entry, lang: Language, kind: str) -> str:
    event = [f'<a class="event" href="{escape(e.href)}">{escape(e.event)}</a>'] if e.event else []
    head = ' <span class="quiet">·</span> '.join([*event, *e.head])
    disputed = f" {flag(lang)}" if e.disputed else ""
    voices = f' <a class="voices" href="{escape(e.href)}">{escape(lang.say("voices", n=e.voices))}</a>' if e.voices and not e.marks else ""
    said = "".join([f'<div class="said">{value.html}{value.marks}</div>' for fact in e.said for value in fact.values])
    return f"{head}{e.marks}{disputed}{voices}{said}{_details(e, lang, kind)}"


def _details(e: Entry, lang: Language, kind: str) -> str:
    """The small print: open where the list is of what one source says, else folded away."""
    if not e.details:
        return ""
    told = facts(e.details, lang)
    return told if kind == "said" else f"<details><summary>{escape(lang.say('details'))}</summary>{told}</details>"
