"""What a FHIR resource says about when and how, in the nouns of the rules about records; and a Patient's life."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from wardround.clinical.records import Moment, Order, Person, Record
from wardround.clinical.sexes import Sex, sex_of
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval
from wardround.interchange.fhir.values import codings_of

# When it happened, and when it was written down; a name without a suffix is a choice of dateTime, instant and Period.
_HAPPENED = {
    "AllergyIntolerance": ("onsetDateTime", "onsetPeriod", "lastOccurrence"),
    "Condition": ("onsetDateTime", "onsetPeriod", "abatementDateTime", "abatementPeriod"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod"),
    "Encounter": ("period",),
    "ImagingStudy": ("started",),
    "Immunization": ("occurrenceDateTime",),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "MedicationDispense": ("whenPrepared", "whenHandedOver"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    "Procedure": ("performedDateTime", "performedPeriod"),
}
_WRITTEN = {
    "AllergyIntolerance": ("recordedDate",),
    "ClinicalImpression": ("date",),
    "Composition": ("date",),
    "Condition": ("recordedDate",),
    "DiagnosticReport": ("issued",),
    "DocumentReference": ("date",),
    "Immunization": ("recorded",),
    "MedicationStatement": ("dateAsserted",),
    "Observation": ("issued",),
    "QuestionnaireResponse": ("authored",),
    "ServiceRequest": ("authoredOn",),
}
# What is planned, offered or left undone has not happened.
_NOT_HAPPENED = frozenset(
    {"planned", "preparation", "not-done", "intended", "cancelled", "not-taken", "entered-in-error"}
)
_GOES_ON = frozenset({"active", "in-progress", "arrived", "triaged", "onleave", "on-hold"})
_SEX_SPECIFIC = frozenset({"Condition", "Procedure"})
_PARTS_OF_VISIT = ("statusHistory", "classHistory", "location", "participant")
_US_CORE_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_GENDER_IDENTITY = (
    "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity",
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity",
)
_SEXES: dict[str, Sex] = {"male": "male", "female": "female", "M": "male", "F": "female"}


def record_of(resource: Mapping[str, Any]) -> Record | None:
    """The record that a checked resource is, or None where the rules have nothing to say about its type."""
    type_name = resource["resourceType"]
    if type_name not in RULED:
        return None
    record = Record(type_name, status=resource.get("status", ""))
    record.verification_status = _code(resource.get("verificationStatus")) if "verificationStatus" in resource else ""
    if "entered-in-error" in (record.status, record.verification_status):
        return record
    if record.status not in _NOT_HAPPENED:
        record.happened = _stated(resource, _HAPPENED.get(type_name, ()))
        if record.status in _GOES_ON:  # its end is foreseen
            record.happened = [moment for moment in record.happened if not moment.path.endswith(".end")]
        if type_name in _SEX_SPECIFIC and record.verification_status != "refuted":
            record.sex = _only_sex(resource)
    record.written = _stated(resource, _WRITTEN.get(type_name, ()))
    record.titles = _titles(resource)
    more = _MORE.get(type_name)
    if more is not None:
        more(resource, record)
    _orders(record)
    return record


def _only_sex(resource: Mapping[str, Any]) -> Sex | None:
    concept = resource.get("code") or {}
    is_procedure = resource["resourceType"] == "Procedure"
    return sex_of(codings_of(concept), text=concept.get("text", ""), is_procedure=is_procedure)


def life_of(patient: Mapping[str, Any]) -> Person:
    """What the rules need of a Patient."""
    death = patient.get("deceasedDateTime")
    return Person(
        birth=_moment(patient.get("birthDate"), "Patient.birthDate"),
        death=_moment(death, "Patient.deceasedDateTime"),
        is_dead=death is not None or patient.get("deceasedBoolean") is True,
        sex=_sex(patient),
    )


def _sex(patient: Mapping[str, Any]) -> Sex | None:
    """The recorded sex, unless the patient's record also says another: then any organ may be there."""
    stated = {_SEXES.get(patient.get("gender", ""))}
    for extension in patient.get("extension", ()):
        if extension.get("url") == _US_CORE_BIRTH_SEX:
            stated.add(_SEXES.get(extension.get("valueCode", "")))
        elif extension.get("url") in _GENDER_IDENTITY:
            stated.add(_SEXES.get(_code(extension.get("valueCodeableConcept"))))
    return stated.pop() if len(stated) == 1 else None


def _observation(resource: Mapping[str, Any], record: Record) -> None:
    record.is_about_another = "focus" in resource
    values = [name for name in resource if name.startswith("value")]
    components = resource.get("component", ())
    record.has_value = bool(values) or any(n.startswith("value") for part in components for n in part)
    record.says_something = record.has_value or any(
        name in resource for name in ("component", "hasMember", "dataAbsentReason", "note", "derivedFrom")
    )
    for path, holder in [("Observation", resource)] + [
        (f"Observation.component[{i}]", part) for i, part in enumerate(components)
    ]:
        quantity = holder.get("valueQuantity")
        if quantity and "value" in quantity and "unit" not in quantity and "code" not in quantity:
            record.quantities_without_unit.append(f"{path}.valueQuantity")


