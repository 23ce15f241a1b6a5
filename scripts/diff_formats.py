"""A difference between two versions as text, JSON, Markdown or an Atom feed."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import asdict
from xml.etree import ElementTree

from scripts.diff import Cell, Change, Diff

ATOM = "http://www.w3.org/2005/Atom"
SIGNS = {"added": "+", "changed": "~", "removed": "-"}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def as_text(diff: Diff) -> str:
    """One line per record, and one per changed cell."""
    lines = [f"{diff.name}: {diff.old} → {diff.new}", _summary(diff), *_shape_lines(diff)]
    for change in diff.changes:
        lines.append(f"{SIGNS[change.kind]} {change.table}/{change.record}{_label(change)}{_fate(change)}")
        lines += [f"    {_cell(cell)}" for cell in change.cells]
    return "\n".join(lines) + "\n"


def as_json(diff: Diff) -> str:
    return json.dumps(asdict(diff), ensure_ascii=False, indent=1) + "\n"


def as_markdown(diff: Diff) -> str:
    """A section per table: added, changed, removed."""
    lines = [f"# Changes from {diff.old} to {diff.new}", "", _summary(diff)]
    lines += ["", *[f"- {line}" for line in _shape_lines(diff)]] if _shape_lines(diff) else []
    for table in diff.tables:
        lines += ["", f"## {table}"]
        for kind in SIGNS:
            if changes := [c for c in diff.of(kind) if c.table == table]:
                lines += ["", f"{kind.capitalize()} ({len(changes)}):", ""]
                lines += [line for change in changes for line in _markdown_lines(change)]
    return "\n".join(lines) + "\n"


def as_atom(diff: Diff) -> str:
    """A feed with an entry per record; its ids depend on nothing but the two versions and the record."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    updated = f"{diff.new if DAY.fullmatch(diff.new) else '1980-01-01'}T00:00:00Z"
    _add(feed, "id", _urn(diff, ""))
    _add(feed, "title", f"{diff.name}: changes from {diff.old} to {diff.new}")
    _add(feed, "updated", updated)
    _add(_add(feed, "author"), "name", diff.name)
    for change in diff.changes:
        entry = _add(feed, "entry")
        _add(entry, "id", _urn(diff, f"{change.table}/{change.record}"))
        _add(entry, "title", f"{change.table}/{change.record}{_label(change)}: {change.kind}")
        _add(entry, "updated", updated)
        _add(entry, "content", "\n".join([f"{change.kind}{_fate(change)}", *map(_cell, change.cells)])).set("type", "text")
    ElementTree.indent(feed)
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True).decode() + "\n"


FORMATS: dict[str, Callable[[Diff], str]] = {"text": as_text, "json": as_json, "markdown": as_markdown, "atom": as_atom}


def _summary(diff: Diff) -> str:
    return ", ".join(f"{len(diff.of(kind))} records {kind}" for kind in SIGNS) + "."


def _shape_lines(diff: Diff) -> list[str]:
    return [f"new in the structure: {s}" for s in diff.shape_added] + [f"gone from the structure: {s}" for s in diff.shape_removed]


def _label(change: Change) -> str:
    return f" ({change.label})" if change.label else ""


def _fate(change: Change) -> str:
    """Why a record is gone, as announced."""
    if change.kind != "removed":
        return ""
    into = f", now {change.successor}" if change.successor else ""
    return f": {change.reason or 'not announced'}{into}"


def _cell(cell: Cell) -> str:
    said = f" (according to {', '.join(cell.sources)})" if cell.sources else ""
    return f"{cell.field}: {_value(cell.before)} → {_value(cell.after)}{said}"


def _value(value: str | None) -> str:
    return "empty" if value is None else f"“{value}”"


def _markdown_lines(change: Change) -> list[str]:
    line = f"- `{change.record}`{_escaped(_label(change))}{_escaped(_fate(change))}"
    return [line, *(f"  - {_escaped(_cell(cell))}" for cell in change.cells)]


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)


def _urn(diff: Diff, record: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{diff.name}/{diff.old}/{diff.new}/{record}").urn


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}")
    child.text = text
    return child
