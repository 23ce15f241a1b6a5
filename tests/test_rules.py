"""What a cell may hold: each rule's refusals beside what it lets through."""

import pytest

from scripts import rules
from scripts.package import Field


@pytest.mark.parametrize("text", ["Babak Alipour", "six | seven", "علی‌پور", "O’Brien", "a 4 December letter; 160 names"])
def test_clean_text_passes(text: str) -> None:
    assert rules.clean_text(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" a", "spaces"), ("a  b", "spaces"), ("a\u00a0b", "NO-BREAK SPACE"), ("=1+1", "formula"), ("@SUM(A1)", "formula"), ("+1", "formula"),
        ("<b>a</b>", "markup"), ("a&amp;b", "markup"), ("a\tb", "U+0009"), ("a\x00b", "U+0000"), ("a\u202eb", "RIGHT-TO-LEFT OVERRIDE"),
        ("a\u200bb", "ZERO WIDTH SPACE"), ("a\ufffdb", "REPLACEMENT"), ("e\u0301", "normal form C"), ("a\u200cb", "zero-width non-joiner"),
        ("علی\u200c", "zero-width non-joiner"), ("x" * 5000, "5000 characters"),
    ],
)  # fmt: skip
def test_unclean_text_is_refused(text: str, why: str) -> None:
    assert why in (rules.clean_text(text) or "")


@pytest.mark.parametrize("text", ["https://example.org/a?b=c", "http://example.org", "https://fa.example.org/خبر"])
def test_web_addresses(text: str) -> None:
    assert rules.web_address(text) is None


@pytest.mark.parametrize(
    "text", ["example.org", "ftp://example.org/a", "javascript:alert(1)", "https://", "https://u:p@example.org/", "https://exa mple.org", "http://[::1"]
)
def test_no_web_addresses(text: str) -> None:
    assert rules.web_address(text) is not None


@pytest.mark.parametrize(
    "text", ["write to a.b@example.org", "call +98 912 345 6789", "tel 0912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "id 0499370899", "0049 30 1234567890"]
)
def test_private_data_is_refused(text: str) -> None:
    assert "private data" in (rules.no_private_data(text) or "")


@pytest.mark.parametrize("text", ["2024-10-06", "160 signatories", "Branch 26", "1,200,000,000 rials", "case 9409980000", "article 286, 2013"])
def test_other_numbers_pass(text: str) -> None:
    assert rules.no_private_data(text) is None


def test_scripts() -> None:
    assert rules.persian_script("بابک علی‌پور") is None
    assert "U+064A" in (rules.persian_script("عليپور") or "")
    assert "write U+06CC" in (rules.persian_script("عليپور") or "")
    assert rules.persian_script("Babak") is not None
    assert rules.latin_script("Şêrko O’Brien-Ali (Ali)") is None
    assert rules.latin_script("Bаbak") is not None  # a Cyrillic а


def test_numbers() -> None:
    assert rules.whole_number("12") is None and rules.decimal_number("35.77") is None
    for text in ("1_0", "۱۲", "+5", " 7", "007", "1e3", "NaN", "51.3200", "12.0"):
        assert rules.whole_number(text) and rules.decimal_number(text)


def test_a_source_may_contradict_itself_in_free_text_and_dates_only() -> None:
    free, closed = Field({"name": "a", "type": "string"}), Field({"name": "b", "type": "string", "constraints": {"enum": ["x", "y"]}})
    dated = Field({"name": "c", "type": "string", "edtf": True})
    assert rules.judge_for(free)("160 | more than 150") == []
    assert rules.judge_for(dated)("2024-01 | 2023-12-27") == []
    assert rules.judge_for(dated)("2024-01 | soon") != []
    assert rules.judge_for(free)("160|150") != [] and rules.judge_for(free)("160 | 160") != [] and rules.judge_for(free)("160 | ") != []
    assert not closed.may_contradict
