"""One thing wrong with the sources, and how it is told: file, line, column, value, what right looks like."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

SHOWN = 60  # characters of a value that an error line shows


@dataclass(frozen=True, order=True)
class Problem:
    """Refuses the sources, or only warns. `line` is the line of the file, 1 being the header."""

    file: str
    line: int
    column: str
    message: str
    value: str | None = None
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        column = f"{_shorten(self.column)}: " if self.column else ""
        value = f'"{_shorten(self.value)}" ' if self.value is not None else ""
        return _visible(f"{place}{'warning: ' if self.warning else ''}{column}{value}{self.message}")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Refused(Exception):
    """The sources were refused; `problems` holds everything that is wrong with them."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


def _visible(text: str) -> str:
    """What a terminal shows as it is: nothing in the sources moves its cursor or turns its letters round."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _shorten(value: str) -> str:
    visible = _visible(value)
    return visible if len(visible) <= SHOWN else visible[: SHOWN - 1] + "…"