def _condition(resource: Mapping[str, Any], record: Record) -> None:
    record.clinical_status = _code(resource.get("clinicalStatus"))
    code = resource.get("code") or {}
    record.has_code = bool(code.get("coding") or code.get("text"))
    abated = [name for name in resource if name.startswith("abatement")]
    record.ends = next((m for m in record.happened if ".abatement" in m.path), None)
    if record.ends is None and abated:  # an age, a range or a text says that it ended, not when
        record.clinical_status = ""


def _encounter(resource: Mapping[str, Any], record: Record) -> None:
    period = {m.path.rpartition(".")[2]: m for m in _moments(resource.get("period"), "Encounter.period")}
    record.begins, record.ends = period.get("start"), period.get("end")
    record.is_discharged = "dischargeDisposition" in resource.get("hospitalization", {})
    for name in _PARTS_OF_VISIT:
        for index, part in enumerate(resource.get(name, ())):
            own = {
                m.path.rpartition(".")[2]: m for m in _moments(part.get("period"), f"Encounter.{name}[{index}].period")
            }
            if record.begins and "end" in own:
                record.orders.append(Order(record.begins, own["end"], held=False, tolerance_days=1))
            if record.ends and "start" in own:
                record.orders.append(Order(own["start"], record.ends, held=False, tolerance_days=1))


def _specimen(resource: Mapping[str, Any], record: Record) -> None:
    collection = resource.get("collection", {})
    for name in ("collectedDateTime", "collectedPeriod"):
        record.happened += _moments(collection.get(name), f"Specimen.collection.{name}")
    record.written += _moments(resource.get("receivedTime"), "Specimen.receivedTime")


def _appointment(resource: Mapping[str, Any], record: Record) -> None:
    record.begins = _moment(resource.get("start"), "Appointment.start")


def _procedure(resource: Mapping[str, Any], record: Record) -> None:
    record.ends = _moment((resource.get("performedPeriod") or {}).get("end"), "Procedure.performedPeriod.end")


def _patient(resource: Mapping[str, Any], record: Record) -> None:
    record.lacks = [
        f"Patient.{name}" for name in ("birthDate", "gender") if name not in resource and f"_{name}" not in resource
    ]


_MORE: dict[str, Callable[[Mapping[str, Any], Record], None]] = {
    "Appointment": _appointment,
    "Condition": _condition,
    "Encounter": _encounter,
    "Observation": _observation,
    "Patient": _patient,
    "Procedure": _procedure,
    "Specimen": _specimen,
}

# The types about which the rules have something to say.
RULED = frozenset({*_HAPPENED, *_WRITTEN, *_MORE})

# A thing's own beginning and end, in two elements.
_SPANS = {"Condition": (("onset", "abatement"),), "AllergyIntolerance": (("onset", "lastOccurrence"),)}
# What comes first, and what comes later.
_SEQUENCES = {
    "DiagnosticReport": (("effective", "issued"),),
    "Immunization": (("occurrenceDateTime", "recorded"),),
    "MedicationDispense": (("whenPrepared", "whenHandedOver"),),
    "Observation": (("effective", "issued"),),
    "Specimen": (("collection", "receivedTime"),),
}


def _orders(record: Record) -> None:
    stated = [*record.happened, *record.written]
    if len(stated) < 2:
        return
    for begin, end in _SPANS.get(record.type, ()):
        pair = _pair(stated, begin, end)
        record.orders += [Order(*pair, is_span=True)] if pair else []
    for first, later in _SEQUENCES.get(record.type, ()):
        pair = _pair(stated, first, later)
        record.orders += [Order(*pair, tolerance_days=1)] if pair else []


def _pair(stated: list[Moment], first: str, later: str) -> tuple[Moment, Moment] | None:
    a = next((m for m in stated if m.element.startswith(first)), None)
    b = next((m for m in reversed(stated) if m.element.startswith(later)), None)
    return (a, b) if a is not None and b is not None else None


def _stated(resource: Mapping[str, Any], names: Iterable[str]) -> list[Moment]:
    type_name = resource["resourceType"]
    return [moment for name in names if name in resource for moment in _moments(resource[name], f"{type_name}.{name}")]


def _moments(value: Any, path: str) -> Iterator[Moment]:
    if isinstance(value, str):
        stated = _moment(value, path)
        if stated is not None:
            yield stated
    elif isinstance(value, dict):
        for name in ("start", "end"):
            if name in value:
                yield from _moments(value[name], f"{path}.{name}")


def _moment(text: Any, path: str) -> Moment | None:
    if not isinstance(text, str):
        return None
    try:
        stretch = interval(text, zone=UTC)
    except NotADate:
        return None
    return Moment(path, text, stretch.low, stretch.high)


def _titles(resource: Mapping[str, Any]) -> list[str]:
    if "code" not in resource and "type" not in resource:
        return []
    concepts = [resource.get("code") or {}, *_listed(resource.get("category")), *_listed(resource.get("type"))]
    titles = [concept.get("text") for concept in concepts]
    titles += [coding.get("display") for concept in concepts for coding in concept.get("coding", ())]
    return [title for title in titles if title]


def _listed(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _code(concept: Any) -> str:
    for coding in (concept or {}).get("coding", ()):
        if "code" in coding:
            return str(coding["code"])
    return ""
