"""One name, many spellings; and different names kept apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.names import index_terms, match_expression, name_key, skeleton_keys, word_keys

ALIPOUR_FA = ["بابک علی‌پور", "بابك عليپور", "بابک علیپور", "بابک علی پور", "بابَک عَلی‌پور", "بابک علي پور"]
ALIPOUR = ["Babak Alipour", "Babak Alipoor", "Babak Ali-Pour", "Babak Ali Pour", "BABAK ALYPOUR", "Bābak ʿAlīpūr"]


@pytest.mark.parametrize("spelling", ALIPOUR_FA)
def test_persian_spellings_have_one_key(spelling: str) -> None:
    assert name_key(spelling) == "بابکعلیپور"


@pytest.mark.parametrize("spelling", ALIPOUR)
def test_latin_spellings_have_one_key(spelling: str) -> None:
    assert name_key(spelling) == "babakalipur"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alipour", "Galipour"), ("Ali Afshari", "Vali Afshari"), ("Bahram Ahmadi", "Shahram Ahmadi"), ("Mostafa Salehi", "Mostafa Salimi"), ("علی", "ولی")],
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("persian", "latin"),
    [("رضا رسایی", "Reza Rasaei"), ("بابک علی‌پور", "Babak Ali-Pour"), ("پخشان عزیزی", "Pakhshan Azizi"), ("محمد قبادلو", "Mohammad Ghobadlou"),
     ("مهدی حسنی", "Mehdi Hassani"), ("خسرو بشارت", "Khosrow Besharat")],
)  # fmt: skip
def test_the_skeleton_bridges_scripts(persian: str, latin: str) -> None:
    assert skeleton_keys(persian) == skeleton_keys(latin)


def test_index_terms_join_neighbours() -> None:
    assert index_terms(("babak", "ali", "pur")) == "babak ali pur babakali alipur"


def test_a_latin_query_asks_for_keys_only() -> None:
    assert match_expression("Ali Pour") == 'key : (("ali" AND "pur") OR ("alipur"))'


def test_a_persian_query_also_asks_for_skeletons() -> None:
    assert match_expression("رضا") == '(key : (("رضا"))) OR (skeleton : (("rz")))'


def test_a_query_without_words_matches_nothing() -> None:
    assert match_expression(' "* ') == 'key : ("")'


@given(st.text())
def test_keys_are_stable_and_safe(text: str) -> None:
    """Folding twice is folding once, and nothing that a reader types can end the quotes of the expression."""
    keys = word_keys(text)
    assert word_keys(" ".join(keys)) == keys
    assert match_expression(text).count('"') % 2 == 0
    assert not any('"' in k for k in keys)
