"""The two languages of the site: its own words (site/messages.yaml), those of the schemas, numbers and direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape
from persiantools.digits import en_to_fa

MESSAGES = Path(__file__).parent.parent / "messages.yaml"
LANGUAGES = ("en", "fa")


@cache
def messages() -> dict[str, dict[str, Any]]:
    """Every message by key, as `{en: …, fa: …}`; a message that counts has `{one: …, other: …}` in place of a text."""
    return yaml.safe_load(MESSAGES.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Language:
    """One language of the interface: `en` or `fa`."""

    code: str

    @property
    def direction(self) -> str:
        return "rtl" if self.persian else "ltr"

    @property
    def persian(self) -> bool:
        return self.code == "fa"

    @property
    def other(self) -> str:
        return "en" if self.persian else "fa"

    def say(self, key: str, n: int | None = None, **values: object) -> str:
        """The message `key` in this language; `n` chooses between one and many, and is put in as a number. With HTML put in it is HTML."""
        text = messages()[key][self.code]
        if isinstance(text, dict):
            text = text["one" if n == 1 else "other"]
        if n is not None:
            values["n"] = self.number(n)
        if any(isinstance(v, Markup) for v in values.values()):
            return Markup(escape(text)).format(**values)
        return text.format(**values) if values else text

    def knows(self, key: str) -> bool:
        return key in messages()

    def of(self, descriptor: Mapping[str, Any], key: str = "title") -> str:
        """What a schema says under `key`, in this language where it has it; a title where it has none is the name."""
        told = (descriptor.get(f"{key}_fa") if self.persian else None) or descriptor.get(key)
        return told or (descriptor.get("name", "") if key == "title" else "")

    def number(self, n: float) -> str:
        """A number in the digits of this language, in groups from five digits on, so that years read as years."""
        text = f"{n:,.10g}" if abs(n) >= 10_000 else f"{n:.10g}"
        return self.digits(text.replace(",", "٬") if self.persian else text)

    def digits(self, text: str) -> str:
        """A text with the digits of this language."""
        return en_to_fa(text) if self.persian else text

    @property
    def semicolon(self) -> str:
        return "؛" if self.persian else ";"

    def join(self, parts: Sequence[str]) -> str:
        """A list in words; HTML where its parts are HTML."""
        comma = "، " if self.persian else ", "
        return Markup(comma).join(parts) if any(isinstance(p, Markup) for p in parts) else comma.join(parts)


@cache
def language(code: str | None) -> Language:
    """The language for what a reader asked; English where it is none of ours."""
    return Language(code if code in LANGUAGES else "en")
