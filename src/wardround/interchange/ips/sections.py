"""The sections of a summary: their LOINC codes, and which of a chart's resources stand in each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import moment

Resource = dict[str, Any]
Chosen = Callable[[Resource], bool]
NEWEST_OF_EACH = 3  # results and vital signs: of each code the newest
SEEN_IN = "suites/fhir-r4-definitions/valuesets.json"  # in the shared folder; a test looks for the codes
IPS_GUIDE = "https://hl7.org/fhir/uv/ips/"  # CompositionUvIps, and the value sets of pregnancy
# Status, expected delivery date, and outcomes of earlier pregnancies: IPS_GUIDE.
_PREGNANCY = frozenset(
    {"82810-3", "11778-8", "11779-6", "11780-4", "11636-8", "11637-6", "11638-4"}
    | {"11639-2", "11640-0", "11612-9", "11613-7", "11614-5", "33065-4"}
)
_LOINC = "http://loinc.org"
_WRONG = frozenset({"entered-in-error", "refuted"})
_OVER = frozenset({"inactive", "remission", "resolved"})


@dataclass(frozen=True, slots=True)
class Section:
    """`is_required`: IPS wants the section also where nothing is recorded. `newest_of_each`: 0 is all.

    `source` is where the code was seen.
    """

    code: str
    title: str
    chosen: dict[str, Chosen]  # resource type -> is it shown here?
    is_required: bool = False
    newest_of_each: int = 0
    source: str = SEEN_IN


def codes_of(concept: Any) -> frozenset[str]:
    """The codes of a CodeableConcept, or of a plain code, or of a list of either."""
    if isinstance(concept, str):
        return frozenset({concept})
    if isinstance(concept, list):
        return frozenset[str]().union(*map(codes_of, concept))
    if not isinstance(concept, dict):
        return frozenset()
    return frozenset(coding["code"] for coding in concept.get("coding", ()) if isinstance(coding.get("code"), str))


def _codings(concept: Any) -> frozenset[tuple[str, str]]:
    """(system, code) of a CodeableConcept: two systems may use one code for different things."""
    codings = concept.get("coding", ()) if isinstance(concept, dict) else ()
    return frozenset((coding.get("system", ""), coding["code"]) for coding in codings if "code" in coding)


def _status_in(*allowed: str) -> Chosen:
    return lambda resource: resource.get("status") in allowed


def is_valid(resource: Resource) -> bool:
    """Neither entered in error nor refuted."""
    return not ({resource.get("status")} | codes_of(resource.get("verificationStatus"))) & _WRONG


def _is_open(resource: Resource) -> bool:
    """Without a clinical status it may be open, so it is shown."""
    return is_valid(resource) and not codes_of(resource.get("clinicalStatus")) & _OVER


def _is_past(resource: Resource) -> bool:
    return is_valid(resource) and bool(codes_of(resource.get("clinicalStatus")) & _OVER)


def _is_ordered(resource: Resource) -> bool:
    """An order in force. What was only proposed, planned or one of several options is not taken by anybody."""
    is_in_force = resource.get("status") in {"active", "on-hold", "unknown"}
    return is_in_force and resource.get("intent") not in {"proposal", "plan", "option"}


def _is_settled(resource: Resource) -> bool:
    return resource.get("status") in {"final", "amended", "corrected"}


def _is_of_pregnancy(resource: Resource) -> bool:
    return any(system == _LOINC and code in _PREGNANCY for system, code in _codings(resource.get("code")))


def _observation(*categories: str, also_without: bool = False) -> Chosen:
    """Final values of these categories; `also_without`: those of no category that a section of its own has, too."""

    def is_chosen(resource: Resource) -> bool:
        if not _is_settled(resource) or _is_of_pregnancy(resource):
            return False
        own = codes_of(resource.get("category", []))
        return bool(own & set(categories)) or (also_without and not own & _CATEGORIES_ELSEWHERE)

    return is_chosen


_CATEGORIES_ELSEWHERE = frozenset({"vital-signs", "social-history"})
_DONE = ("final", "amended", "corrected", "appended")

SECTIONS: tuple[Section, ...] = (
    Section("11450-4", "Problems", {"Condition": _is_open}, is_required=True),
    Section("48765-2", "Allergies and intolerances", {"AllergyIntolerance": _is_open}, is_required=True),
    Section(
        "10160-0",
        "Medication",
        {
            "MedicationStatement": _status_in("active", "intended", "on-hold", "unknown"),
            "MedicationRequest": _is_ordered,
        },
        is_required=True,
    ),
    Section("11369-6", "Immunizations", {"Immunization": _status_in("completed")}),
    Section("47519-4", "Procedures", {"Procedure": _status_in("in-progress", "completed", "on-hold", "stopped")}),
    Section(
        "30954-2",
        "Results",
        {
            "Observation": _observation("laboratory", "imaging", also_without=True),
            "DiagnosticReport": _status_in(*_DONE),
        },
        newest_of_each=NEWEST_OF_EACH,
    ),
    Section("8716-3", "Vital signs", {"Observation": _observation("vital-signs")}, newest_of_each=NEWEST_OF_EACH),
    Section("46264-8", "Devices in use", {"DeviceUseStatement": _status_in("active", "on-hold")}),
    Section("11348-0", "Past illnesses", {"Condition": _is_past}),
    Section("29762-2", "Social history", {"Observation": _observation("social-history")}, newest_of_each=1),
    Section(
        "10162-6",
        "Pregnancy",
        {"Observation": lambda r: _is_settled(r) and _is_of_pregnancy(r)},
        newest_of_each=1,
        source=IPS_GUIDE,
    ),
    Section("47420-5", "Functional status", {"ClinicalImpression": _status_in("completed")}),
    Section("18776-5", "Plan of care", {"CarePlan": _status_in("active", "on-hold")}),
    Section(
        "42348-3",
        "Advance directives",
        {"Consent": lambda r: r.get("status") == "active" and "adr" in codes_of(r.get("scope"))},
    ),
)
TYPES = frozenset(type_name for section in SECTIONS for type_name in section.chosen)
# They stand in no section and come along where something shown refers to them.
ALONG = frozenset({"Device", "Medication", "Specimen"})


def time_of(resource: Resource) -> str:
    """When it was so, or was written down, as the resource says it; empty where it does not."""
    for name in _TIMES:
        value = resource.get(name)
        if isinstance(value, dict):
            value = value.get("start") or value.get("end")
        if isinstance(value, str) and value:
            return value
    return ""


def moment_of(resource: Resource) -> datetime:
    """`time_of` as an instant, since texts of different zones do not sort; the beginning of time where none is said."""
    try:
        return moment(time_of(resource))
    except NotADate:
        return datetime.min.replace(tzinfo=UTC)


_TIMES = (
    *("effectiveDateTime", "effectiveInstant", "effectivePeriod", "performedDateTime", "performedPeriod"),
    *("occurrenceDateTime", "onsetDateTime", "onsetPeriod", "authoredOn", "timingDateTime", "timingPeriod"),
    *("recordedDate", "date", "dateAsserted", "issued", "period", "created", "dateTime"),
)


def shown_in(section: Section, resources: Iterable[Resource]) -> list[Resource]:
    """The section's resources, newest first."""
    own = [r for r in resources if (chosen := section.chosen.get(r["resourceType"])) is not None and chosen(r)]
    own.sort(key=lambda resource: (moment_of(resource), str(resource.get("id"))), reverse=True)
    if not section.newest_of_each:
        return own
    seen: dict[object, int] = {}
    kept = []
    for resource in own:
        code = resource.get("code")
        key = _codings(code) or (code.get("text") if isinstance(code, dict) else None)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= section.newest_of_each:
            kept.append(resource)
    return kept
