"""The sections of a summary: their LOINC codes, and which of a chart's resources stand in each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]
Chosen = Callable[[Resource], bool]
NEWEST_OF_EACH = 3  # results and vital signs: of each code the newest
SEEN_IN = "suites/fhir-r4-definitions/valuesets.json"  # every code below; a test looks
_WRONG = frozenset({"entered-in-error", "refuted"})
_OVER = frozenset({"inactive", "remission", "resolved"})


@dataclass(frozen=True, slots=True)
class Section:
    """`is_required`: IPS wants the section also where nothing is recorded. `newest_of_each`: 0 is all."""

    code: str
    title: str
    chosen: dict[str, Chosen]  # resource type -> is it shown here?
    is_required: bool = False
    newest_of_each: int = 0


def codes_of(concept: Any) -> frozenset[str]:
    """The codes of a CodeableConcept, or of a plain code, or of a list of either."""
    if isinstance(concept, str):
        return frozenset({concept})
    if isinstance(concept, list):
        return frozenset[str]().union(*map(codes_of, concept))
    if not isinstance(concept, dict):
        return frozenset()
    return frozenset(coding["code"] for coding in concept.get("coding", ()) if isinstance(coding.get("code"), str))


def _status_in(*allowed: str) -> Chosen:
    return lambda resource: resource.get("status") in allowed


def _is_valid(resource: Resource) -> bool:
    return not codes_of(resource.get("verificationStatus")) & _WRONG


def _is_open(resource: Resource) -> bool:
    """Without a clinical status it may be open, so it is shown."""
    return _is_valid(resource) and not codes_of(resource.get("clinicalStatus")) & _OVER


def _is_past(resource: Resource) -> bool:
    return _is_valid(resource) and bool(codes_of(resource.get("clinicalStatus")) & _OVER)


def _observation(*categories: str, also_without: bool = False) -> Chosen:
    """Final values of these categories; `also_without`: those of no category that a section of its own has, too."""

    def is_chosen(resource: Resource) -> bool:
        if resource.get("status") not in {"final", "amended", "corrected"}:
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
            "MedicationRequest": _status_in("active", "on-hold", "unknown"),
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
    Section("18776-5", "Plan of care", {"CarePlan": _status_in("active", "on-hold")}),
    Section(
        "42348-3",
        "Advance directives",
        {"Consent": lambda r: r.get("status") == "active" and "adr" in codes_of(r.get("scope"))},
    ),
)
TYPES = frozenset(type_name for section in SECTIONS for type_name in section.chosen)


def time_of(resource: Resource) -> str:
    """When it was so, or was written down, as the resource says it; empty where it does not."""
    for name in _TIMES:
        value = resource.get(name)
        if isinstance(value, dict):
            value = value.get("start") or value.get("end")
        if isinstance(value, str) and value:
            return value
    return ""


_TIMES = (
    *("effectiveDateTime", "effectiveInstant", "effectivePeriod", "performedDateTime", "performedPeriod"),
    *("occurrenceDateTime", "onsetDateTime", "onsetPeriod", "authoredOn", "timingDateTime", "timingPeriod"),
    *("recordedDate", "dateAsserted", "issued", "period", "created", "dateTime"),
)


def shown_in(section: Section, resources: Iterable[Resource]) -> list[Resource]:
    """The section's resources, newest first."""
    own = [r for r in resources if (chosen := section.chosen.get(r["resourceType"])) is not None and chosen(r)]
    own.sort(key=lambda resource: (time_of(resource), str(resource.get("id"))), reverse=True)
    if not section.newest_of_each:
        return own
    seen: dict[object, int] = {}
    kept = []
    for resource in own:
        code = resource.get("code")
        key = codes_of(code) or (code.get("text") if isinstance(code, dict) else None)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= section.newest_of_each:
            kept.append(resource)
    return kept
