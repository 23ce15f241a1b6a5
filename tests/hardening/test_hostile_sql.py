"""Strangers' SQL: each hostile query is cut off and told so, and the next reader notices nothing."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from tests.hardening.hostile import HOSTILE


def ask(site: str, sql: str, **parameters: str) -> tuple[int, Any]:
    query = urllib.parse.urlencode({"sql": sql, "_shape": "array", **parameters})
    try:
        with urllib.request.urlopen(f"{site}/mini.json?{query}", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sql_is_cut_off(mini_site: str, name: str) -> None:
    sql, words = HOSTILE[name]
    status, told = ask(mini_site, sql)
    assert (status, told) == (400, told), told
    assert re.search(words, told["error"]), told
    assert ask(mini_site, "select count(*) as n from people") == (200, [{"n": 3}])
