"""The operations ($everything, $match, ...) in the OpenAPI document, from their own registry."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from wardround.hospital.fhir.openapi_parts import answer, refusals
from wardround.hospital.fhir.operations.export import EXPORT_FILE_ADDRESS, EXPORT_FILE_TYPES, EXPORT_STATUS_ADDRESS
from wardround.hospital.fhir.operations.operation import Operation
from wardround.hospital.fhir.operations.registry import OPERATIONS
from wardround.hospital.fhir.responses import MEDIA_TYPE

JsonObject = dict[str, Any]
_GROUP = re.compile(r"\(\?P<(\w+)>(?:\[[^\]]*\]|[^()\[\]])*\)")
_NAMES = {"logical_id": "id", "type_name": "type", "version": "vid"}


def operation_paths(types: Sequence[str]) -> Iterator[tuple[str, str, JsonObject]]:
    """(method, address, description) of each."""
    for operation in OPERATIONS:
        address = template_of(operation.address)
        for method in operation.handlers:
            yield method.lower(), address, _described(operation, method, address=address, types=types)
    yield from _of_exports()


def template_of(expression: str) -> str:
    """An address as people write it, from the regular expression that serves it."""
    text = _GROUP.sub(lambda group: f"{{{_NAMES.get(group[1], group[1])}}}", expression)
    return "/" + text.removeprefix("^").removesuffix("$").removesuffix(r"\Z").replace("\\", "")


def _described(operation: Operation, method: str, *, address: str, types: Sequence[str]) -> JsonObject:
    within = re.findall(r"\{(\w+)\}", address)
    words = [part.strip("{}$") for part in address.split("/") if part]
    described: JsonObject = {
        "operationId": f"${operation.name}-{method.lower()}-{'-'.join(words)}",
        "tags": [operation.type_name or "system"],
        "externalDocs": {"url": operation.definition},
        "parameters": [_path_parameter(name, types=types) for name in within],
        "responses": {
            "200": answer("Done.", schema="Resource"),
            **{str(status): {"description": text} for status, text in _OTHER.items()},
            **refusals("operation"),
        },
    }
    for media_type in sorted(one for one in operation.media_types if "/" in one):
        described["responses"]["200"]["content"][media_type] = {}
    if method == "GET":
        described["parameters"].append(_ARGUMENTS)
    elif method in {"POST", "PUT"}:
        schema = {"$ref": "#/components/schemas/Resource"}
        described["requestBody"] = {"content": {MEDIA_TYPE: {"schema": schema}}}
    return described


def _of_exports() -> Iterator[tuple[str, str, JsonObject]]:
    """The addresses that an export hands out: how far it is, its end, and its files (Bulk Data Access)."""
    status, file = template_of(EXPORT_STATUS_ADDRESS), template_of(EXPORT_FILE_ADDRESS)
    manifest = {"200": {"description": "The list of its files.", "content": {"application/json": {}, MEDIA_TYPE: {}}}}
    failed = answer("The export failed; ask for it again.", schema="OperationOutcome")
    lines: JsonObject = {one: {} for one in sorted(EXPORT_FILE_TYPES)}
    for method, address, name, responses in (
        ("get", status, "export-status", {**manifest, "202": {"description": _OTHER[202]}, "500": failed}),
        ("delete", status, "export-cancel", {"202": {"description": "It is ended, and its files are gone."}}),
        ("get", file, "export-file", {"200": {"description": "One resource in each line.", "content": lines}}),
    ):
        within = re.findall(r"\{(\w+)\}", address)
        yield (
            method,
            address,
            {
                "operationId": name,
                "tags": ["system"],
                "parameters": [_path_parameter(one, types=()) for one in within],
                "responses": {**responses, **refusals("operation")},
            },
        )


def _path_parameter(name: str, *, types: Sequence[str]) -> JsonObject:
    if name in {"id", "vid"}:
        return {"$ref": f"#/components/parameters/{name}"}
    schema: JsonObject = {"type": "string", "enum": list(types)} if name == "type" else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


_OTHER = {202: "It is under way: Content-Location says where to ask for it.", 304: "The caller has it already."}
# Which arguments an operation takes stands in its OperationDefinition; what it does not know it refuses.
_ARGUMENTS: JsonObject = {
    "name": "arguments",
    "in": "query",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
