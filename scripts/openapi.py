"""An OpenAPI 3.1 description of everything that is served, made from the schemas: no table is named here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.package import Field, Table
from scripts.published import Published
from scripts.serve import SETTINGS

Json = dict[str, Any]
TYPES = {"string": "string", "integer": "integer", "number": "number", "boolean": "integer"}
LARGEST = 2**53
ANY_CELL: Json = {"type": ["string", "number", "null"]}
JSON_TYPE, CSV_TYPE = "application/json", "text/csv"
FORMS = {"JSON": JSON_TYPE, "CSV": CSV_TYPE}


@dataclass(frozen=True)
class Facts:
    """What the description needs beyond the schemas: the version, the columns of views and queries, a key of each table, where it is served."""

    version: str
    columns: Mapping[str, list[str]]
    keys: Mapping[str, list[str]] = field(default_factory=dict)
    address: str = "/"
    file: tuple[str, str] | None = None  # a release and one of its files


def describe(published: Published, facts: Facts) -> Json:
    """The whole description."""
    paths: Json = {}
    for table in published.tables.values():
        paths |= _table_paths(published, table, facts)
    for view in published.views.values():
        paths |= _list_paths(published, view.name, view.descriptor, _view_parameters(facts.columns[view.name]), "view")
    queries = {name: q for name, q in published.queries.items() if facts.columns[name]}  # without those that cannot run
    for name, query in queries.items():
        paths |= _query_paths(published, name, query)
    for table in published.marked("dossier").values():
        paths |= _dossier_paths(published, table, facts)
    for table in published.marked("reconcile").values():
        paths |= _reconciliation_paths(published, table)
    schemas = {t.name: row_schema(t, labels=True) for t in published.tables.values()}
    schemas |= {v.name: _object({f.name: _cell(f, None, is_key=False) for f in v.fields}) for v in published.views.values()}
    schemas |= {q: _object(dict.fromkeys(facts.columns[q], ANY_CELL)) for q in queries}
    return {
        "openapi": "3.1.0",
        "info": _info(published, facts),
        "servers": [{"url": facts.address}],
        "paths": paths | _other_paths(facts),
        "components": {"schemas": schemas | SHARED_SCHEMAS, "parameters": SHARED_PARAMETERS, "responses": SHARED_RESPONSES},
    }


def _info(published: Published, facts: Facts) -> Json:
    info: Json = {"title": published.title, "version": facts.version, "summary": "Read-only data: who says what, with sources"}
    info["description"] = "How to ask, with examples that can be copied: /api. What counts as a breaking change is written there."
    if published.licences:
        info["license"] = {"name": published.licences[0]["title"], "url": published.licences[0]["path"]}
    return info


def _table_paths(published: Published, table: Table, facts: Facts) -> Json:
    paths = _list_paths(published, table.name, table.descriptor, _table_parameters(table), table.get("kind", "table"))
    key = ",".join(f"{{{c}}}" for c in table.primary_key)
    example = facts.keys.get(table.name, [])
    parameters = [_path_parameter(table.field(c), example[i] if example else None) for i, c in enumerate(table.primary_key)]
    operation = _operation(published, f"get_{table.name}", f"One record of {table.name}", table.descriptor.get("row", ""), table.name)
    operation["parameters"] = [*parameters, _ref("parameters", "shape"), _ref("parameters", "edition")]
    operation["responses"] = {"200": _json(_page(table.name), "The record"), **_refusals("302", "301", "400", "404", "410")}
    return paths | {f"/{published.database}/{table.name}/{key}.json": {"get": operation}}


def _list_paths(published: Published, name: str, descriptor: Json, parameters: list[Json], kind: str) -> Json:
    text = " ".join([descriptor.get("summary", ""), descriptor.get("row", ""), descriptor.get("counting", ""), *published.caveats(descriptor)])
    rows = _operation(published, f"list_{name}", descriptor.get("title", name), text, name)
    rows["x-kind"] = kind
    rows["parameters"] = [_ref("parameters", p) for p in ("shape", "size", "next", "labels", "edition")] + parameters
    rows["responses"] = {"200": _json(_page(name), "Rows, and where the next ones are"), **_refusals("400", "404")}
    table = _operation(published, f"csv_{name}", f"{descriptor.get('title', name)}, as CSV", text, name)
    table["parameters"] = [_ref("parameters", p) for p in ("stream", "size", "labels", "edition")] + parameters
    table["responses"] = {"200": _csv("One header, one row a line, UTF-8"), **_refusals("400", "404")}
    return {f"/{published.database}/{name}.json": {"get": rows}, f"/{published.database}/{name}.csv": {"get": table}}


def _query_paths(published: Published, name: str, query: Json) -> Json:
    asked = [
        _parameter(p, {"type": "string"}, "A parameter of the query; leave it empty for the example that its description names.")
        for p in query.get("params", [])
    ]
    paths: Json = {}
    for form, content in FORMS.items():
        operation = _operation(published, f"query_{name}_{form.lower()}", query.get("title", name), query.get("description", ""), "canned queries")
        shape = [_ref("parameters", "shape")] if content == JSON_TYPE else []
        operation["parameters"] = [*shape, _ref("parameters", "edition"), *asked]
        answer = _json(_page(name), "Rows") if content == JSON_TYPE else _csv("The rows")
        operation["responses"] = {"200": answer, **_refusals("400", "404")}
        paths[f"/{published.database}/{name}.{form.lower()}"] = {"get": operation}
    return paths


def _dossier_paths(published: Published, table: Table, facts: Facts) -> Json:
    example = facts.keys.get(table.name, [None])[0]
    dossier = _operation(published, f"dossier_{table.name}", f"Everything about one record of {table.name}", "Sources included.", table.name)
    dossier["parameters"] = [_path_parameter(table.field("id"), example), _ref("parameters", "edition")]
    schema = f"{facts.address.rstrip('/')}/{published.database}/{table.name}/dossier.schema.json"
    dossier["responses"] = {
        "200": _json({"type": "object", "description": f"As {schema} describes"}, "The dossier"),
        **_refusals("301", "302", "400", "404", "410"),
    }
    described = _operation(published, f"dossier_schema_{table.name}", f"JSON Schema of the dossiers of {table.name}", "", table.name)
    described["parameters"] = [_ref("parameters", "edition")]
    described["responses"] = {"200": _json({"type": "object"}, "A JSON Schema"), **_refusals("400", "404")}
    base = f"/{published.database}/{table.name}"
    return {f"{base}/{{id}}/dossier.json": {"get": dossier}, f"{base}/dossier.schema.json": {"get": described}}


def _reconciliation_paths(published: Published, table: Table) -> Json:
    text = "Reconciliation Service API 0.2 (https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/), as OpenRefine asks it."
    service = _operation(published, f"reconcile_{table.name}", f"Reconcile names with {table.name}", text, "reconciliation")
    asked = {"queries": "A JSON object of queries.", "extend": "A JSON object of ids and properties, for their values."}
    service["parameters"] = [
        _parameter(n, {"type": "string", "contentMediaType": JSON_TYPE}, f"{t} Without either the answer is the manifest.") for n, t in asked.items()
    ]
    service["responses"] = {"200": _json({"type": "object"}, "Candidates for each query, values, or the manifest"), **_refusals("400")}
    form = {"type": "object", "properties": {n: {"type": "string", "description": t} for n, t in asked.items()}}
    posted = {**service, "operationId": f"{service['operationId']}_post", "parameters": []}
    posted["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    return {f"/{published.database}/{table.name}/-/reconcile": {"get": service, "post": posted}}


def _other_paths(facts: Facts) -> Json:
    described: Json = {"operationId": "openapi", "summary": "This description", "tags": ["about"], "parameters": [_ref("parameters", "edition")]}
    described["responses"] = {"200": _json({"type": "object"}, "OpenAPI 3.1"), **_refusals("400", "404")}
    listed: Json = {"operationId": "downloads", "summary": "The releases and their files", "tags": ["downloads"], "parameters": [_ref("parameters", "edition")]}
    listed["responses"] = {"200": _json({"$ref": "#/components/schemas/Downloads"}, "Releases, newest first"), **_refusals("400", "404")}
    file: Json = {"operationId": "download", "summary": "One file of a release", "tags": ["downloads"]}
    file["parameters"] = [
        _parameter(name, {"type": "string", "minLength": 1}, text, "path") | ({"example": facts.file[i]} if facts.file else {})
        for i, (name, text) in enumerate([("release", "The name of the release"), ("file", "A file of it, with the folders it is in")])
    ]
    missing = {"description": "There is no such file", "content": {"text/html": {}, JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Error"}}}}
    file["responses"] = {"200": {"description": "The file"}, "206": {"description": "A range of it"}, "404": missing, **_refusals("302")}
    return {"/openapi.json": {"get": described}, "/downloads.json": {"get": listed}, "/downloads/{release}/{file}": {"get": file}}


def _operation(published: Published, identifier: str, summary: str, text: str, tag: str) -> Json:
    return {"operationId": identifier.replace("-", "_"), "summary": summary, "description": text, "tags": [tag]}


def _table_parameters(table: Table) -> list[Json]:
    found = [p for f in table.fields for p in _filters(f)]
    if table.get("search") and table.get("kind") in ("records", "plain"):
        found.append(_parameter("_search", {"type": "string"}, "Words to look for, in either script; spelling is forgiven."))
    return found + _column_parameters(table.columns, [c for c in table.columns if c not in table.primary_key])


def _view_parameters(columns: list[str]) -> list[Json]:
    exact = [_parameter(c, {"type": "string"}, f"Only rows whose {c} is this.") for c in columns]
    return exact + _column_parameters(columns, columns)


def _column_parameters(columns: list[str], may_be_hidden: list[str]) -> list[Json]:
    return [
        _parameter("_sort", {"enum": columns}, "Sort by this column."),
        _parameter("_sort_desc", {"enum": columns}, "Sort by this column, last first; not together with _sort."),
        _parameter("_col", {"type": "array", "items": {"enum": columns}}, "Only these columns."),
        _parameter("_nocol", {"type": "array", "items": {"enum": may_be_hidden}}, "All but these columns."),
        _parameter("_facet", {"type": "array", "items": {"enum": columns}}, "Count the rows by the values of this column."),
    ]


def _filters(described: Field) -> list[Json]:
    """Equality for every column, a range for dates and numbers; /api lists the other operators."""
    schema = _plain_type(described)
    found = [_parameter(described.name, schema, f"Only rows whose {described.name} is this. {described.description}")]
    if described.edtf or described.type in ("integer", "number"):
        found += [
            _parameter(f"{described.name}__{o}", schema, f"Only rows whose {described.name} is {w}.")
            for o, w in (("gte", "this or more"), ("lte", "this or less"))
        ]
    return found


def _plain_type(described: Field) -> Json:
    kind = TYPES[described.type]
    if described.type == "boolean":
        return {"type": kind, "enum": [0, 1]}
    return {"type": kind} if kind == "string" else {"type": kind, "minimum": -LARGEST, "maximum": LARGEST}


def row_schema(table: Table, *, labels: bool) -> Json:
    """The JSON Schema of a row of `table`; with `labels`, ids of other tables may come with the names behind them."""
    references = {k.field: k.target for k in table.foreign_keys} if labels else {}
    return _object({f.name: _cell(f, references.get(f.name), f.name in table.primary_key) for f in table.fields})


def _cell(described: Field, target: str | None, is_key: bool) -> Json:
    kind = TYPES[described.type]
    schema: Json = {"type": kind if is_key or described.required else [kind, "null"], "title": described.title, "description": described.description}
    if described.type == "boolean":
        schema["enum"] = [0, 1, None]
    if described.categories:  # a list that may grow, so no enum
        schema["x-extensible-enum"] = [c["value"] for c in described.categories]
    if target is None:
        return schema
    text = {k: schema.pop(k) for k in ("title", "description")}
    return {**text, "x-references": target, "anyOf": [schema, {"$ref": "#/components/schemas/Label"}]}


def _page(name: str) -> Json:
    rows = {"items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "array", "description": "Only without _shape=objects."}]}}
    return {"allOf": [{"$ref": "#/components/schemas/Page"}, {"properties": {"rows": rows}}]}


def _path_parameter(described: Field, example: str | None) -> Json:
    parameter = _parameter(
        described.name,
        {"type": "string", "minLength": 1},
        f"{described.description} Anything but letters, digits, - and _ is written as ~ and two digits.",
        "path",
    )
    return parameter | ({"example": example} if example else {})


def _parameter(name: str, schema: Json, text: str, where: str = "query") -> Json:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": text}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties}


def _json(schema: Json, text: str) -> Json:
    return {"description": text, "content": {JSON_TYPE: {"schema": schema}}}


def _csv(text: str) -> Json:
    return {"description": text, "content": {CSV_TYPE: {"schema": {"type": "string"}}}}


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _refusals(*statuses: str) -> Json:
    return {status: _ref("responses", status) for status in statuses}


def _refusal(text: str) -> Json:
    return _json({"$ref": "#/components/schemas/Error"}, text)


_FILE = _object({"name": {"type": "string"}, "bytes": {"type": "integer"}, "url": {"type": "string", "format": "uri"}})
_RELEASE = _object({"name": {"type": "string"}, "files": {"type": "array", "items": _FILE}})
SHARED_SCHEMAS: Json = {
    "Error": {
        **_object({
            "ok": {"const": False}, "status": {"type": "integer"}, "title": {"type": ["string", "null"]},
            "error": {"type": "string", "description": "A sentence that says what is wrong."},
            "help": {"type": "string", "format": "uri", "description": "Where it is explained, or where to go on."},
        }),
        "required": ["ok", "status", "error"],
    },
    "Label": {
        **_object({"value": {"type": "string"}, "label": {"type": "string"}}), "required": ["value", "label"],
        "description": "With _labels=on: an id and the name behind it.",
    },
    "Page": {
        **_object({
            "rows": {"type": "array"},
            "truncated": {"type": "boolean"},
            "next": {"type": ["string", "null"], "description": "What to send as _next for the rows that follow; null on the last page."},
        }),
        "required": ["rows"],
        "description": "Datasette adds further keys; only those described here are promised.",
    },
    "Downloads": _object({"releases": {"type": "array", "items": _RELEASE}}),
}  # fmt: skip
SHARED_PARAMETERS: Json = {
    "shape": _parameter("_shape", {"enum": ["objects"]}, "Rows as objects. Always send it: without it they are arrays, which is not promised."),
    "size": _parameter(
        "_size", {"anyOf": [{"type": "integer", "minimum": 0, "maximum": SETTINGS["max_returned_rows"]}, {"const": "max"}]}, "How many rows at most."
    ),
    "next": _parameter("_next", {"type": "string", "minLength": 1}, "Where to go on: `next` of the page before."),
    "labels": _parameter("_labels", {"enum": ["on", "off", "1", "0"]}, "on: ids of other tables come with the name behind them."),
    "stream": _parameter("_stream", {"enum": ["on", "1"]}, "on: all rows, however many."),
    "edition": _parameter(
        "_v", {"type": "string"}, "The edition, as X-Dataset-Edition names it; the answer then keeps for good, and is 404 once another is served."
    ),
}
SHARED_RESPONSES: Json = {
    "301": {"description": "The record was merged into another or renamed; Location has its address"},
    "302": {"description": "The same address, written as it is written here"},
    "400": _refusal("The address asks for what does not exist or cannot be meant"),
    "404": _refusal("There is no such thing, or no such edition"),
    "410": _refusal("The record was withdrawn"),
}
