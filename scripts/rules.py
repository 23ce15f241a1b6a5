"""What a cell may hold, beyond the Table Schema constraints: one pure function per rule, chosen by the field's schema."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

from scripts import dates
from scripts.package import CONTRADICTION, Field

Rule = Callable[[str], str | None]  # the text of a cell → why it is refused, or None

LONGEST_CELL = 4000
ZWNJ = "\u200c"
_ARABIC_SCRIPT = re.compile(r"[\u0600-\u06ff]")
_PERSIAN = re.compile("[ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیةۀ\u064b-\u0652\u06f0-\u06f9 ()،." + ZWNJ + "-]*")
_PERSIAN_INSTEAD = {"ي": "ی", "ى": "ی", "ك": "ک"}
PLAIN = r"[A-Za-z0-9](?: ?[A-Za-z0-9.,:;()/'’-])*"  # text that is clean at one look
FEW_DIGITS = 8  # plain text with no more of them holds no telephone number and no national id
_PLAIN = re.compile(PLAIN)
_MARKUP = re.compile(r"</?[a-zA-Z!][^>]*>|&(?:[a-z]+|#\d+);")
_DIGIT_OR_AT = re.compile(r"[\d@＠]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)\d{1,3}[ .()-]*(?:\d[ .()-]*){8,12}|0\d{2,3}[ .-]*\d{3}[ .-]*\d{4})(?!\d)")
_NATIONAL_ID = re.compile(r"(?<!\d)\d{10}(?!\d)")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
_BIDI = {*"\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
_INVISIBLE = {*"\u200b\u200d\u2060\ufeff\u00ad\ufffd"}


def rules_for(field: Field) -> list[Rule]:
    """The rules that a non-empty cell of `field` has to pass."""
    if field.type in ("integer", "number"):
        return [whole_number if field.type == "integer" else decimal_number]
    if field.type != "string":
        return []
    rules: list[Rule] = [clean_text]
    if field.edtf:
        rules.append(dates.problem)
    if field.descriptor.get("url"):
        rules.append(web_address)
    else:
        rules.append(no_private_data)
    if script := field.descriptor.get("script"):
        rules.append({"latin": latin_script, "persian": persian_script}[script])
    return rules


def judge_for(field: Field) -> Callable[[str], list[str]]:
    """A function that tells every reason to refuse a non-empty cell of `field`; of ` | ` values each is judged by itself."""
    rules = rules_for(field)

    def judge(text: str) -> list[str]:
        if "|" not in text or not field.may_contradict:
            return [p for rule in rules if (p := rule(text))]
        parts = text.split(CONTRADICTION)
        if "|" in "".join(parts) or len(set(parts)) < len(parts) or not all(parts):
            return ['uses "|" other than between different values that one source gives (such as 160 | more than 150)']
        return [p for part in parts for rule in rules if (p := rule(part))]

    return judge


def clean_text(text: str) -> str | None:
    """Plain text: nothing invisible, nothing a spreadsheet or a browser would run, single spaces, composed characters."""
    if _PLAIN.fullmatch(text) and len(text) <= LONGEST_CELL:
        return None  # the common case, told by one look
    if len(text) > LONGEST_CELL:
        return f"is {len(text)} characters long; a cell holds at most {LONGEST_CELL}"
    if bad := next((c for c in text if _is_unwelcome(c)), None):
        return f"holds {_name(bad)}, which is invisible or has no place in text; remove it"
    if text != text.strip(" ") or "  " in text:
        return "has spaces at its start or end or two in a row; keep single spaces between words"
    if text[0] in "=+-@":
        return f'starts with "{text[0]}", which a spreadsheet would run as a formula; put a word first'
    if _MARKUP.search(text):
        return "holds markup; write plain text"
    if not unicodedata.is_normalized("NFC", text):
        return "is not in Unicode normal form C; write composed characters"
    return _zwnj_problem(text)


def web_address(text: str) -> str | None:
    """An absolute http(s) address without credentials."""
    try:
        parts = urlsplit(text)
        host, has_credentials = parts.hostname, "@" in parts.netloc
    except ValueError:
        host, has_credentials, parts = None, False, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or "." not in host or has_credentials or " " in text:
        return "is not a web address (such as https://example.org/page)"
    return None


def no_private_data(text: str) -> str | None:
    """No e-mail address, telephone number or Iranian national id (its last digit is a checksum over the first nine)."""
    if not _DIGIT_OR_AT.search(text):
        return None
    plain = unicodedata.normalize("NFKC", text).translate(_ASCII_DIGITS)
    if _EMAIL.search(plain):
        return "looks like it holds an e-mail address; private data is never published"
    if _PHONE.search(plain):
        return "looks like it holds a telephone number; private data is never published"
    if any(_is_national_id(m) for m in _NATIONAL_ID.findall(plain)):
        return "looks like it holds a national id; private data is never published"
    return None


def latin_script(text: str) -> str | None:
    """Latin letters, and the punctuation of names."""
    bad = next((c for c in text if not (c in " '’‘-.(),;/0123456789" or "LATIN" in unicodedata.name(c, ""))), None)
    return f"holds {_name(bad)}; this column is in Latin letters" if bad else None


def persian_script(text: str) -> str | None:
    """Persian letters, digits and vowel signs, ZWNJ, and the punctuation of names."""
    if _PERSIAN.fullmatch(text):
        return None
    bad = next(c for c in text if not _PERSIAN.fullmatch(c))
    hint = f"; write {_name(_PERSIAN_INSTEAD[bad])}" if bad in _PERSIAN_INSTEAD else ""
    return f"holds {_name(bad)}; this column is in Persian letters{hint}"


def whole_number(text: str) -> str | None:
    """A whole number in ASCII digits, written the shortest way; 15 digits are what every program keeps."""
    return None if _WHOLE.fullmatch(text) else "is not a whole number of at most 15 digits (such as 12)"


def decimal_number(text: str) -> str | None:
    """A decimal number in ASCII digits with a point, written the shortest way: 51.32 and 51.3200 would count as two values."""
    if _NUMBER.fullmatch(text) and repr(float(text)).removesuffix(".0") == text and text != "-0":
        return None  # what is stored reads the same again
    return "is not a number written the shortest way, with some 15 digits at most (such as 12 or 35.77)"


_ASCII_DIGITS = {ord(c): str(i) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for i, c in enumerate(digits)}


def _is_unwelcome(c: str) -> bool:
    if c < "\x7f":
        return c < " "
    return c in _BIDI or c in _INVISIBLE or unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs", "Zl", "Zp") or (unicodedata.category(c) == "Zs")


def _zwnj_problem(text: str) -> str | None:
    for at in [i for i, c in enumerate(text) if c == ZWNJ]:
        around = text[at - 1 : at] + text[at + 1 : at + 2]
        if len(around) < 2 or not all(_ARABIC_SCRIPT.match(c) for c in around):
            return "has a zero-width non-joiner that does not stand between two Persian letters; remove it"
    return None


def _is_national_id(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False
    rest = sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def _name(c: str) -> str:
    return f"U+{ord(c):04X} {unicodedata.name(c, 'a control character')}"
