"""The interface as an OpenAPI 3.1 document, made from the CapabilityStatement, which is made from what is registered."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wardround.hospital.fhir.responses import MEDIA_TYPE

JsonObject = dict[str, Any]
Capabilities = Mapping[str, Any]
# Interaction of one type -> method and address below the base (R4 "RESTful API", 3.1.0.1).
_OF_TYPE = {
    "search-type": ("get", "/{type}"),
    "create": ("post", "/{type}"),
    "read": ("get", "/{type}/{id}"),
    "update": ("put", "/{type}/{id}"),
    "patch": ("patch", "/{type}/{id}"),
    "delete": ("delete", "/{type}/{id}"),
    "history-instance": ("get", "/{type}/{id}/_history"),
    "history-type": ("get", "/{type}/_history"),
    "vread": ("get", "/{type}/{id}/_history/{vid}"),
}
_OF_SYSTEM = {
    "transaction": ("post", "/"),
    "batch": ("post", "/"),
    "search-system": ("get", "/"),
    "history-system": ("get", "/_history"),
}
_BUNDLE = {"search-type", "search-system", "history-instance", "history-type", "history-system", "transaction", "batch"}


def openapi_document(statement: Capabilities) -> JsonObject:
    """The OpenAPI document of what a CapabilityStatement says; its addresses stand below the statement's base."""
    rest = statement["rest"][0]
    paths: dict[str, JsonObject] = {"/metadata": {"get": _metadata()}}
    for method, address, operation in (*_of_system(rest), *_of_types(rest)):
        # A batch and a transaction share one address; the first is described, and takes both.
        paths.setdefault(address, {}).setdefault(method, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{statement['software']['name']} FHIR R4",
            "version": statement["software"]["version"],
            "description": f"FHIR {statement['fhirVersion']}. Every refusal is an OperationOutcome.",
        },
        "servers": [{"url": statement["implementation"]["url"]}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": _path_parameters(),
            "responses": {"refused": _answer("What is wrong, and what would be right.", schema="OperationOutcome")},
            "schemas": _schemas(),
        },
    }


def _of_system(rest: Capabilities) -> Iterator[tuple[str, str, JsonObject]]:
    for interaction in rest.get("interaction", ()):
        code = interaction["code"]
        if code in _OF_SYSTEM:
            method, address = _OF_SYSTEM[code]
            yield method, address, _operation(code, type_name="", parameters=())
    for operation in rest.get("operation", ()):
        yield "get", f"/${operation['name']}", _operation(f"${operation['name']}", type_name="", parameters=())


def _of_types(rest: Capabilities) -> Iterator[tuple[str, str, JsonObject]]:
    for resource in rest["resource"]:
        type_name = resource["type"]
        for interaction in resource["interaction"]:
            code = interaction["code"]
            if code in _OF_TYPE:
                method, address = _OF_TYPE[code]
                yield method, address.replace("{type}", type_name), _of_interaction(code, resource=resource)


def _of_interaction(code: str, *, resource: Capabilities) -> JsonObject:
    type_name = resource["type"]
    parameters: list[JsonObject] = []
    if code == "search-type":
        parameters = [_search_parameter(one) for one in resource.get("searchParam", ())]
        parameters.append(
            _query("_count", "How many hits a page has at most.", schema={"type": "integer", "minimum": 0})
        )
    address = _OF_TYPE[code][1]
    named = [{"$ref": f"#/components/parameters/{name}"} for name in ("id", "vid") if f"{{{name}}}" in address]
    operation = _operation(code, type_name=type_name, parameters=[*named, *parameters])
    if code in {"create", "update"}:
        operation["requestBody"] = _body(
            MEDIA_TYPE, {"allOf": [{"$ref": "#/components/schemas/Resource"}, _is(type_name)]}
        )
    if code == "patch":
        operation["requestBody"] = _body("application/json-patch+json", {"$ref": "#/components/schemas/JsonPatch"})
    return operation


def _operation(code: str, *, type_name: str, parameters: Sequence[JsonObject]) -> JsonObject:
    operation: JsonObject = {
        "operationId": f"{code}-{type_name}" if type_name else code,
        "tags": [type_name or "system"],
        "parameters": list(parameters),
        "responses": {
            "2XX": _answer("Done.", schema="Bundle" if code in _BUNDLE else "Resource"),
            "4XX": {"$ref": "#/components/responses/refused"},
        },
    }
    if code in {"read", "vread"}:
        operation["responses"]["304"] = {"description": "It is still the version that If-None-Match names."}
    if code in {"transaction", "batch"}:
        operation["requestBody"] = _body(MEDIA_TYPE, {"$ref": "#/components/schemas/Bundle"})
    if code == "delete":
        operation["responses"]["204"] = {"description": "It is deleted."}
    return operation


def _search_parameter(parameter: Capabilities) -> JsonObject:
    text = f"{parameter['type']}. {parameter.get('documentation', '')}".strip()
    return _query(parameter["name"], text, schema={"type": "string"})


def _query(name: str, text: str, *, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _path_parameters() -> JsonObject:
    logical_id = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    version = {"type": "string", "pattern": r"^[0-9]{1,9}$"}
    return {
        "id": {"name": "id", "in": "path", "required": True, "schema": logical_id},
        "vid": {"name": "vid", "in": "path", "required": True, "schema": version},
    }


def _schemas() -> JsonObject:
    issue = {
        "type": "object",
        "required": ["severity", "code"],
        "properties": {name: {"type": "string"} for name in ("severity", "code", "diagnostics")},
    }
    step = {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string"},
            "from": {"type": "string"},
            "value": {},
        },
    }
    return {
        "Resource": {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"type": "string"}, "id": {"type": "string"}},
        },
        "Bundle": {
            **_is("Bundle"),
            "required": ["resourceType", "type"],
            "properties": {
                "resourceType": {"const": "Bundle"},
                "type": {"type": "string"},
                "entry": {"type": "array", "minItems": 1, "items": {"type": "object"}},
            },
        },
        "OperationOutcome": {
            "type": "object",
            "required": ["resourceType", "issue"],
            "properties": {
                "resourceType": {"const": "OperationOutcome"},
                "issue": {"type": "array", "minItems": 1, "items": issue},
            },
        },
        "JsonPatch": {"type": "array", "items": step},
    }


def _is(type_name: str) -> JsonObject:
    return {"type": "object", "properties": {"resourceType": {"const": type_name}}}


def _body(media_type: str, schema: JsonObject) -> JsonObject:
    return {"required": True, "content": {media_type: {"schema": schema}}}


def _answer(text: str, *, schema: str) -> JsonObject:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _metadata() -> JsonObject:
    return {
        "operationId": "capabilities",
        "tags": ["system"],
        "security": [],
        "responses": {
            "200": _answer("What this server can do.", schema="Resource"),
            "4XX": {"$ref": "#/components/responses/refused"},
        },
    }
