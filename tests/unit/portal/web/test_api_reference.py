"""The OpenAPI document laid out for reading."""

from typing import Any

from flask import Flask

from services.portal.api import openapi_document
from services.portal.web.view_models.api_reference import api_reference

DOCUMENT: dict[str, Any] = {
    "info": {"title": "t", "version": "1"},
    "tags": [{"name": "things", "description": "All things"}],
    "paths": {
        "/things/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
            "put": {
                "tags": ["things"],
                "summary": "Change",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {
                    "404": {"content": {"application/problem+json": {"schema": {}}}},
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                },
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["colour"],
                "properties": {
                    "colour": {"type": "string", "enum": ["red", "it's blue"], "description": "What it looks like"},
                    "size": {"type": ["integer", "null"], "minimum": 1},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            }
        }
    },
}


def test_fields_are_flattened_with_depth_type_and_meaning() -> None:
    (operation,) = api_reference(DOCUMENT, "http://here").groups[0].operations
    fields = operation.bodies[0].fields
    assert [(field.name, field.depth) for field in fields[:4]] == [
        ("colour", 0),
        ("size", 0),
        ("parts", 0),
        ("colour", 1),
    ]
    assert (fields[0].is_required, fields[0].type) == (True, "string: red, it's blue")
    assert fields[1].type == "integer | null, min 1"
    assert fields[2].type == "array of object"


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    (operation,) = api_reference(DOCUMENT, "http://here").groups[0].operations
    assert max(field.depth for field in operation.bodies[0].fields) <= 6


def test_the_curl_line_can_be_pasted_into_a_shell() -> None:
    (operation,) = api_reference(DOCUMENT, "http://here").groups[0].operations
    assert operation.curl.startswith("curl -X PUT 'http://here/things/{name}' \\\n")
    assert '"Authorization: Bearer $MOTCUA_KEY"' in operation.curl


def test_parameters_of_the_path_belong_to_each_operation() -> None:
    (operation,) = api_reference(DOCUMENT, "http://here").groups[0].operations
    assert [(field.name, field.place) for field in operation.parameters] == [("name", "path")]


def test_problems_have_one_shape_and_are_not_repeated() -> None:
    (operation,) = api_reference(DOCUMENT, "http://here").groups[0].operations
    assert [(answer.status, len(answer.bodies)) for answer in operation.answers] == [("200", 1), ("404", 0)]


def test_the_real_document_is_shown_whole(portal: Flask) -> None:
    document = openapi_document(portal)
    reference = api_reference(document, "http://here")
    shown = {(operation.method.lower(), operation.path) for group in reference.groups for operation in group.operations}
    written = {(method, path) for path, item in document["paths"].items() for method in item if method != "parameters"}
    assert shown == written
    anchors = [operation.anchor for group in reference.groups for operation in group.operations]
    assert len(anchors) == len(set(anchors))


def test_filing_shows_some_forms_and_says_how_many_more_there_are(portal: Flask) -> None:
    document = openapi_document(portal)
    reference = api_reference(document, "http://here")
    operations = [operation for group in reference.groups for operation in group.operations]
    filing = next(one for one in operations if (one.method, one.path) == ("POST", "/api/v1/dossiers"))
    forms = [body for body in filing.bodies if body.content_type == "application/json"]
    body = document["paths"]["/api/v1/dossiers"]["post"]["requestBody"]
    variants = body["content"]["application/json"]["schema"]["oneOf"]
    assert [form.more_variants for form in forms] == [0, 0, len(variants) - 3]
    assert all("form" in {field.name for field in form.fields} for form in forms)


def test_the_document_has_each_form_once_with_the_procedures_that_have_it(portal: Flask) -> None:
    document = openapi_document(portal)
    filings = {name: one for name, one in document["components"]["schemas"].items() if name.startswith("Filing_")}
    named = [one["properties"]["procedure"] for one in filings.values()]
    procedure_ids = [name for one in named for name in one.get("enum", [one.get("const")])]
    assert len(procedure_ids) == len(set(procedure_ids)) == 113
    assert filings["Filing_debt-instalment"]["properties"]["procedure"]["enum"] == [
        "debt-instalment",
        "debt-instalment-department",
        "debt-instalment-general-department",
    ]


def test_the_command_has_the_key_that_the_operation_needs() -> None:
    def curl(**operation: Any) -> str:
        document = {"paths": {"/x": {"get": {"responses": {}, **operation}}}}
        return api_reference(document, "http://here").groups[0].operations[0].curl

    assert "$MOTCUA_KEY" in curl()
    assert "$MOTCUA_KEY" in curl(security=[{"sandbox-key": []}, {"admin-key": []}])
    assert "$MOTCUA_ADMIN_KEY" in curl(security=[{"admin-key": []}])
    assert "Authorization" not in curl(security=[])
