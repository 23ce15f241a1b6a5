"""Measurements as a page of Markdown: one block for each part, which is replaced when that part is measured again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INTRODUCTION = """# Benchmarks

`make bench` measures everything on this page again and writes it: each table in one run, side by side, all taking turns, each up to three times
or for a minute; every number is the median of its runs. `python -m bench --only pipeline` prints one part and writes nothing. Compare ratios, not
seconds: another machine has other seconds.
"""


@dataclass(frozen=True)
class Section:
    """One table: what it shows, what to read in it, how it was measured. Cells are text or numbers; the first column names the row."""

    title: str
    lead: str
    command: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)


def markdown(section: Section) -> str:
    """A section as Markdown: numbers to the right."""
    numeric = [not any(isinstance(row[i], str) and row[i][:1].isalpha() for row in section.rows) for i in range(len(section.columns))]
    lines = [section.columns, ["---:" if right else "---" for right in numeric], *([_cell(c) for c in row] for row in section.rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    command = "\n".join(f"    {line}" for line in section.command.strip().splitlines())
    return f"## {section.title}\n\n{section.lead.strip()}\n\n{command}\n\n{table}\n"


def block(part: str, where: str, sections: list[Section]) -> str:
    """All sections of a part, headed by `where` and how they were measured."""
    return "\n".join([f"<!-- {part} -->", f"*{where}.*\n", *(markdown(s) for s in sections), f"<!-- end of {part} -->\n"])


def write(path: Path, blocks: dict[str, str]) -> None:
    """Put each part's block into the page at `path`, in place of the older one of that part, else at the end."""
    page = path.read_text(encoding="utf-8") if path.exists() else INTRODUCTION
    for part, text in blocks.items():
        old = re.search(rf"<!-- {part} -->.*<!-- end of {part} -->\n", page, re.S)
        page = page.replace(old[0], text) if old else f"{page}\n{text}"
    path.write_text(page, encoding="utf-8")


def _cell(value: Any) -> str:
    """A number as a reader wants it: three figures that count, thousands parted."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
