"""The search entries of a resource, by extractors written by hand: they run on every import.

Parameters are those of FHIR R4 with the same names; a type without a table of its own is indexed by DEFAULT.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.search_entries import (
    DateEntry,
    NumberEntry,
    QuantityEntry,
    ReferenceEntry,
    SearchEntry,
    StringEntry,
    TokenEntry,
    UriEntry,
)

__all__ = ["BY_TYPE", "DEFAULT", "SearchEntry", "index_entries"]

Entries = list[SearchEntry]
Extractor = Callable[[Any, Entries], None]

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
_BY_IDENTIFIER = "?identifier="


def index_entries(resource: dict[str, Any]) -> Entries:
    """Every entry of a resource that passed structure.check; raises NotADate for a date that did not."""
    entries: Entries = []
    extractors = BY_TYPE.get(resource["resourceType"], DEFAULT)
    for name, value in resource.items():
        extract = extractors.get(name)
        if extract is not None:
            extract(value, entries)
    return entries


def _id(value: Any, entries: Entries) -> None:
    entries.append(TokenEntry("_id", "", value))


def _meta(value: Any, entries: Entries) -> None:
    if "lastUpdated" in value:
        _add_date("_lastUpdated", value["lastUpdated"], entries)
    for parameter, name in (("_tag", "tag"), ("_security", "security")):
        for coding in value.get(name, ()):
            _add_coding(parameter, coding, entries)
    entries.extend(UriEntry("_profile", profile) for profile in value.get("profile", ()) if profile is not None)


def _identifiers(value: Any, entries: Entries) -> None:
    for identifier in value if isinstance(value, list) else (value,):
        code = identifier.get("value")
        if code is not None:
            entries.append(TokenEntry("identifier", identifier.get("system", ""), code))


def _code(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        entries.append(TokenEntry(parameter, "", value))

    return extract


def _flag(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        entries.append(TokenEntry(parameter, "", "true" if value else "false"))

    return extract


def _coding(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        for coding in value if isinstance(value, list) else (value,):
            _add_coding(parameter, coding, entries)

    return extract


def _concepts(*parameters: str) -> Extractor:
    """Of CodeableConcepts; a type that has a plain code there is indexed by that."""

    def extract(value: Any, entries: Entries) -> None:
        for concept in value if isinstance(value, list) else (value,):
            if not isinstance(concept, dict):
                entries.extend(TokenEntry(parameter, "", concept) for parameter in parameters if concept)
                continue
            text = concept.get("text", "")
            codings = concept.get("coding", ())
            for parameter in parameters:
                for coding in codings:
                    _add_coding(parameter, coding, entries, text=text)
                if not codings and text:
                    entries.append(TokenEntry(parameter, "", "", text))

    return extract


def _add_coding(parameter: str, coding: dict[str, Any], entries: Entries, *, text: str = "") -> None:
    code = coding.get("code")
    if code is not None:
        entries.append(TokenEntry(parameter, coding.get("system", ""), code, text or coding.get("display", "")))


def _names(value: Any, entries: Entries) -> None:
    for name in value:
        parts: list[tuple[str, Any]] = [("family", name.get("family"))]
        parts += [("given", given) for given in name.get("given", ())]
        parts += [("", part) for key in ("prefix", "suffix") for part in name.get(key, ())]
        parts.append(("", name.get("text")))
        for parameter, part in parts:
            if part is None:
                continue
            entries.append(StringEntry("name", part))
            if parameter:
                entries.append(StringEntry(parameter, part))


def _string(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        for text in value if isinstance(value, list) else (value,):
            if text is not None:
                entries.append(StringEntry(parameter, text))

    return extract


def _date(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        _add_date(parameter, value, entries)

    return extract


def _add_date(parameter: str, text: str, entries: Entries) -> None:
    low, high = _bounds(text)
    entries.append(DateEntry(parameter, low, high))


def _bounds(text: str) -> tuple[datetime, datetime]:
    found = interval(text)
    return found.low, found.high


def _period(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        low = _bounds(value["start"])[0] if "start" in value else BEGINNING
        high = _bounds(value["end"])[1] if "end" in value else END
        entries.append(DateEntry(parameter, low, high))

    return extract


def _timing(parameter: str) -> Extractor:
    """A Timing by its events: from the first to the last (R4 "Search", on dates of Timing)."""

    def extract(value: Any, entries: Entries) -> None:
        bounds = [_bounds(event) for event in value.get("event", ()) if event is not None]
        if bounds:
            entries.append(DateEntry(parameter, min(low for low, _ in bounds), max(high for _, high in bounds)))

    return extract


def _reference(*parameters: str, **by_type: str) -> Extractor:
    """Also under the parameter that `by_type` names for the type referred to (patient="Patient")."""
    typed = {type_name: parameter for parameter, type_name in by_type.items()}

    def extract(value: Any, entries: Entries) -> None:
        for reference in value if isinstance(value, list) else (value,):
            type_name, logical_id, url, system, code = _target(reference)
            if not (type_name or url or code):
                continue
            for parameter in parameters:
                entries.append(ReferenceEntry(parameter, type_name, logical_id, url, system, code))
            if type_name in typed:
                entries.append(ReferenceEntry(typed[type_name], type_name, logical_id, url, system, code))

    return extract


def _target(reference: dict[str, Any]) -> tuple[str, str, str, str, str]:
    identifier = reference.get("identifier", {})
    system, code = identifier.get("system", ""), identifier.get("value", "")
    literal = reference.get("reference")
    if not isinstance(literal, str) or literal.startswith("#"):
        return reference.get("type", ""), "", "", system, code
    if _BY_IDENTIFIER in literal:
        type_name, _, query = literal.partition(_BY_IDENTIFIER)
        system, bar, code = unquote(query).partition("|")
        return (type_name, "", "", system, code) if bar else (type_name, "", "", "", system)
    if "://" in literal or literal.startswith("urn:"):
        return reference.get("type", ""), "", literal, system, code
    parts = literal.split("/")
    if len(parts) in (2, 4) and parts[0] and parts[1]:
        return parts[0], parts[1], "", system, code
    return reference.get("type", ""), "", literal, system, code


def _quantity(parameter: str) -> Extractor:
    def extract(value: Any, entries: Entries) -> None:
        number = value.get("value")
        if number is not None:
            decimal = number if isinstance(number, Decimal) else Decimal(str(number))
            parts = (value.get(name, "") for name in ("system", "code", "unit", "comparator"))
            entries.append(QuantityEntry(parameter, decimal, *parts))

    return extract


def _components(value: Any, entries: Entries) -> None:
    for component in value:
        _COMPONENT_CODE(component.get("code", {}), entries)
        if "valueQuantity" in component:
            _COMPONENT_QUANTITY(component["valueQuantity"], entries)


def _prediction(value: Any, entries: Entries) -> None:
    for prediction in value:
        probability = prediction.get("probabilityDecimal")
        if probability is not None:
            entries.append(NumberEntry("probability", Decimal(str(probability))))


def _entities(value: Any, entries: Entries) -> None:
    _ENTITY([entity["what"] for entity in value if "what" in entity], entries)


_ENTITY = _reference("entity", patient="Patient")
_COMPONENT_CODE = _concepts("component-code", "combo-code")
_COMPONENT_QUANTITY = _quantity("component-value-quantity")
_SUBJECT = _reference("subject", patient="Patient")
_PATIENT = _reference("patient")

DEFAULT: dict[str, Extractor] = {
    "id": _id,
    "meta": _meta,
    "identifier": _identifiers,
    "status": _concepts("status"),
    "code": _concepts("code"),
    "category": _concepts("category"),
    "subject": _SUBJECT,
    "patient": _PATIENT,
    "encounter": _reference("encounter"),
}

# Where R4 names another parameter, or none, for one of these elements, the type's own table says so.
_PERSON: dict[str, Extractor] = {
    "id": _id,
    "meta": _meta,
    "identifier": _identifiers,
    "active": _flag("active"),
    "name": _names,
    "gender": _code("gender"),
}

BY_TYPE: dict[str, dict[str, Extractor]] = {
    "Patient": _PERSON
    | {
        "birthDate": _date("birthdate"),
        "deceasedBoolean": _flag("deceased"),
        "deceasedDateTime": _date("death-date"),
        "managingOrganization": _reference("organization"),
        "generalPractitioner": _reference("general-practitioner"),
    },
    "Practitioner": _PERSON,
    "Organization": {
        "id": _id,
        "meta": _meta,
        "identifier": _identifiers,
        "active": _flag("active"),
        "name": _string("name"),
        "alias": _string("name"),
        "type": _concepts("type"),
        "partOf": _reference("partof"),
    },
    "Encounter": DEFAULT
    | {
        "class": _coding("class"),
        "type": _concepts("type"),
        "period": _period("date"),
        "serviceProvider": _reference("service-provider"),
    },
    "Observation": DEFAULT
    | {
        "code": _concepts("code", "combo-code"),
        "effectiveDateTime": _date("date"),
        "effectiveInstant": _date("date"),
        "effectivePeriod": _period("date"),
        "effectiveTiming": _timing("date"),
        "valueQuantity": _quantity("value-quantity"),
        "valueCodeableConcept": _concepts("value-concept"),
        "valueString": _string("value-string"),
        "component": _components,
        "performer": _reference("performer"),
    },
    "Condition": DEFAULT
    | {
        "clinicalStatus": _concepts("clinical-status"),
        "verificationStatus": _concepts("verification-status"),
        "onsetDateTime": _date("onset-date"),
        "onsetPeriod": _period("onset-date"),
        "abatementDateTime": _date("abatement-date"),
        "abatementPeriod": _period("abatement-date"),
        "recordedDate": _date("recorded-date"),
    },
    "Procedure": DEFAULT
    | {"performedDateTime": _date("date"), "performedPeriod": _period("date"), "basedOn": _reference("based-on")},
    "DiagnosticReport": DEFAULT
    | {
        "effectiveDateTime": _date("date"),
        "effectivePeriod": _period("date"),
        "issued": _date("issued"),
        "result": _reference("result"),
    },
    "RiskAssessment": DEFAULT
    | {
        "occurrenceDateTime": _date("date"),
        "occurrencePeriod": _period("date"),
        "condition": _reference("condition"),
        "method": _concepts("method"),
        "performer": _reference("performer"),
        "prediction": _prediction,
    },
    "Provenance": {
        "id": _id,
        "meta": _meta,
        "target": _reference("target", patient="Patient"),
        "recorded": _date("recorded"),
    },
    "AuditEvent": {
        "id": _id,
        "meta": _meta,
        "type": _coding("type"),
        "subtype": _coding("subtype"),
        "action": _code("action"),
        "outcome": _code("outcome"),
        "recorded": _date("date"),
        "entity": _entities,
    },
}
