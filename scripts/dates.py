"""Partial dates: the part of EDTF (ISO 8601-2:2019, levels 0 and 1) that the dataset uses.

Accepted: a year, month, day or season (21 spring to 24 winter), each with an optional `~` (about), `?` (uncertain) or `%`
(both), and a closed interval of two of them. A season is read broadly, as the union of its meteorological and its Solar
Hijri months, because sources use either; `~` widens by a year, a month or three days, by its precision.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

EXAMPLES = "such as 1991, 1991-03, 1991-03-21, 1991-23 for autumn, or 1991-03~ for about"
FIRST_YEAR, LAST_YEAR = 1900, 2100
_POINT = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?P<mark>[~?%]?)")
# first and last (month, day) of each season, and whether it ends in the next year
_SEASONS = {21: ((3, 1), (6, 21), 0), 22: ((6, 1), (9, 22), 0), 23: ((9, 1), (12, 21), 0), 24: ((12, 1), (3, 20), 1)}


class Span(NamedTuple):
    """The first and the last day that a partial date can mean, both included."""

    earliest: date
    latest: date

    @property
    def days(self) -> int:
        return (self.latest - self.earliest).days


@lru_cache(maxsize=65536)
def parse(text: str) -> Span:
    """The days that EDTF `text` can mean. Raises ValueError that says what a right value looks like."""
    first, slash, last = text.partition("/")
    if not slash:
        return _point(text)
    span = Span(_point(first).earliest, _point(last).latest)
    if span.latest < span.earliest:
        raise ValueError("is an interval that ends before it begins")
    return span


def problem(text: str) -> str | None:
    """Why `text` is not a date of the profile, or None where it is one."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


def _point(text: str) -> Span:
    match = _POINT.fullmatch(text)
    if not match:
        raise ValueError(f"is not an EDTF date ({EXAMPLES})")
    year = int(match["year"])
    month, day = (int(match[k]) if match[k] else None for k in ("month", "day"))
    if 1250 <= year <= 1450:
        raise ValueError("looks like a Solar Hijri date; convert it to the Gregorian calendar and put the original in the note")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"has a year outside {FIRST_YEAR} to {LAST_YEAR}")
    try:
        span = _days(year, month, day)
    except ValueError as error:
        raise ValueError(f"is no day, month or season of the calendar ({EXAMPLES})") from error
    return _widen(span, month, day) if match["mark"] in ("~", "%") else span


def _days(year: int, month: int | None, day: int | None) -> Span:
    if month is not None and day is not None:
        return Span(date(year, month, day), date(year, month, day))
    if month in _SEASONS:
        (m1, d1), (m2, d2), carry = _SEASONS[month]
        return Span(date(year, m1, d1), date(year + carry, m2, d2))
    if month is not None:
        return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    return Span(date(year, 1, 1), date(year, 12, 31))


def _widen(span: Span, month: int | None, day: int | None) -> Span:
    margin = timedelta(days=3 if day else 31 if month else 366)
    return Span(span.earliest - margin, span.latest + margin)
