"""The interface as an OpenAPI 3.1 document, made from the tables of interactions, operations and search parameters."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import orjson

from wardround.hospital.fhir.interactions import INTERACTIONS, Interaction
from wardround.hospital.fhir.openapi_operations import operation_paths
from wardround.hospital.fhir.openapi_parts import (
    REFUSALS,
    answer,
    components,
    headers_of,
    refusals,
    request_body,
    search_schema,
    successes,
)
from wardround.interchange.fhir.search_parameters import compartment_types, parameters_of

JsonObject = dict[str, Any]
_ID, _VID = ({"$ref": f"#/components/parameters/{name}"} for name in ("id", "vid"))
_CONDITIONAL = {"search-type", "search-compartment", "search-system"}
_HISTORIES = {"history-instance", "history-type", "history-system"}
_BY_FORM = "application/x-www-form-urlencoded"


@lru_cache(maxsize=4)
def openapi_text(statement: bytes) -> bytes:
    """The document that belongs to a CapabilityStatement's text, kept while the statement stays the same: both are
    open to everybody, and the document is long."""
    return orjson.dumps(openapi_document(orjson.loads(statement)))


def openapi_document(statement: JsonObject) -> JsonObject:
    """The document; its addresses stand below the statement's base."""
    types = [resource["type"] for resource in statement["rest"][0]["resource"]]
    paths: dict[str, JsonObject] = {"/metadata": {"get": _metadata()}}
    for method, address, operation in (*_interactions(types), *operation_paths(types)):
        # A batch and a transaction share one address; the first is described, and takes both.
        paths.setdefault(address, {}).setdefault(method, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{statement['software']['name']} FHIR R4",
            "version": statement["software"]["version"],
            "description": f"FHIR {statement['fhirVersion']}. Every refusal is an OperationOutcome that says what is "
            "wrong, where, and what would be right.",
        },
        "externalDocs": {"url": "http://hl7.org/fhir/R4/http.html", "description": "FHIR R4, RESTful API"},
        "servers": [{"url": statement["implementation"]["url"]}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": "system"}, *({"name": name} for name in types)],
        "paths": paths,
        "components": components(types),
    }


def _interactions(types: Sequence[str]) -> Iterator[tuple[str, str, JsonObject]]:
    for one in INTERACTIONS:
        method, address = one.method.lower(), f"/{one.address}"
        if "{type|*}" in address:
            yield method, address.replace("{type|*}", "{type}"), _of_compartment(one)
        elif "{type}" in address:
            for type_name in types:
                yield method, address.replace("{type}", type_name), _described(one, type_name=type_name)
        else:
            yield method, address, _described(one, type_name="")


def _described(one: Interaction, *, type_name: str) -> JsonObject:
    operation: JsonObject = {
        "operationId": "-".join(part for part in (_name(one), type_name) if part),
        "tags": [type_name or "system"],
        "parameters": _parameters(one, type_name=type_name),
        "responses": {**successes(one.code), **refusals(one.code)},
    }
    if one.address.endswith("_search"):
        operation["requestBody"] = {"content": {_BY_FORM: {"schema": search_schema(type_name)}}}
        operation["responses"].update(refusals("form"))
    elif one.method in {"POST", "PUT", "PATCH"}:
        operation["requestBody"] = request_body(one.code, type_name=type_name)
    return operation


def _name(one: Interaction) -> str:
    if one.is_conditional:
        return f"conditional-{one.code}"
    return f"{one.code}-by-form" if one.address.endswith("_search") else one.code


def _parameters(one: Interaction, *, type_name: str) -> list[JsonObject]:
    found = [own for name, own in (("{id}", _ID), ("{vid}", _VID)) if name in one.address]
    if one.method == "GET" or one.is_conditional:
        if one.code in _CONDITIONAL or one.is_conditional:
            found += _of_search(type_name, has_results=not one.is_conditional)
        elif one.code in _HISTORIES:
            found += [_named(name) for name in ("_since", "_at", "_count")]
    return [*found, *(_named(name) for name in headers_of(one.code)), _named("_format")]


def _of_search(type_name: str, *, has_results: bool) -> list[JsonObject]:
    own = [_named(f"{type_name or 'Resource'}.{code}") for code in parameters_of(type_name or "Resource")]
    if not has_results:
        return own
    results = ("_sort", "_count", "_total", "_summary", "_elements", "_include", "_revinclude", "_contained")
    return [*own, *(_named(name) for name in (*results, *(() if type_name else ("_type",))))]


def _of_compartment(one: Interaction) -> JsonObject:
    """Below one patient; which parameters there are depends on the type, as at the type's own address."""
    within = {"type": "string", "enum": ["*", *sorted({"Patient", *compartment_types()})]}
    operation = _described(one, type_name="")
    operation["parameters"].append({"name": "type", "in": "path", "required": True, "schema": within})
    operation["tags"] = ["Patient"]
    return operation


def _named(name: str) -> JsonObject:
    return {"$ref": f"#/components/parameters/{name}"}


def _metadata() -> JsonObject:
    modes = {"type": "string", "enum": ["full", "normative"]}
    return {
        "operationId": "capabilities",
        "tags": ["system"],
        "security": [],
        "parameters": [{"name": "mode", "in": "query", "schema": modes}, _named("_format")],
        "responses": {
            "200": answer("What this server can do.", schema="Resource"),
            **{
                str(status): {"$ref": f"#/components/responses/{status}"} for status in REFUSALS if status in {400, 406}
            },
        },
    }
