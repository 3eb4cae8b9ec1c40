"""Observations as they were received, in words: for what the catalogue does not know, and for what is no single number."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.fhir_text import (
    code_text,
    concept_text,
    first_code,
    joined,
    period_text,
    quantity_text,
    start_of,
)
from wardround.hospital.charts.opened import Record, in_error, of_rows
from wardround.hospital.charts.statement import Tag, Tone
from wardround.hospital.records.models import DateIndex, Fact, Resource, StandardValue
from wardround.interchange.fhir.values import Observed
from wardround.web.layout.dates import when_text
from wardround.web.layout.printed import printed_number, printed_unit, printed_value
from wardround.web.paging import Page, page_of

PAGE = 25
_STATES = {
    "registered": gettext_lazy("Registered, no result yet"),
    "preliminary": gettext_lazy("Preliminary"),
    "cancelled": gettext_lazy("Cancelled"),
    "corrected": gettext_lazy("Amended"),
    "amended": gettext_lazy("Amended"),
}
# HL7's ObservationInterpretation, as R4 binds Observation.interpretation.
_JUDGED: dict[str, tuple[Promise, Tone]] = {
    "HH": (gettext_lazy("Critically high"), "high"),
    "LL": (gettext_lazy("Critically low"), "low"),
    "AA": (gettext_lazy("Critically abnormal"), "high"),
    "HU": (gettext_lazy("Much too high"), "high"),
    "LU": (gettext_lazy("Much too low"), "low"),
    "H": (gettext_lazy("High"), "high"),
    "L": (gettext_lazy("Low"), "low"),
    "A": (gettext_lazy("Abnormal"), "high"),
    "POS": (gettext_lazy("Positive"), "held"),
    "NEG": (gettext_lazy("Negative"), "plain"),
    "R": (gettext_lazy("Resistant"), "held"),
    "S": (gettext_lazy("Susceptible"), "plain"),
    "I": (gettext_lazy("Intermediate"), "plain"),
}


@dataclass(frozen=True)
class AsReceived:
    """One observation that has no standard value: shown as it came, never dropped."""

    type: str
    id: str
    title: str
    value: str
    when: str
    details: str
    tags: tuple[Tag, ...]  # "Cancelled", "Preliminary", and how the laboratory itself judged it: "Critically high"
    reason: str  # why it was not understood; empty for what is no single value


def printed_observed(observed: Observed) -> str:
    """A value as received, with its unit as received."""
    value = observed.value
    if isinstance(value, tuple):
        return value[0].display or value[0].code
    if isinstance(value, bool | str):
        text = printed_value(value, measurement=None) if isinstance(value, bool) else value
    else:
        text = printed_number(float(value)) if observed.path.endswith("valueInteger") else str(value)
    return f"{text} {printed_unit(observed.unit)}".strip()


def as_received(patient_id: str, *, start: int = 0, size: int = PAGE, without: Collection[int] = ()) -> Page:
    """A page of the patient's observations without a standard value, newest first; what was entered in error is none.

    `without`: the rows of those that are shown elsewhere. Only these are opened; four questions.
    """
    understood = StandardValue.objects.filter(
        resource=OuterRef("pk"), is_current=True, fact=Fact.MEASUREMENT, not_standard=""
    )
    day = DateIndex.objects.filter(resource=OuterRef("pk"), parameter="date").values("low")[:1]
    rows = Resource.objects.filter(
        Q(type="Observation"), ~Exists(understood), ~in_error(), patient_id=patient_id, is_deleted=False
    ).exclude(pk__in=sorted(without))
    total = rows.count()
    start = min(start, max(total - 1, 0)) // size * size
    newest = rows.annotate(day=Subquery(day)).order_by(F("day").desc(nulls_last=True), "-pk")
    shown = list(newest.values_list("pk", flat=True)[start : start + size])
    records = of_rows(patient_id, shown)
    unknown = StandardValue.objects.filter(resource__in=shown, is_current=True).exclude(not_standard="")
    reasons = dict(unknown.order_by("-id").values_list("resource", "not_standard"))
    lines = [_line(records[pk], reason=reasons.get(pk, "")) for pk in shown if pk in records]
    return page_of(lines, start=start, total=total, size=size)


def _line(record: Record, *, reason: str) -> AsReceived:
    body = record.body
    parts = [body, *(part for part in body.get("component", ()) if isinstance(part, Mapping))]
    values = [
        f"{concept_text(part.get('code'))} {text}" if part is not body else text
        for part in parts
        if (text := value_text(part))
    ]
    notes = [str(note["text"]) for note in body.get("note", ()) if isinstance(note, Mapping) and note.get("text")]
    return AsReceived(
        type=record.type,
        id=record.id,
        title=concept_text(body.get("code")) or gettext("Not coded"),
        value=", ".join(values),
        when=when_text(start_of(body, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")),
        details=joined((code_text(body.get("code")), *_usual_there(body), *notes)),
        tags=tuple(_tags(body)),
        reason=reason,
    )


def _tags(body: Mapping[str, Any]) -> Iterator[Tag]:
    if word := _STATES.get(str(body.get("status", ""))):
        yield Tag(str(word))
    for concept in body.get("interpretation", ()):
        known = _JUDGED.get(first_code(concept))
        if known is not None:
            yield Tag(str(known[0]), known[1])


def _usual_there(body: Mapping[str, Any]) -> Iterator[str]:
    """The range that the laboratory itself calls usual."""
    for usual in body.get("referenceRange", ()):
        low, high = quantity_text(usual.get("low")), quantity_text(usual.get("high"))
        open_ended = gettext("up to %(amount)s") % {"amount": high} if high else low and f"≥ {low}"
        text = str(usual.get("text", "")) or (_range(usual) if low and high else open_ended)
        if text:
            yield gettext("usual there %(range)s") % {"range": text}


def value_text(part: Mapping[str, Any]) -> str:
    """Whatever value an Observation or a component states, of any of R4's types; else why there is none."""
    for name, content in part.items():
        if name.startswith("value"):
            reading = _VALUES.get(name)
            return reading(content) if reading is not None else str(content)
    return concept_text(part.get("dataAbsentReason"))


def _range(limits: Mapping[str, Any]) -> str:
    ends = (quantity_text(limits.get("low")), quantity_text(limits.get("high")))
    return " – ".join(end for end in ends if end)


def _ratio(ratio: Mapping[str, Any]) -> str:
    return " : ".join((quantity_text(ratio.get("numerator")), quantity_text(ratio.get("denominator"))))


_VALUES: Mapping[str, Callable[[Any], str]] = {
    "valueQuantity": quantity_text,
    "valueCodeableConcept": concept_text,
    "valueBoolean": lambda content: printed_value(bool(content), measurement=None),
    "valueRange": _range,
    "valueRatio": _ratio,
    "valuePeriod": period_text,
    "valueDateTime": when_text,
    "valueSampledData": lambda _content: gettext("a curve"),
}
