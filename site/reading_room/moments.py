"""Partial dates in words, in the Gregorian and the Solar Hijri calendar; what is not known is not made up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from persiantools.jdatetime import JalaliDate

from reading_room.language import Language, language
from scripts import dates

Point = Callable[[Language, int, int, int], str]  # a year, month and day (0 where not known) in words
_SEASONS = ("spring", "summer", "autumn", "winter")
_POINT = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?([~?%]?)")
_MARKS = {"~": "date.about", "?": "date.uncertain", "%": "date.about-uncertain"}
_NAMES = {
    "gregorian": {
        "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
        "fa": ["ژانویهٔ", "فوریهٔ", "مارس", "آوریل", "مهٔ", "ژوئن", "ژوئیهٔ", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"],
    },
    "hijri": {
        "en": ["Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"],
        "fa": ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"],
    },
}


@lru_cache(maxsize=16384)
def gregorian(text: str, code: str) -> str:
    """An EDTF date in words: 2024-10-06 → 6 October 2024, 2023-23 → autumn 2023, 2024-01~ → about January 2024."""
    return _in_words(text, language(code), _gregorian_point)


@lru_cache(maxsize=16384)
def hijri(text: str, code: str) -> str:
    """The same in the Solar Hijri calendar, as precise as the date allows: 2024-10 → Mehr to Aban 1403."""
    return _in_words(text, language(code), _hijri_point)


def machine(text: str) -> str | None:
    """The value for a `datetime` attribute, where HTML has one for such a date."""
    return text if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?", text) else None


def newest(texts: list[str]) -> str | None:
    """The last of EDTF dates; a day, if any of them is one, because a vague date may reach beyond what is known."""
    days = [t for t in texts if machine(t) and len(t) == 10]
    return max(days or texts, key=lambda t: dates.parse(t).latest, default=None)


def _in_words(text: str, lang: Language, point: Point) -> str:
    first, slash, last = text.partition("/")
    words = _marked(first, lang, point)
    return lang.say("date.interval", first=words, last=_marked(last, lang, point)) if slash else words


def _marked(text: str, lang: Language, point: Point) -> str:
    match = _POINT.fullmatch(text)
    if not match:
        return text
    year, month, day = (int(g) if g else 0 for g in match.groups()[:3])
    words = lang.digits(point(lang, year, month, day))
    return lang.say(_MARKS[match[4]], date=words) if match[4] else words


def _gregorian_point(lang: Language, year: int, month: int, day: int) -> str:
    if 21 <= month <= 24:
        return f"{lang.say('season.' + _SEASONS[month - 21])} {year}"
    return " ".join(str(part) for part in (day, month and _NAMES["gregorian"][lang.code][month - 1], year) if part)


def _hijri_point(lang: Language, year: int, month: int, day: int) -> str:
    months = _NAMES["hijri"][lang.code]
    if day:
        j = JalaliDate(date(year, month, day))
        return f"{j.day} {months[j.month - 1]} {j.year}"
    if month > 12:
        return f"{lang.say('season.' + _SEASONS[month - 21])} {year - 621}"
    span = dates.parse(f"{year}-{month:02}" if month else str(year))
    first, last = JalaliDate(span.earliest), JalaliDate(span.latest)
    if not month:
        return lang.say("date.range", first=first.year, last=last.year)
    if first.year == last.year:
        return lang.say("date.range", first=months[first.month - 1], last=f"{months[last.month - 1]} {last.year}")
    return lang.say("date.range", first=f"{months[first.month - 1]} {first.year}", last=f"{months[last.month - 1]} {last.year}")
