"""What the OpenAPI document says at many places: parameters, headers, bodies, answers and refusals."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from wardround.hospital.fhir.responses import MEDIA_TYPE
from wardround.interchange.fhir.search_parameters import SearchParameter, parameters_of

JsonObject = dict[str, Any]
_PATCH = "application/json-patch+json"
REFUSALS = {
    400: "The request cannot be read, or asks for what is not offered.",
    401: "Nobody is logged in, or the token is not valid.",
    403: "The token's scopes or the person's role do not allow it.",
    404: "It is not there, or not the caller's to see.",
    406: "Only JSON is spoken here.",
    409: "It contradicts what is stored: a duplicate, or another writer was first.",
    410: "It was deleted, or the page link is too old.",
    412: "The condition of the request does not hold.",
    413: "It is larger than the limit.",
    414: "The address is too long: send the search by POST.",
    415: "The body is not of a kind that is read here.",
    422: "The resource breaks a rule of FHIR or of this hospital.",
    503: "It took too long, or the database is busy. Narrow it, or try again.",
}
_ANY = (400, 401, 403, 404, 406, 414, 503)
_BODY = (409, 412, 413, 415, 422)
_OF = {
    "read": (410,),
    "vread": (410,),
    "search-type": (410,),
    "search-system": (410,),
    "search-compartment": (410,),
    "form": (413, 415),
    "create": (*_BODY, 410),
    "update": (*_BODY, 410),
    "patch": (*_BODY, 410),
    "delete": (409, 410, 412, 422),
    "transaction": (*_BODY, 410),
    "batch": _BODY,
    "operation": (*_BODY, 410),
    "history-instance": (410,),
}
_HEADERS = {
    "read": ("If-None-Match", "If-Modified-Since"),
    "vread": (),
    "create": ("If-None-Exist", "Prefer"),
    "update": ("If-Match", "If-None-Match.absent", "Prefer"),
    "patch": ("If-Match", "Prefer"),
    "delete": ("If-Match", "Prefer"),
    "transaction": ("Prefer",),
    "batch": ("Prefer",),
    "search-type": ("Prefer.handling",),
    "search-system": ("Prefer.handling",),
    "search-compartment": ("Prefer.handling",),
}
_BUNDLES = ("search-", "history-", "transaction", "batch")
_TEXT: JsonObject = {"type": "string"}


def headers_of(code: str) -> Sequence[str]:
    """The components that describe the request headers of an interaction."""
    return _HEADERS.get(code, ())


def refusals(code: str) -> JsonObject:
    """Status -> answer of all that this interaction may be refused with."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted({*_ANY, *_OF.get(code, ())})}


def successes(code: str) -> JsonObject:
    """Status -> answer of what went well."""
    schema = "Bundle" if code.startswith(_BUNDLES) else "Resource"
    found = {"200": answer("Done.", schema=schema, headers=_version_headers(code))}
    if code in {"create", "update", "patch"}:
        found["201"] = answer("It is stored, and was not there before.", schema=schema, headers=_version_headers(code))
    if code == "read":
        found["304"] = {"description": "It is still the version that the caller has."}
    if code == "delete":
        found["200"] = answer("It is deleted, and the caller preferred to be told.", schema="OperationOutcome")
        found["204"] = {"description": "It is deleted, or was not there."}
    return found


def answer(text: str, *, schema: str, headers: JsonObject | None = None) -> JsonObject:
    found: JsonObject = {"description": text, "content": {MEDIA_TYPE: {"schema": _ref(schema)}}}
    return {**found, "headers": headers} if headers else found


def request_body(code: str, *, type_name: str) -> JsonObject:
    """What is sent: the resource, a JSON Patch, or a Bundle."""
    if code == "patch":
        return {"required": True, "content": {_PATCH: {"schema": _ref("JsonPatch")}}}
    schema = _ref("Bundle.sent") if not type_name else {"allOf": [_ref("Resource"), _is(type_name)]}
    return {"required": True, "content": {MEDIA_TYPE: {"schema": schema}}}


def search_schema(type_name: str) -> JsonObject:
    """The form of a search by POST; its names are those of the address."""
    return _ref(f"{type_name or 'Resource'}.search")


def components(types: Sequence[str]) -> JsonObject:
    """Everything that the paths refer to."""
    searched = ["Resource", *types]
    return {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "The token of a backend client."},
            "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        },
        "parameters": {
            **_parameters(),
            **{f"{t}.{code}": _search_parameter(one) for t in searched for code, one in parameters_of(t).items()},
        },
        "responses": {
            str(status): answer(text, schema="OperationOutcome", headers=_refusal_headers(status))
            for status, text in REFUSALS.items()
        },
        "schemas": {**_schemas(), **{f"{t}.search": _form(t) for t in searched}},
    }


