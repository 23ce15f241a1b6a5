"""What every answer carries, and that an asker who has it already is not sent it again."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.api.conftest import ask

PATHS = ["/", "/mini", "/mini/people", "/mini/people.json?_shape=objects", "/mini/people.csv?_stream=on", "/mini/people/reza-rasaei", "/api", "/openapi.json",
         "/mini/everyone.json?_shape=objects", "/mini/people/reza-rasaei/dossier.json", "/downloads", "/downloads/mini-2026-01-01.zip"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_it_is_of_and_can_be_kept(service: str, path: str) -> None:
    answer = ask(service + path, Cookie="ds_actor=nobody; a=b", Authorization="Bearer nothing")
    told = {k: answer.headers.get(k) for k in ("cache-control", "vary", "access-control-allow-origin", "x-dataset-version", "x-dataset-date", "set-cookie")}
    version = ask(f"{service}/mini/build_info/version.json?_shape=objects").json["rows"][0]["value"]
    assert (answer.status, told) == (200, {
        "cache-control": "public, max-age=300", "vary": "Accept-Encoding", "access-control-allow-origin": "*", "x-dataset-version": version,
        "x-dataset-date": "2025-04-02", "set-cookie": None,
    })  # fmt: skip
    assert re.fullmatch(rf"{version}\.[0-9a-f]{{8}}", answer.headers["x-dataset-edition"])
    assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", PATHS)
def test_who_has_it_already_is_told_so(service: str, path: str) -> None:
    first = ask(service + path)
    for asked in (
        {"If_None_Match": first.headers["etag"]},
        {"If_None_Match": f'"other", {first.headers["etag"]}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": first.headers["last-modified"]},
    ):
        again = ask(service + path, **asked)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"]), asked
    for asked in ({"If_None_Match": '"other"'}, {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, {"If_Modified_Since": "yesterday"}):
        assert ask(service + path, **asked).status == 200, asked
    both = ask(service + path, If_None_Match='"other"', If_Modified_Since=first.headers["last-modified"])
    assert both.status == 200  # the tag goes before the time


def test_a_tag_is_of_one_address(service: str) -> None:
    tag = ask(f"{service}/mini/people.json?_shape=objects").headers["etag"]
    assert ask(f"{service}/mini/events.json?_shape=objects", If_None_Match=tag).status == 200
    assert ask(f"{service}/mini/nothing.json", If_None_Match=tag).status == 404


def test_an_address_with_the_edition_keeps_for_good(service: str) -> None:
    edition = ask(f"{service}/").headers["x-dataset-edition"]
    kept = ask(f"{service}/mini/people.json?_shape=objects&_size=1&_v={edition}")
    assert (kept.status, kept.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert f"_v={edition}" in kept.json["next_url"]
    bare = ask(f"{service}/mini/people.json?_shape=objects&_v={edition.partition('.')[0]}")
    assert (bare.status, bare.headers["cache-control"]) == (200, "public, max-age=300")
    other = ask(f"{service}/mini/people.json?_shape=objects&_v=1999-01-01.abcdef01")
    assert (other.status, other.headers["cache-control"], other.json["help"]) == (404, "no-store", f"{service}/downloads")


def test_answers_are_packed_for_those_who_take_it(service: str) -> None:
    for path in ("/api", "/openapi.json", "/mini/claims.csv?_stream=on", "/downloads/mini-2026-01-01/csv/people.csv"):
        plain, packed = ask(service + path), ask(service + path, Accept_Encoding="gzip")
        assert (packed.headers.get("content-encoding"), gzip.decompress(packed.body)) == ("gzip", plain.body), path
        assert "content-encoding" not in plain.headers
        assert packed.headers["etag"].startswith("W/")
    assert "content-encoding" not in ask(f"{service}/downloads/mini-2026-01-01.zip", Accept_Encoding="gzip").headers


def test_a_head_is_a_get_without_its_body(service: str) -> None:
    get, head = ask(f"{service}/mini/people.json?_shape=objects"), ask(f"{service}/mini/people.json?_shape=objects", "HEAD")
    same = ("etag", "last-modified", "content-type", "cache-control", "x-dataset-edition")
    assert (head.status, head.body, [head.headers[h] for h in same]) == (200, b"", [get.headers[h] for h in same])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "INVENTED"])
def test_nothing_can_be_changed(service: str, method: str) -> None:
    answer = ask(f"{service}/mini/people.json", method, b"{}")
    assert (answer.status, answer.headers["allow"], answer.json["error"]) == (
        405, "GET, HEAD, OPTIONS", f"This dataset is read-only: GET, HEAD, OPTIONS are answered here, {method} is not.",
    )  # fmt: skip


def test_any_site_may_ask(service: str) -> None:
    answer = ask(f"{service}/mini/people.json", "OPTIONS", Origin="https://elsewhere.example", Access_Control_Request_Headers="if-none-match")
    told = {k: answer.headers[k] for k in ("access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers")}
    assert (answer.status, told) == (
        204,
        {"access-control-allow-origin": "*", "access-control-allow-methods": "GET, HEAD, OPTIONS", "access-control-allow-headers": "*"},
    )


def test_csv_is_called_csv(service: str) -> None:
    assert ask(f"{service}/mini/people.csv").headers["content-type"] == "text/csv; charset=utf-8"
