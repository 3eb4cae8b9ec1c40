"""What everybody who opens the chart should see at once: active flags, and what the patient has decided in advance."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.fhir_text import (
    codes_of,
    concept_text,
    first_code,
    joined,
    names_of,
    period_text,
    start_of,
)
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag, Tone
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import interval
from wardround.web.layout.dates import when_text

TYPES = ("Flag", "Consent")
# What is done to the patient, not what is told of them (R4, consentscope and consentcategorycodes).
_SCOPES = {"adr", "treatment"}
_CATEGORIES = {"acd", "dnr", "hcd", "polst"}
_CONSENTS = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
_GRAVE = {"safety", "advance-directive", "drug"}  # R4, flag-category


def standing(records: Collection[Record]) -> tuple[Statement, ...]:
    """Flags and directives that are in force now: directives first, then flags, the newest first."""
    now = timezone.now()
    found = [line for record in records if (line := _line(record, now=now)) is not None]
    found.sort(key=lambda line: line.sorted_by, reverse=True)
    return tuple(sorted(found, key=lambda line: line.type != "Consent"))


def _line(record: Record, *, now: datetime) -> Statement | None:
    body = record.body
    if body.get("status") != "active":
        return None
    return _flag(record, now=now) if record.type == "Flag" else _directive(record, now=now)


def _flag(record: Record, *, now: datetime) -> Statement | None:
    body = record.body
    if not _is_now(body.get("period"), now=now):
        return None
    kinds = list(body.get("category", ()))
    tone: Tone = "high" if {first_code(kind) for kind in kinds} & _GRAVE else "held"
    return Statement(
        type=record.type,
        id=record.id,
        title=concept_text(body.get("code")) or gettext("Flag"),
        sorted_by=start_of(body, "period"),
        details=joined((period_text(body.get("period")), names_of(body.get("author")))),
        tags=tuple(Tag(text, tone) for text in filter(None, map(concept_text, kinds))) or (Tag(gettext("Flag"), tone),),
    )


def _directive(record: Record, *, now: datetime) -> Statement | None:
    body = record.body
    provision = body.get("provision") or {}
    if not _is_directive(body) or not _is_now(provision.get("period"), now=now):
        return None
    words = [text for each in body.get("category", ()) if (text := concept_text(each))]
    advance = first_code(body.get("scope")) == "adr" or bool(_directive_codes(body))
    tag = Tag(gettext("Advance directive"), "high") if advance else Tag(gettext("Consent to treatment"), "low")
    said = [text for text in _provisions(provision) if text]
    return Statement(
        type=record.type,
        id=record.id,
        title=", ".join(words) or concept_text(body.get("scope")) or gettext("Consent"),
        sorted_by=start_of(body, "dateTime"),
        details=joined(
            (when_text(body.get("dateTime")), period_text(provision.get("period")), names_of(body.get("performer")))
        ),
        tags=(tag,),
        notes=tuple(said),
    )


def _is_directive(body: Mapping[str, Any]) -> bool:
    return first_code(body.get("scope")) in _SCOPES or bool(_directive_codes(body))


def _directive_codes(body: Mapping[str, Any]) -> set[str]:
    codes = {pair for category in body.get("category", ()) for pair in codes_of(category)}
    return {code for system, code in codes if system == _CONSENTS and code in _CATEGORIES}


_PROVISIONS = {"deny": gettext_lazy("refused: %(what)s"), "permit": gettext_lazy("agreed: %(what)s")}


def _provisions(provision: Mapping[str, Any]) -> Iterator[str]:
    """What is agreed to and what is refused, in words; a provision within one is an exception to it."""
    what = ", ".join(filter(None, (concept_text(each) for each in provision.get("code", ()))))
    if what and provision.get("type") in _PROVISIONS:
        yield str(_PROVISIONS[provision["type"]]) % {"what": what}
    elif what:
        yield what
    for inner in provision.get("provision", ()):
        yield from _provisions(inner)


def _is_now(period: Any, *, now: datetime) -> bool:
    """Is this period neither over nor still to come? One that nobody wrote down is open at both ends."""
    if not isinstance(period, Mapping):
        return True
    try:
        zone = timezone.get_current_timezone()
        starts = interval(str(period["start"]), zone=zone).low if period.get("start") else now
        ends = interval(str(period["end"]), zone=zone).high if period.get("end") else now
    except NotADate:
        return True
    return starts <= now <= ends
