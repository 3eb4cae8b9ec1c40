"""Problems: every Condition of the chart: those that are active, those that nobody has confirmed, and those that are over."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.fhir_text import code_text, concept_text, first_code, joined, notes_of, start_of
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag
from wardround.web.layout.dates import day_text

_PAST = {
    "inactive": gettext_lazy("Inactive"),
    "remission": gettext_lazy("In remission"),
    "resolved": gettext_lazy("Resolved"),
}
_ACTIVE = {"recurrence": gettext_lazy("Recurrence"), "relapse": gettext_lazy("Relapse")}
_VERIFICATIONS = {
    "unconfirmed": gettext_lazy("Suspected"),
    "provisional": gettext_lazy("Suspected"),
    "differential": gettext_lazy("Differential"),
    "refuted": gettext_lazy("Refuted"),
}
_SUSPECTED = frozenset({"unconfirmed", "provisional", "differential"})


def problem(record: Record) -> Statement | None:
    """One line of the list; nothing for what was entered in error."""
    body = record.body
    clinical, verification = first_code(body.get("clinicalStatus")), first_code(body.get("verificationStatus"))
    if verification == "entered-in-error":
        return None
    onset, over = start_of(body, "onsetDateTime", "onsetPeriod", "recordedDate"), _end(body)
    words = [_VERIFICATIONS.get(verification), _PAST.get(clinical) or _ACTIVE.get(clinical)]
    since = gettext("since %(start)s") % {"start": day_text(onset)} if onset else ""
    until = gettext("until %(end)s") % {"end": day_text(over)} if over else ""
    is_past = clinical in _PAST or verification == "refuted" or bool(over)
    severity = concept_text(body.get("severity"))
    return Statement(
        type=record.type,
        id=record.id,
        title=concept_text(body.get("code")) or gettext("Not coded"),
        sorted_by=onset,
        details=joined((code_text(body.get("code")), severity, " ".join(part for part in (since, until) if part))),
        tags=tuple(Tag(str(word)) for word in words if word),
        notes=notes_of(body),
        is_past=is_past,
        is_suspected=verification in _SUSPECTED and not is_past,
        has_happened=verification not in {*_SUSPECTED, "refuted"},
    )


def _end(body: dict[str, Any]) -> str:
    period = body.get("abatementPeriod")
    ended = period.get("end", "") if isinstance(period, dict) else ""
    return str(body.get("abatementDateTime") or ended)
