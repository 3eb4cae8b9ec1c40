"""Any record on one line, from its coded and written elements alone: what it is, when, in which state. No narrative is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from wardround.hospital.charts.drugs import Stored, drug_of
from wardround.hospital.charts.fhir_text import concept_text, joined, names_of, period_text, start_of
from wardround.hospital.charts.observed_text import value_text
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.person import printed_name
from wardround.hospital.charts.statement import NOT_YET_ORDERED, Tag, Tone
from wardround.hospital.charts.stays import kind_text
from wardround.hospital.records.people import display_name
from wardround.web.layout.dates import when_text
from wardround.web.layout.fhir_words import title_of_kind

# The first of these that says anything is what the record is called.
_TITLES = (
    "code", "vaccineCode", "deviceName", "title", "relationship", "serviceType", "topic", "type", "modality",
    "procedureCode", "category", "description", "questionnaire", "name", "activity", "class", "scope", "outcome",
    "method", "modelNumber", "codeReference", "suppliedItem", "implicated", "prediction", "lensSpecification", "recommendation", "target",
)  # fmt: skip
_INNER = ("code", "outcome", "vaccineCode", "targetDisease", "itemCodeableConcept", "itemReference")
_CONTENTS = (
    "category", "type", "bodySite", "reasonCode", "procedureCode", "description", "patientInstruction",
)  # fmt: skip
_TIMES = (
    "effectiveDateTime", "effectivePeriod", "effectiveInstant", "occurrenceDateTime", "occurrencePeriod",
    "performedDateTime", "performedPeriod", "onsetDateTime", "onsetPeriod", "started", "startDate", "start", "period",
    "billablePeriod", "dateTime", "date", "whenHandedOver", "whenPrepared", "authoredOn", "authored", "sent", "received",
    "collection", "timingDateTime", "timingPeriod", "createdDateTime", "created", "dateWritten", "issued", "recorded",
    "recordedOn", "recordedDate", "identifiedDateTime", "identifiedPeriod", "assertedDate", "dateAsserted", "birthDate",
)  # fmt: skip
_PEOPLE = (
    "requester", "author", "performer", "recorder", "asserter", "owner", "operator", "provider", "insurer", "payor",
    "sender", "recipient", "manufacturer", "location",
)  # fmt: skip
_STATES: dict[str, tuple[Any, Tone]] = {
    "active": (gettext_lazy("Active"), "low"),
    "in-progress": (gettext_lazy("In progress"), "low"),
    "arrived": (gettext_lazy("Arrived"), "low"),
    "available": (gettext_lazy("Available"), "plain"),
    "completed": (gettext_lazy("Completed"), "plain"),
    "finished": (gettext_lazy("Finished"), "plain"),
    "stopped": (gettext_lazy("Stopped"), "plain"),
    "ended": (gettext_lazy("Ended"), "plain"),
    "inactive": (gettext_lazy("Inactive"), "plain"),
    "on-hold": (gettext_lazy("On hold"), "low"),
    "cancelled": (gettext_lazy("Cancelled"), "plain"),
    "revoked": (gettext_lazy("Revoked"), "plain"),
    "rejected": (gettext_lazy("Rejected"), "plain"),
    "superseded": (gettext_lazy("Superseded"), "plain"),
    "draft": (gettext_lazy("Draft"), "held"),
    "proposed": (gettext_lazy("Proposed"), "held"),
    "planned": (gettext_lazy("Planned"), "plain"),
    "accepted": (gettext_lazy("Accepted"), "plain"),
    "requested": (gettext_lazy("Requested"), "plain"),
    "booked": (gettext_lazy("Booked"), "plain"),
    "registered": (gettext_lazy("Registered"), "plain"),
    "preliminary": (gettext_lazy("Preliminary"), "held"),
    "partial": (gettext_lazy("Not complete"), "held"),
    "amended": (gettext_lazy("Amended"), "amended"),
    "corrected": (gettext_lazy("Amended"), "amended"),
    "not-done": (gettext_lazy("Not done"), "held"),
    "entered-in-error": (gettext_lazy("Entered in error"), "high"),
}
_SILENT = frozenset({"final", "current", "unknown"})  # what every record is unless it says otherwise
_MOST = 4  # of a list of things; the record itself has all


@dataclass(frozen=True)
class OneLine:
    """One record: what a reader needs to know whether to open it."""

    type: str
    id: str
    title: str
    when: str
    details: str
    tags: tuple[Tag, ...]
    is_error: bool  # entered in error: struck through, never shown as if it were true


def one_line(record: Record, *, stored: Stored) -> OneLine:
    """Any record; one that says in no element what it is, is called by what else it says, or by its kind."""
    body = record.body
    states = (str(body.get("status", "")), *_verification(body))
    is_error = "entered-in-error" in states
    said = [text for text in _details(body) if text]
    title = _title(body, stored=stored) or next(iter(said), "") or title_of_kind(record.type)
    details = [text for text in said if text != title]
    return OneLine(
        type=record.type,
        id=record.id,
        title=title,
        when=when_text(start_of(_dated(body), *_TIMES)),
        details=joined(dict.fromkeys(details)),
        tags=tuple(_tags(body, state="entered-in-error" if is_error else states[0])),
        is_error=is_error,
    )


def words_of_element(element: Any) -> str:
    """The words of whatever an element holds: a text, a concept, a coding, a name, or the first few of a list."""
    if isinstance(element, str):
        return element
    if isinstance(element, list):
        return ", ".join(filter(None, (words_of_element(one) for one in element[:_MOST])))
    if not isinstance(element, Mapping):
        return ""
    if "coding" in element or "text" in element:
        return concept_text(element)
    plain = element.get("display") or element.get("name")
    inner = next((words for name in _INNER if (words := words_of_element(element.get(name)))), "")
    return str(plain or inner)


def _title(body: Mapping[str, Any], *, stored: Stored) -> str:
    match body["resourceType"]:
        case "Patient" | "RelatedPerson" | "Person":
            return printed_name(display_name(dict(body)))
        case "MedicationRequest" | "MedicationStatement" | "MedicationAdministration" | "MedicationDispense":
            return concept_text(drug_of(body, stored=stored).concept)
        case "NutritionOrder":
            return ", ".join(filter(None, _diets(body)))
        case "CareTeam":
            return words_of_element(body.get("name")) or words_of_element(body.get("category"))
        case "Encounter" if kind := kind_text(body):
            return words_of_element(body.get("serviceType")) or words_of_element(body.get("type")) or kind
    return next((text for name in _TITLES if (text := words_of_element(body.get(name)))), "")


def _details(body: Mapping[str, Any]) -> Iterator[str]:
    """What more says what it is, then who took part."""
    yield value_text(body)
    for name in _CONTENTS:
        yield words_of_element(body.get(name))
    yield _activities(body)
    yield _aims(body)
    yield _counted(body)
    yield _money(body)
    yield words_of_element([part.get("member") or part.get("actor") for part in _parts(body, "participant")])
    for name in _PEOPLE:
        found = body.get(name)
        people = [one.get("actor", one) if isinstance(one, Mapping) else one for one in _listed(found)]
        yield names_of(people)
    yield period_text(body.get("period"))


def _activities(body: Mapping[str, Any]) -> str:
    """What a plan of care consists of."""
    details = [part.get("detail") or part.get("reference") or {} for part in _parts(body, "activity")]
    named = [words_of_element(one.get("code") or one.get("display") or one.get("description")) for one in details]
    shown = [name for name in named if name]
    return ", ".join(shown[:_MOST]) + (" …" if len(shown) > _MOST else "")


def _aims(body: Mapping[str, Any]) -> str:
    """What a plan or an order is about, as far as its references say it in words."""
    about = [*_listed(body.get("addresses")), *_listed(body.get("goal")), *_listed(body.get("reasonReference"))]
    return names_of(about)


def _counted(body: Mapping[str, Any]) -> str:
    match body["resourceType"]:
        case "ImagingStudy" if body.get("series"):
            count = len(body["series"])
            kinds = dict.fromkeys(words_of_element(one.get("modality")) for one in body["series"])
            series = ngettext("%(count)s series", "%(count)s series", count) % {"count": count}
            return joined((", ".join(filter(None, kinds)), series))
        case "QuestionnaireResponse":
            count = len(body.get("item", ()))
            return ngettext("%(count)s answer", "%(count)s answers", count) % {"count": count}
        case "List":
            count = len(body.get("entry", ()))
            return ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count}
    return ""


def _money(body: Mapping[str, Any]) -> str:
    """What a claim comes to; the currency as it is recorded."""
    total = body.get("total")
    sums = [total] if isinstance(total, Mapping) else [one.get("amount") for one in _listed(total)]
    texts = [
        f"{number_format(one['value'], 2, force_grouping=True)} {one.get('currency', '')}".strip()
        for one in sums
        if isinstance(one, Mapping) and "value" in one
    ]
    return ", ".join(texts[:1])


def _diets(body: Mapping[str, Any]) -> Iterator[str]:
    oral, supplements, enteral = (
        body.get("oralDiet") or {},
        _parts(body, "supplement"),
        body.get("enteralFormula") or {},
    )
    yield words_of_element(oral.get("type"))
    yield words_of_element([one.get("type") for one in supplements])
    yield words_of_element(enteral.get("baseFormulaType"))


def _tags(body: Mapping[str, Any], *, state: str) -> Iterator[Tag]:
    if body.get("doNotPerform") is True:
        yield Tag(gettext("Not to be done"), "high")
    # Of a plan of care its intent says nothing.
    if body["resourceType"] != "CarePlan" and (word := NOT_YET_ORDERED.get(body.get("intent", ""))):
        yield Tag(str(word), "held")
    if state in _STATES:
        word, tone = _STATES[state]
        yield Tag(str(word), tone)
    elif state and state not in _SILENT:
        yield Tag(state)
    lifecycle = body.get("lifecycleStatus")
    if isinstance(lifecycle, str):
        word, tone = _STATES.get(lifecycle, (lifecycle, "plain"))
        yield Tag(str(word), tone)


def _dated(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A specimen's time stands in its collection."""
    collection = body.get("collection")
    if isinstance(collection, Mapping):
        return {**body, "collection": start_of(collection, "collectedDateTime", "collectedPeriod")}
    return body


def _verification(body: Mapping[str, Any]) -> tuple[str, ...]:
    status = body.get("verificationStatus")
    codings = status.get("coding", ()) if isinstance(status, Mapping) else ()
    return tuple(str(coding.get("code", "")) for coding in codings)


def _parts(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [part for part in _listed(body.get(name)) if isinstance(part, Mapping)]


def _listed(element: Any) -> list[Any]:
    return element if isinstance(element, list) else [] if element is None else [element]
