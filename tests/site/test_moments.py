"""Partial dates in words, in both calendars and both languages."""

from __future__ import annotations

import pytest

from tests.site import reading_room  # noqa: F401  puts site/ on the path

from reading_room.moments import gregorian, hijri, machine, newest  # isort: skip

IN_WORDS = {
    "2024-10-06": ("6 October 2024", "15 Mehr 1403", "۶ اکتبر ۲۰۲۴", "۱۵ مهر ۱۴۰۳"),
    "2024-10": ("October 2024", "Mehr–Aban 1403", "اکتبر ۲۰۲۴", "مهر تا آبان ۱۴۰۳"),
    "2023-03": ("March 2023", "Esfand 1401–Farvardin 1402", "مارس ۲۰۲۳", "اسفند ۱۴۰۱ تا فروردین ۱۴۰۲"),
    "2024": ("2024", "1402–1403", "۲۰۲۴", "۱۴۰۲ تا ۱۴۰۳"),
    "2023-23": ("autumn 2023", "autumn 1402", "پاییز ۲۰۲۳", "پاییز ۱۴۰۲"),
    "2023-24": ("winter 2023", "winter 1402", "زمستان ۲۰۲۳", "زمستان ۱۴۰۲"),
    "2024-01~": ("about January 2024", "about Dey–Bahman 1402", "حدود ژانویهٔ ۲۰۲۴", "حدود دی تا بهمن ۱۴۰۲"),
    "1991?": ("1991 (uncertain)", "1369–1370 (uncertain)", "۱۹۹۱ (نامطمئن)", "۱۳۶۹ تا ۱۳۷۰ (نامطمئن)"),
    "2024-03-20/2024-03-21": ("20 March 2024 to 21 March 2024", "1 Farvardin 1403 to 2 Farvardin 1403", "از ۲۰ مارس ۲۰۲۴ تا ۲۱ مارس ۲۰۲۴",
                              "از ۱ فروردین ۱۴۰۳ تا ۲ فروردین ۱۴۰۳"),
    "not a date": ("not a date", "not a date", "not a date", "not a date"),
}  # fmt: skip


@pytest.mark.parametrize("text", IN_WORDS)
def test_a_date_in_words(text: str) -> None:
    assert (gregorian(text, "en"), hijri(text, "en"), gregorian(text, "fa"), hijri(text, "fa")) == IN_WORDS[text]


def test_only_whole_dates_have_a_machine_form() -> None:
    assert [machine(t) for t in ("2024", "2024-10", "2024-10-06", "2023-23", "2024~", "2024/2025")] == ["2024", "2024-10", "2024-10-06", None, None, None]


def test_the_newest_date_is_a_day_where_there_is_one() -> None:
    assert newest(["2024", "2026-05~", "2026-06-01", "2025-12-07"]) == "2026-06-01"
    assert (newest(["2024", "2025-03"]), newest([])) == ("2025-03", None)
