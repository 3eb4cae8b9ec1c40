"""Procedures and vaccinations: what was done to the patient, when, by whom, and what was not done and why."""

from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.fhir_text import (
    code_text,
    concept_text,
    joined,
    names_of,
    notes_of,
    period_text,
    start_of,
)
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag
from wardround.web.layout.dates import when_text

_STATES = {
    "preparation": gettext_lazy("Planned"),
    "in-progress": gettext_lazy("In progress"),
    "not-done": gettext_lazy("Not done"),
    "on-hold": gettext_lazy("On hold"),
    "stopped": gettext_lazy("Stopped"),
}


def procedure(record: Record) -> Statement | None:
    """One line of the list; nothing for what was entered in error."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    when = when_text(body.get("performedDateTime")) or period_text(body.get("performedPeriod"))
    people = names_of([one.get("actor") for one in body.get("performer", ()) if isinstance(one, dict)])
    reasons = ", ".join(filter(None, (concept_text(reason) for reason in body.get("reasonCode", ()))))
    return Statement(
        type=record.type,
        id=record.id,
        title=concept_text(body.get("code")) or gettext("Not coded"),
        sorted_by=start_of(body, "performedDateTime", "performedPeriod"),
        details=joined((when, code_text(body.get("code")), people, concept_text(body.get("statusReason")), reasons)),
        tags=(Tag(str(_STATES[state])),) if state in _STATES else (),
        notes=notes_of(body),
        has_happened=state not in {"preparation", "not-done"},
    )


def immunization(record: Record) -> Statement | None:
    """One vaccination; nothing for what was entered in error."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    lot = gettext("lot %(number)s") % {"number": body["lotNumber"]} if body.get("lotNumber") else ""
    doses = [
        part.get("doseNumberPositiveInt") or part.get("doseNumberString") for part in body.get("protocolApplied", ())
    ]
    dose = ", ".join(gettext("dose %(number)s") % {"number": number} for number in doses if number)
    reason = concept_text(body.get("statusReason"))
    return Statement(
        type=record.type,
        id=record.id,
        title=concept_text(body.get("vaccineCode")) or gettext("Not coded"),
        sorted_by=start_of(body, "occurrenceDateTime", "recorded"),
        details=joined(
            (
                when_text(body.get("occurrenceDateTime")) or str(body.get("occurrenceString", "")),
                code_text(body.get("vaccineCode")),
                dose,
                lot,
                concept_text(body.get("site")),
                reason,
            )
        ),
        tags=(Tag(gettext("Not given")),) if state == "not-done" else (),
        notes=notes_of(body),
    )
