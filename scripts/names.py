"""One normaliser for names, on what is stored and on what is asked, so that spelling does not hide a person.

Three keys, from strict to loose: the words as they are spoken, folded over letters that Persian or its transliterations
write in several ways; the same words joined two by two, because علی‌پور, علی پور and علیپور, Ali-Pour and Alipour are one
name; and the skeleton of consonants, which Persian and Latin share (رضا رسایی, Reza Rasaei: both "rz rs").
Stored spellings are never changed; keys are only for finding.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from persiantools import characters, digits

MOST_WORDS = 8  # of a query; the number of ways to join them doubles with each
_PERSIAN_LETTERS = str.maketrans({"آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ة": "ه", "ۀ": "ه", "ئ": "ی", "ؤ": "و", "ى": "ی", "ء": None, "ـ": None})
_LATIN_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "'": None, "’": None, "‘": None, "ʿ": None, "ʾ": None, "`": None}
)
_DIGRAPHS = [("kh", "x"), ("gh", "q"), ("zh", "j"), ("ph", "f"), ("ck", "k"), ("w", "v")]
_VOWELS = re.compile(r"[aeiouy]+")
_DOUBLED = re.compile(r"(.)\1+")
_WORD = re.compile(r"[^\W_]+")
_TO_LATIN = str.maketrans({
    "ب": "b", "پ": "p", "ت": "t", "ط": "t", "ث": "s", "س": "s", "ص": "s", "ج": "j", "چ": "č", "ح": "h", "ه": "h", "خ": "x", "د": "d", "ذ": "z",
    "ز": "z", "ض": "z", "ظ": "z", "ر": "r", "ژ": "j", "ش": "š", "غ": "q", "ق": "q", "ف": "f", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
    "ا": None, "ع": None, "و": None, "ی": None,
})  # fmt: skip


@lru_cache(maxsize=65536)
def word_keys(text: str) -> tuple[str, ...]:
    """The folded words of a text in either script; ZWNJ, hyphens and spaces part words."""
    return tuple(key for word in _WORD.findall(_letters(text)) if (key := _fold(word)))


def name_key(text: str) -> str:
    """The folded words of a name without what parts them: equal for spellings of one name."""
    return "".join(word_keys(text))


def skeleton_keys(text: str) -> tuple[str, ...]:
    """The consonants of each word, in Latin letters whatever the script; words of vowels alone are left out."""
    return tuple(s for word in word_keys(text) if (s := _skeleton(word)))


def index_terms(words: tuple[str, ...]) -> str:
    """What the search index holds of a name: its words, and each pair of neighbours joined."""
    return " ".join([*words, *(a + b for a, b in pairwise(words))])


def match_expression(query: str) -> str:
    """A full-text expression for what a reader typed, over the index columns `key` and `skeleton`.

    Skeletons are asked for only when the query is in Persian letters: they bridge scripts, not spellings, so that Alipour does not
    find Elahpour. A query without any word matches nothing.
    """
    words = word_keys(query)[:MOST_WORDS]
    expression = f"key : ({_any_joining(words)})" if words else 'key : ("")'
    bones = skeleton_keys(query)[:MOST_WORDS] if is_persian(query) else ()
    return f"({expression}) OR (skeleton : ({_any_joining(bones)}))" if bones else expression


def is_persian(text: str) -> bool:
    """Whether a text has letters of the Arabic script."""
    return any("\u0600" <= c <= "\u06ff" and c.isalpha() for c in text)


def _any_joining(words: tuple[str, ...]) -> str:
    """`("a" "b")` for every way to join neighbours two by two, any of which may match, in any order of words."""
    ways = {" AND ".join(f'"{w}"' for w in way) for way in _joinings(words)}
    return " OR ".join(f"({way})" for way in sorted(ways))


def _joinings(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    if len(words) < 2:
        return [words]
    alone = [(words[0], *rest) for rest in _joinings(words[1:])]
    joined = [(words[0] + words[1], *rest) for rest in _joinings(words[2:])]
    return alone + joined


def _letters(text: str) -> str:
    """Composed, lower case, without marks, Arabic letters as Persian ones, digits in ASCII."""
    text = digits.fa_to_en(digits.ar_to_fa(characters.ar_to_fa(unicodedata.normalize("NFKC", text))))
    text = text.casefold().translate(_PERSIAN_LETTERS).translate(_LATIN_LETTERS).replace("\u200c", " ")
    return "".join(c for c in unicodedata.normalize("NFKD", text.translate(_PERSIAN_LETTERS)) if not unicodedata.combining(c))


def _fold(word: str) -> str:
    """One key for the spellings of a word: vowel runs to a, i or u, digraphs to a letter, doubles to one, a last h dropped."""
    if is_persian(word):
        return word
    for pair, letter in _DIGRAPHS:
        word = word.replace(pair, letter)
    word = _DOUBLED.sub(r"\1", _VOWELS.sub(lambda m: _vowel(m[0]), word))
    return word[:-1] if len(word) > 2 and word.endswith("h") and word[-2] in "aiu" else word


def _vowel(run: str) -> str:
    return "u" if set(run) & {"o", "u"} else "i" if set(run) & {"i", "e", "y"} else "a"


def _skeleton(word: str) -> str:
    if is_persian(word):
        bones = word.translate(_TO_LATIN)
        return _DOUBLED.sub(r"\1", bones[:-1] if len(word) > 1 and word.endswith("ه") else bones)
    bones = word.replace("sh", "š").replace("ch", "č")
    return _DOUBLED.sub(r"\1", re.sub("[aiuvy]", "", bones))
