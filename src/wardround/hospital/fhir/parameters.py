"""Which types the interface serves, and by which parameters each can be searched."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.http import QueryDict

from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.records.search import Criterion, Kind
from wardround.interchange.fhir.definitions import resource_types, type_rule

# These are said by the interface or kept otherwise; nobody stores them.
_NOT_STORED = frozenset({"AuditEvent", "Bundle", "OperationOutcome", "Parameters"})
_PERSON: dict[str, Kind] = {"name": "string", "family": "string", "given": "string"}
_CHART: dict[str, Kind] = {"patient": "reference", "subject": "reference"}
_OF_TYPE: dict[str, dict[str, Kind]] = {
    "Patient": {**_PERSON, "birthdate": "birthdate", "gender": "token", "active": "token"},
    "Practitioner": {**_PERSON, "active": "token"},
    "Organization": {"name": "string", "type": "token"},
    "Encounter": {**_CHART, "date": "date", "status": "token", "class": "token", "type": "token"},
    "Observation": {
        **_CHART,
        "code": "token",
        "date": "date",
        "status": "token",
        "category": "token",
        "encounter": "reference",
    },
    "Condition": {
        **_CHART,
        "code": "token",
        "category": "token",
        "clinical-status": "token",
        "verification-status": "token",
        "onset-date": "date",
        "recorded-date": "date",
        "encounter": "reference",
    },
    "Procedure": {
        **_CHART,
        "code": "token",
        "date": "date",
        "status": "token",
        "category": "token",
        "encounter": "reference",
    },
    "DiagnosticReport": {
        **_CHART,
        "code": "token",
        "date": "date",
        "status": "token",
        "category": "token",
        "encounter": "reference",
    },
    "RiskAssessment": {**_CHART, "date": "date"},
}
_MODIFIERS: dict[Kind, tuple[str, ...]] = {"string": ("exact", "contains"), "token": ("not",)}
_CONTROLS = frozenset({"_count", "_offset", "_format"})
DEFAULT_COUNT = 50
MAX_COUNT = 500


@dataclass(frozen=True)
class Asked:
    """A search as it was asked for."""

    criteria: tuple[Criterion, ...]
    count: int
    offset: int


@cache
def served_types() -> tuple[str, ...]:
    """Every type that can be stored and read."""
    return tuple(sorted(resource_types() - _NOT_STORED))


@cache
def parameters_of(type_name: str) -> dict[str, Kind]:
    """Parameter -> kind of one type."""
    elements = type_rule(type_name).elements
    common: dict[str, Kind] = {"_id": "id"}
    if "identifier" in elements:
        common["identifier"] = "token"
    if type_name not in _OF_TYPE and ("subject" in elements or "patient" in elements):
        common["patient"] = "reference"
    return {**common, **_OF_TYPE.get(type_name, {})}


def read_search(type_name: str, query: QueryDict) -> Asked:
    """Read an address's query. Whatever is not understood is refused: a search that ignores a criterion misleads."""
    known = parameters_of(type_name)
    criteria: list[Criterion] = []
    for name in query:
        if name in _CONTROLS:
            continue
        parameter, _colon, modifier = name.partition(":")
        kind = known.get(parameter)
        if kind is None:
            raise FhirError(
                f"{type_name} cannot be searched by this parameter. It can be by {', '.join(known)}, "
                f"with {', '.join(sorted(_CONTROLS))}.",
                path=name[:60],
            )
        criteria.extend(_criterion(parameter, kind, modifier, text=text) for text in query.getlist(name))
    return Asked(
        criteria=tuple(criteria),
        count=min(_number(query, "_count", default=DEFAULT_COUNT), MAX_COUNT),
        offset=_number(query, "_offset", default=0),
    )


def _criterion(parameter: str, kind: Kind, modifier: str, *, text: str) -> Criterion:
    target = "Patient" if parameter == "patient" else ""
    if kind == "reference" and modifier in served_types():
        target, modifier = modifier, ""
    if modifier and modifier not in _MODIFIERS.get(kind, ()):
        allowed = ", ".join(f"{parameter}:{one}" for one in _MODIFIERS.get(kind, ())) or f"{parameter} alone"
        raise FhirError(f"This modifier is not known here; {allowed} would be.", path=f"{parameter}:{modifier}"[:60])
    values = tuple(value for value in _alternatives(text) if value)
    if not values:
        raise FhirError(f"{parameter} has no value. Leave it out, or say what to look for.", path=parameter)
    return Criterion(parameter=parameter, kind=kind, values=values, modifier=modifier, target_type=target)


def _alternatives(text: str) -> Iterable[str]:
    """Split at commas; a comma, bar or dollar sign after a backslash is meant itself (R4 "Search", escaping)."""
    parts = [""]
    characters = iter(text)
    for character in characters:
        if character == "\\":
            parts[-1] += next(characters, "")
        elif character == ",":
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _number(query: QueryDict, name: str, *, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or len(text) > 9:
        raise FhirError(f"{name} is a whole number, for example {name}={default}.", path=name)
    return int(text)