def _parameters() -> JsonObject:
    logical_id = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    version = {"type": "string", "pattern": r"^[0-9]{1,9}$"}
    count = {"type": "integer", "minimum": 0}
    given = {
        "id": {"name": "id", "in": "path", "required": True, "schema": logical_id},
        "vid": {"name": "vid", "in": "path", "required": True, "schema": version},
        "_format": _query(
            "_format", "json, the one format there is.", {"type": "string", "enum": ["json", MEDIA_TYPE]}
        ),
        "_count": _query("_count", "How many hits a page has at most.", count),
        "_sort": _query("_sort", "Parameters to sort by, separated by commas; - before one turns it round."),
        "_total": _query("_total", "", {"type": "string", "enum": ["none", "estimate", "accurate"]}),
        "_summary": _query("_summary", "", {"type": "string", "enum": ["true", "text", "data", "count", "false"]}),
        "_elements": _query("_elements", "The elements that are wanted, separated by commas."),
        "_include": _query("_include", "What the hits refer to: Type:parameter, or Type:parameter:target."),
        "_revinclude": _query("_revinclude", "What refers to the hits: Type:parameter."),
        "_contained": _query("_contained", "", {"type": "string", "enum": ["false"]}),
        "_type": _query("_type", "The types that are searched, separated by commas."),
        "_since": _query("_since", "Only versions stored at this instant or later."),
        "_at": _query("_at", "Only versions that were current at some moment of this time."),
        "If-None-Match": _header("If-None-Match", "The ETag of the version that the caller has."),
        "If-None-Match.absent": _header("If-None-Match", "* where it may only be stored if it is not there."),
        "If-Modified-Since": _header("If-Modified-Since", "An HTTP date."),
        "If-Match": _header("If-Match", "The ETag that a read gave: the write is refused if it is no longer current."),
        "If-None-Exist": _header("If-None-Exist", "A search; the resource is stored only if it finds nothing."),
        "Prefer": _header("Prefer", "return=minimal, return=representation or return=OperationOutcome."),
        "Prefer.handling": _header("Prefer", "handling=lenient leaves out parameters that are not known."),
    }
    return dict(given)


def _search_parameter(one: SearchParameter) -> JsonObject:
    kinds = f" of {one.components[0]}${one.components[1]}" if len(one.components) == 2 else ""
    return _query(one.code, f"{one.type}{kinds}. {one.url}")


def _form(type_name: str) -> JsonObject:
    names = parameters_of(type_name)
    return {"type": "object", "properties": dict.fromkeys(names, _TEXT), "additionalProperties": _TEXT}


def _query(name: str, text: str, schema: JsonObject | None = None) -> JsonObject:
    return {"name": name, "in": "query", "description": text, "schema": schema or _TEXT}


def _header(name: str, text: str) -> JsonObject:
    return {"name": name, "in": "header", "description": text, "schema": _TEXT}


def _version_headers(code: str) -> JsonObject:
    if code not in {"read", "vread", "create", "update", "patch"}:
        return {}
    names = ("ETag", "Last-Modified", *(() if code in {"read", "vread"} else ("Location",)))
    return {name: {"schema": _TEXT} for name in names}


def _refusal_headers(status: int) -> JsonObject:
    return {"WWW-Authenticate": {"schema": _TEXT}} if status == 401 else {}


def _schemas() -> JsonObject:
    issue = {
        "type": "object",
        "required": ["severity", "code"],
        "properties": {
            **dict.fromkeys(("severity", "code", "diagnostics"), _TEXT),
            "expression": {"type": "array", "items": _TEXT},
        },
    }
    step = {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": _TEXT,
            "from": _TEXT,
            "value": {},
        },
    }
    own_id = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    entry = {"type": "array", "minItems": 1, "items": {"type": "object"}}
    issues = {"type": "array", "minItems": 1, "items": issue}
    return {
        "Resource": _object("resourceType", resourceType=_TEXT, id=own_id, meta={"type": "object"}),
        "Bundle": _object("resourceType", "type", resourceType={"const": "Bundle"}, type=_TEXT, entry=entry),
        "Bundle.sent": _object(
            "resourceType",
            "type",
            resourceType={"const": "Bundle"},
            type={"enum": ["batch", "transaction"]},
            entry=entry,
        ),
        "OperationOutcome": _object("resourceType", "issue", resourceType={"const": "OperationOutcome"}, issue=issues),
        "Parameters": _object("resourceType", resourceType={"const": "Parameters"}, parameter=entry),
        "JsonPatch": {"type": "array", "items": step},
    }


def _object(*required: str, **properties: JsonObject) -> JsonObject:
    return {"type": "object", "required": list(required), "properties": properties}


def _is(type_name: str) -> JsonObject:
    return {"type": "object", "properties": {"resourceType": {"const": type_name}}}


def _ref(schema: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{schema}"}
