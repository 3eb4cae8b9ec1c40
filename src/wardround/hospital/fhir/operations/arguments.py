"""What an operation was asked: the query of a GET, or the Parameters resource of a POST."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.bodies import body_of, json_of
from wardround.hospital.fhir.errors import FhirError
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import Interval, interval
from wardround.interchange.fhir.definitions import resource_types
from wardround.web.accounts.scopes import allows
from wardround.web.audit.actor import Actor

_FORMAT = "_format"


@dataclass(frozen=True)
class Arguments:
    """Name -> values: texts, or resources where the parameter is one."""

    values: Mapping[str, tuple[Any, ...]]

    def text(self, name: str) -> str:
        """The one text of this name; empty when it was not given."""
        found = self.values.get(name, ())
        if len(found) > 1 or any(not isinstance(value, str) for value in found):
            raise FhirError(f"{name} is said once, as plain text.", path=name)
        return found[0] if found else ""

    def resources(self, name: str) -> tuple[dict[str, Any], ...]:
        """The resources of this name."""
        found = self.values.get(name, ())
        if any(not isinstance(value, dict) for value in found):
            raise FhirError(f"{name} is a resource, sent in a Parameters resource.", path=name)
        return found

    def listed(self, name: str) -> tuple[str, ...]:
        """Texts that may be repeated or separated by commas."""
        texts = [value for value in self.values.get(name, ()) if isinstance(value, str)]
        return tuple(part for text in texts for part in text.split(",") if part)

    def number(self, name: str, *, default: int, most: int) -> int:
        """A whole number from 1 up; more than `most` is `most`."""
        text = self.text(name) or str(default)
        if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) < 1:
            raise FhirError(f"{name} is a whole number from 1 up, for example {name}={default}.", path=name)
        return min(int(text), most)

    def truth(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text not in {"", "true", "false"}:
            raise FhirError(f"{name} is true or false.", path=name)
        return default if not text else text == "true"

    def moment(self, name: str) -> Interval | None:
        """The stretch of time that a date or instant covers."""
        # A plus sign in an address arrives as a blank.
        text = self.text(name).replace(" ", "+")
        if not text:
            return None
        try:
            return interval(text)
        except NotADate as error:
            raise FhirError(f"{name}: {error} For example {name}=2026-01-31.", path=name) from None

    def since(self) -> datetime | None:
        """`_since`, if it was given."""
        found = self.moment("_since")
        return None if found is None else found.low


def arguments_of(request: HttpRequest, *, known: frozenset[str]) -> Arguments:
    """Read the query, and for a POST the Parameters in its body. What is not known is refused, not ignored."""
    values = _query(request)
    if request.method == "POST" and request.body:
        for name, value in _parameters(json_of(body_of(request))):
            values.setdefault(name, []).append(value)
    return _known(values, known=known)


def query_of(request: HttpRequest, *, known: frozenset[str]) -> Arguments:
    """Read the query alone, for an operation whose body is no Parameters resource."""
    return _known(_query(request), known=known)


def _query(request: HttpRequest) -> dict[str, list[Any]]:
    return {name: list(request.GET.getlist(name)) for name in request.GET}


def _known(values: dict[str, list[Any]], *, known: frozenset[str]) -> Arguments:
    for name in values:
        if name not in known and name != _FORMAT:
            expected = ", ".join(sorted(known)) or "none"
            raise FhirError(f"This operation does not know this parameter. It knows: {expected}.", path=name[:60])
    return Arguments({name: tuple(found) for name, found in values.items()})


def readable_types(actor: Actor, *, asked: tuple[str, ...]) -> frozenset[str]:
    """The types that an operation may answer with: those asked for, each by scope; else all that the scopes open."""
    unknown = [type_name for type_name in asked if type_name not in resource_types()]
    if unknown:
        raise FhirError("_type names a type that is not served here. GET metadata lists those that are.", path="_type")
    for type_name in asked:
        require_scope(actor, type_name=type_name, letter="r")
    if asked:
        return frozenset(asked)
    if actor.kind != "service":
        return resource_types()
    return frozenset(t for t in resource_types() if allows(actor.scopes, resource_type=t, letter="r"))


def _parameters(body: Any) -> list[tuple[str, Any]]:
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise FhirError("Send a Parameters resource.", path="resourceType")
    found: list[tuple[str, Any]] = []
    given = body.get("parameter", [])
    for number, parameter in enumerate(given if isinstance(given, list) else [given]):
        name = parameter.get("name") if isinstance(parameter, dict) else None
        values = [v for key, v in parameter.items() if key == "resource" or key.startswith("value")] if name else []
        if not isinstance(name, str) or len(values) != 1:
            raise FhirError("A parameter has a name, and one value or resource.", path=f"parameter[{number}]")
        found.append((name, _value(values[0])))
    return found


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict) and isinstance(value.get("reference"), str):
        return value["reference"]
    return value if isinstance(value, dict) else str(value)
