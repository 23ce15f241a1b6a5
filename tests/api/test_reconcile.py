"""The reconciliation service, held against the JSON Schemas and the examples of the protocol itself (tests/api/reconciliation/)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from tests.api.conftest import Answer, ask

PROTOCOL = Path(__file__).parent / "reconciliation"
# a type is described in a file of its own; how a service asks for a password is described elsewhere, and ours asks for none
REGISTRY = Registry().with_resources([
    ("https://reconciliation-api.github.io/specs/0.2/schemas/type.json", Resource(json.loads((PROTOCOL / "type.schema.json").read_text()), DRAFT7)),
    ("http://swagger.io/v2/schema.json", Resource({"definitions": {"securityDefinitions": {"additionalProperties": {}}}}, DRAFT7)),
])  # fmt: skip


def errors(name: str, content: Any) -> list[str]:
    """What the protocol's schema of that name finds wrong."""
    schema = json.loads((PROTOCOL / f"{name}.schema.json").read_text())
    return [e.message for e in Draft7Validator(schema, registry=REGISTRY).iter_errors(content)]


def reconcile(address: str, table: str, **asked: Any) -> Answer:
    """What a service answers to parameters that are JSON, sent as OpenRefine sends them."""
    form = urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in asked.items()}).encode()
    return ask(f"{address}/{table}/-/reconcile", "POST", form, Content_Type="application/x-www-form-urlencoded")


def best(address: str, table: str, name: str, **more: Any) -> list[tuple[str, float, bool]]:
    """The candidates for one name: id, score, sure match."""
    answer = reconcile(address, table, queries={"q": {"query": name, **more}})
    assert errors("reconciliation-result-batch", answer.json) == []
    return [(c["id"], c["score"], c["match"]) for c in answer.json["q"]["result"]]


def test_the_manifest(service: str) -> None:
    answer = ask(f"{service}/mini/people/-/reconcile")
    base = f"{service}/mini/people/-/reconcile"
    assert errors("manifest", answer.json) == []
    assert answer.json == {
        "versions": ["0.2"],
        "name": "A tiny package for tests: People",
        "identifierSpace": f"{service}/mini/people/",
        "schemaSpace": f"{service}/mini/people#",
        "documentation": f"{service}/api#reconciliation",
        "view": {"url": f"{service}/mini/people/{{{{id}}}}"},
        "defaultTypes": [{"id": "people", "name": "People"}],
        "preview": {"url": f"{base}/preview?id={{{{id}}}}", "width": 420, "height": 160},
        "suggest": {k: {"service_url": base, "service_path": f"/suggest/{k}"} for k in ("entity", "property", "type")},
        "extend": {"propose_properties": {"service_url": base, "service_path": "/extend/propose"}, "property_settings": []},
    }


@pytest.mark.parametrize("example", sorted((PROTOCOL / "reconciliation-query-batch/valid").iterdir()), ids=lambda p: p.stem)
def test_the_examples_of_the_protocol_are_answered(service: str, example: Path) -> None:
    queries = json.loads(example.read_text())
    answer = reconcile(f"{service}/mini", "people", queries=queries)
    assert (answer.status, errors("reconciliation-query-batch", queries), errors("reconciliation-result-batch", answer.json)) == (200, [], [])
    assert {key: result["result"] for key, result in answer.json.items()} == {key: [] for key in queries}


@pytest.mark.parametrize("example", sorted((PROTOCOL / "reconciliation-query-batch/invalid").iterdir()), ids=lambda p: p.stem)
def test_what_the_protocol_calls_invalid_is_refused(service: str, example: Path) -> None:
    queries = json.loads(example.read_text())
    answer = reconcile(f"{service}/mini", "people", queries=queries)
    assert errors("reconciliation-query-batch", queries) != []
    assert (answer.status, answer.json["ok"], answer.json["help"]) == (400, False, f"{service}/api#reconciliation")


@pytest.mark.parametrize("name", ["Babak Alipour", "BABAK ALI-POUR", "Alipour, Babak", "Babak Alipoor", "بابک علی‌پور", "بابك عليپور", "بابک علی پور"])
def test_one_name_in_many_spellings(service: str, name: str) -> None:
    assert best(f"{service}/mini", "people", name) == [("babak-alipour", 100.0, True)]


def test_a_name_that_is_only_alike_is_no_match(service: str) -> None:
    assert best(f"{service}/mini", "people", "Karim Ghalipour") == [("karim-galipour", 91.7, False)]
    assert best(f"{service}/mini", "people", "رضا رسایی") == [("reza-rasaei", 90.0, False)]  # whose Persian name no source gives: consonants alone
    assert best(f"{service}/mini", "people", "Somebody Else") == []


def test_properties_refine_and_suffice(service: str) -> None:
    born = [{"pid": "born", "v": "1980"}, {"pid": "status", "v": ["executed", "released"]}]
    assert best(f"{service}/mini", "people", "Babak Alipour", properties=born) == [("babak-alipour", 90.0, False)]
    only = reconcile(f"{service}/mini", "people", queries={"q": {"properties": [{"pid": "born", "v": "1990"}]}})
    assert [(c["id"], c["match"]) for c in only.json["q"]["result"]] == [("reza-rasaei", True)]


