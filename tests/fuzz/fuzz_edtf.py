"""Fuzz the entrance of dates with atheris: a text is a date with a first and a last day, or is refused with a sentence.

What is accepted, the library edtf accepts as well, and puts between the same days where it knows no season.
`python -m tests.fuzz.fuzz_edtf -max_total_time=600`, where atheris is installed (docs/security.md).
"""

from __future__ import annotations

import sys

import atheris
from edtf import parse_edtf

with atheris.instrument_imports(include=["scripts"]):
    from scripts import dates
    from scripts.checks import before
    from scripts.rules import clean_text, no_private_data, web_address

LETTERS = "0123456789-/~?%X .T:Z+۱۲٤年\u200c\u202e"


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    is_nearly_a_date = provider.ConsumeBool()
    text = "".join(LETTERS[b % len(LETTERS)] for b in provider.ConsumeBytes(24)) if is_nearly_a_date else provider.ConsumeUnicodeNoSurrogates(40)
    for rule in (clean_text, no_private_data, web_address):
        if text:
            rule(text)
    if dates.problem(text):
        return
    span = dates.parse(text)
    assert span.earliest <= span.latest and text.isascii()
    assert not before(text, text)
    if not any(f"-{season}" in text for season in (21, 22, 23, 24)):
        parse_edtf(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
