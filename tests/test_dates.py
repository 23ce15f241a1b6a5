"""Partial dates, against the edtf library as a second opinion."""

from datetime import date

import edtf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import dates


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-10-06", date(2024, 10, 6), date(2024, 10, 6)),
        ("2023-23", date(2023, 9, 1), date(2023, 12, 21)),
        ("2023-24", date(2023, 12, 1), date(2024, 3, 20)),
        ("2024-10-06?", date(2024, 10, 6), date(2024, 10, 6)),
        ("2024-01~", date(2023, 12, 1), date(2024, 3, 2)),
        ("2024-01-15~", date(2024, 1, 12), date(2024, 1, 18)),
        ("2024-01/2024-03-05", date(2024, 1, 1), date(2024, 3, 5)),
    ],
)
def test_span(text: str, earliest: date, latest: date) -> None:
    assert dates.parse(text) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("19x1", "is not an EDTF date"),
        ("2024-1-1", "is not an EDTF date"),
        ("2024/10/05", "is not an EDTF date"),
        ("۱۴۰۳", "is not an EDTF date"),
        ("2024-02-30", "is no day, month or season"),
        ("2024-13", "is no day, month or season"),
        ("2024-25", "is no day, month or season"),
        ("2024-00-01", "is no day, month or season"),
        ("2024-00", "is no day, month or season"),  # found by fuzzing, as the next
        ("2024-01-00", "is no day, month or season"),
        ("1403-07-01", "looks like a Solar Hijri date"),
        ("1879", "has a year outside 1900 to 2100"),
        ("2024-03/2024-01", "ends before it begins"),
        ("", "is not an EDTF date"),
    ],
)
def test_refused(text: str, why: str) -> None:
    assert why in (dates.problem(text) or "")


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_has_a_reason(text: str) -> None:
    reason = dates.problem(text)
    assert reason is None or reason.startswith(("is ", "has ", "looks "))


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from([4, 7, 10]))
def test_agrees_with_the_edtf_library(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    theirs = edtf.parse_edtf(text)
    ours = dates.parse(text)
    assert ours.earliest.timetuple()[:3] == theirs.lower_strict()[:3]
    assert ours.latest.timetuple()[:3] == theirs.upper_strict()[:3]