def test_types_and_limits(service: str) -> None:
    assert best(f"{service}/mini", "people", "Babak Alipour", type="people") == [("babak-alipour", 100.0, True)]
    assert best(f"{service}/mini", "people", "Babak Alipour", type=["elsewhere"]) == []
    assert len(best(f"{service}/mini", "people", "Alipour", limit=1)) <= 1


def test_a_candidate_in_full(service: str) -> None:
    answer = reconcile(f"{service}/mini", "people", queries={"q": {"query": "Reza Rasaei"}})
    assert answer.json["q"]["result"] == [{
        "id": "reza-rasaei", "name": "Reza Rasaei", "description": "Released", "score": 100.0, "match": True,
        "type": [{"id": "people", "name": "People"}], "features": [{"id": "name", "value": 100.0}, {"id": "voices", "value": 1}],
    }]  # fmt: skip


def test_suggestions(service: str) -> None:
    def suggest(kind: str, prefix: str) -> Any:
        return ask(f"{service}/mini/people/-/reconcile/suggest/{kind}?{urlencode({'prefix': prefix})}").json

    entities = suggest("entity", "babak al")
    assert errors("suggest-entities-response", entities) == []
    assert [e["id"] for e in entities["result"]] == ["babak-alipour"] == [e["id"] for e in suggest("entity", "بابک")["result"]]
    properties = suggest("property", "status")
    assert errors("suggest-properties-response", properties) == []
    assert [p["id"] for p in properties["result"]] == ["status", "status_date"]
    types = suggest("type", "peo")
    assert (errors("suggest-types-response", types), types) == ([], {"result": [{"id": "people", "name": "People"}]})


def test_a_preview_may_be_framed_by_others(service: str) -> None:
    answer = ask(f"{service}/mini/people/-/reconcile/preview?id=babak-alipour")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'<a href="{service}/mini/people/babak-alipour"' in answer.body.decode()
    assert "frame-ancestors" not in answer.headers.get("content-security-policy", "")
    assert ask(f"{service}/mini/people/-/reconcile/preview?id=nobody").status == 404


def test_data_extension(service: str) -> None:
    proposed = ask(f"{service}/mini/people/-/reconcile/extend/propose?type=people").json
    assert errors("data-extension-property-proposal", proposed) == []
    assert [p["id"] for p in proposed["properties"]] == ["name", "name_fa", "born", "works", "status", "status_date"]
    asked = {"ids": ["babak-alipour", "nobody"], "properties": [{"id": "works"}, {"id": "name_fa"}]}
    assert errors("data-extension-query", asked) == []
    answer = reconcile(f"{service}/mini", "people", extend=asked)
    assert errors("data-extension-response", answer.json) == []
    assert answer.json == {
        "meta": [{"id": "works", "name": "works"}, {"id": "name_fa", "name": "name_fa"}],
        "rows": {
            "babak-alipour": {"works": [{"str": "law graduate"}, {"str": "teacher"}], "name_fa": [{"str": "بابک علی‌پور"}]},
            "nobody": {"works": [], "name_fa": []},
        },
    }


@pytest.mark.parametrize("example", sorted((PROTOCOL / "data-extension-query/valid").iterdir()), ids=lambda p: p.stem)
def test_properties_of_other_services_are_refused(service: str, example: Path) -> None:
    answer = reconcile(f"{service}/mini", "people", extend=example.read_text())
    assert (answer.status, answer.json["error"]) == (
        400, "people has no property 'variantName'. It has born, name, name_fa, status, status_date, works.",
    )  # fmt: skip


@pytest.mark.parametrize("asked", [{"queries": "{"}, {"queries": "[]"}, {"queries": '{"q": 1}'}, {"queries": '{"q": {"query": 1}}'}, {"queries": '{"q": {"query": ""}}'}, {"extend": "[]"}, {"extend": "{}"},
                                   {"queries": '{"q": {"query": "x", "properties": [1]}}'}, {"queries": json.dumps({str(i): {"query": "x"} for i in range(501)})}])  # fmt: skip
def test_what_cannot_be_read_is_refused(service: str, asked: dict[str, str]) -> None:
    assert reconcile(f"{service}/mini", "people", **asked).status == 400


REAL = [
    ("people", "Babak Alipour", "babak-alipour"), ("people", "بابک علی‌پور", "babak-alipour"), ("officials", "Iman Afshari", "iman-afshari"),
    ("officials", "ایمان افشاری", "iman-afshari"), ("prisons", "Evin Prison", "evin"), ("prisons", "زندان اوین", "evin"), ("courts", "Tehran Revolutionary Court, Branch 26", None),
]  # fmt: skip


@pytest.mark.parametrize(("table", "name", "record"), REAL)
def test_people_officials_prisons_and_courts(real_site: str, table: str, name: str, record: str | None) -> None:
    found = best(f"{real_site}/iran-death-sentences", table, name)
    assert found[0][1] >= 85, found
    assert record is None or found[0][0] == record


def test_a_property_that_is_itself_reconciled(real_site: str) -> None:
    base = f"{real_site}/iran-death-sentences"
    answer = reconcile(base, "officials", extend={"ids": ["iman-afshari"], "properties": [{"id": "court"}]})
    assert errors("data-extension-response", answer.json) == []
    assert answer.json["meta"] == [{"id": "court", "name": "Court", "type": {"id": "courts", "name": "Courts"}, "service": f"{base}/courts/-/reconcile"}]
