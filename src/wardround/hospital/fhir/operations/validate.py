"""$validate on every type: what a check finds in a resource, errors and advice, without storing it."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse

from wardround.hospital.fhir.addresses import check_type
from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.bodies import body_of, json_of
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.operations.arguments import Arguments, arguments_of, query_of
from wardround.hospital.fhir.operations.operation import EVERY_TYPE, Operation
from wardround.hospital.fhir.responses import outcome_response
from wardround.hospital.records.access import require
from wardround.hospital.records.addressed import present
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.structure import Problem, check_with_warnings
from wardround.web.audit.actor import Actor

_KNOWN = frozenset({"resource", "mode", "profile"})
_SCOPES = {"": "r", "create": "c", "update": "u", "delete": "d", "profile": "r"}  # by mode
_BASE_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_ALL_OK = Problem("", "All OK", code="informational", severity="information")


class ProfileNotHeld(FhirError):
    code = "not-supported"


def validate_type(request: HttpRequest, actor: Actor, type_name: str) -> HttpResponse:
    """Is the resource that was sent one of this type? Always 200 with an OperationOutcome once it could be looked at."""
    asked, resource = _asked(request)
    mode = _allowed(actor, asked, type_name=type_name)
    if mode == "delete":
        raise FhirError("Which resource would be deleted stands in the address: Patient/123/$validate.", path="mode")
    if resource is None:
        raise FhirError("Send the resource itself, or a Parameters resource with it as `resource`.", path="resource")
    return _outcome([*_of_type(resource, type_name), *_of_update(resource, type_name, mode), *_checked(resource)])


def validate_instance(request: HttpRequest, actor: Actor, type_name: str, logical_id: str) -> HttpResponse:
    """Could the resource that was sent replace this one? Without a resource, what is stored here is looked at."""
    asked, resource = _asked(request)
    mode = _allowed(actor, asked, type_name=type_name)
    if mode == "create":
        raise FhirError("A create has no id in its address: POST to Patient/$validate.", path="mode")
    if mode == "delete":
        present(actor, type_name, logical_id)
        return _outcome([])
    if resource is None:
        require_scope(actor, type_name=type_name, letter="r")
        return _outcome(_checked(loads(present(actor, type_name, logical_id).text or b"")))
    problems = [*_of_type(resource, type_name), *_of_update(resource, type_name, "update")]
    if isinstance(resource, dict) and resource.get("id", logical_id) != logical_id:
        problems.append(Problem(f"{type_name}.id", "The address names another id; the two are the same.", "value"))
    return _outcome([*problems, *_checked(resource)])


def _asked(request: HttpRequest) -> tuple[Arguments, Any]:
    """The parameters and the resource, whether it came alone or among them; None without one."""
    if request.method != "POST" or not request.body:
        return query_of(request, known=_KNOWN), None
    body = json_of(body_of(request))
    if not _is_for_the_operation(body):
        return query_of(request, known=_KNOWN), body
    asked = arguments_of(request, known=_KNOWN)
    resources = asked.resources("resource")
    if len(resources) > 1:
        raise FhirError("One resource is validated at a time; send one.", path="resource")
    return asked, resources[0] if resources else None


def _is_for_the_operation(body: Any) -> bool:
    """Is this the operation's own Parameters resource, and not one to be validated?"""
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        return False
    parameters = body.get("parameter")
    named = [p.get("name") for p in parameters if isinstance(p, dict)] if isinstance(parameters, list) else []
    return any(name in _KNOWN for name in named)


def _allowed(actor: Actor, asked: Arguments, *, type_name: str) -> str:
    """The mode, once the type, the caller's scope and the profile are such that the check can run."""
    check_type(type_name)
    require(actor, "charts")
    mode = asked.text("mode")
    if mode not in _SCOPES:
        raise FhirError("mode is create, update, delete or profile.", path="mode")
    require_scope(actor, type_name=type_name, letter=_SCOPES[mode])
    profile = asked.text("profile").split("|")[0]
    if mode == "profile" and not profile:
        raise FhirError(f"Say which profile: {_BASE_PROFILE}{type_name} is held here.", path="profile")
    if profile and profile != f"{_BASE_PROFILE}{type_name}":
        raise ProfileNotHeld(f"Only R4's own definition is held here: {_BASE_PROFILE}{type_name}.", path="profile")
    return mode


def _of_type(resource: Any, type_name: str) -> Iterator[Problem]:
    if isinstance(resource, dict) and resource.get("resourceType") != type_name:
        yield Problem("resourceType", f"The address says {type_name}; the resource must be one.", "value")


def _of_update(resource: Any, type_name: str, mode: str) -> Iterator[Problem]:
    if mode == "update" and isinstance(resource, dict) and "id" not in resource:
        yield Problem(f"{type_name}.id", "An update names its resource: give it the id.", "required")


def _checked(resource: Any) -> list[Problem]:
    found = check_with_warnings(resource)
    meta = resource.get("meta") if isinstance(resource, dict) else None
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    if isinstance(profiles, list) and any(not str(profile).startswith(_BASE_PROFILE) for profile in profiles):
        sentence = "Profiles of others are not held here; the resource was checked against R4's own definition only."
        found.append(Problem(f"{resource.get('resourceType')}.meta.profile", sentence, "not-supported", "warning"))
    return found


def _outcome(problems: list[Problem]) -> HttpResponse:
    return outcome_response(problems or [_ALL_OK], status=200, code="invalid")


VALIDATE = Operation(
    name="validate",
    definition="http://hl7.org/fhir/OperationDefinition/Resource-validate",
    type_name=EVERY_TYPE,
    address=r"^(?P<type_name>[A-Z][A-Za-z]+)/\$validate$",
    handlers={"POST": validate_type},
)
VALIDATE_INSTANCE = Operation(
    name="validate",
    definition="http://hl7.org/fhir/OperationDefinition/Resource-validate",
    type_name=EVERY_TYPE,
    address=r"^(?P<type_name>[A-Z][A-Za-z]+)/(?P<logical_id>[A-Za-z0-9\-.]{1,64})/\$validate$",
    handlers={"GET": validate_instance, "POST": validate_instance},
)
