"""The operations ($everything, $match, ...) in the OpenAPI document, from their own registry."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from wardround.hospital.fhir.openapi_parts import answer, refusals
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
    if method == "GET":
        described["parameters"].append(_ARGUMENTS)
    elif method in {"POST", "PUT"}:
        schema = {"$ref": "#/components/schemas/Resource"}
        described["requestBody"] = {"content": {MEDIA_TYPE: {"schema": schema}}}
    return described


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
