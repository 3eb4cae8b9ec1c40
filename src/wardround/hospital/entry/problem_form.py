"""A problem: a Condition of the problem list.

Who may say what: a nurse records what is suspected or what the patient reports; that a diagnosis is confirmed, or that it is
refuted, is said under a doctor's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import (
    code_in,
    first_note,
    note_of,
    present,
    says_the_same,
    shown_date,
    status,
    typed_concept,
    words_of_concept,
)
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm, already
from wardround.hospital.records.access import may
from wardround.hospital.records.actions.changing import Put

_OVER = frozenset({"inactive", "remission", "resolved"})
_CLINICAL = (
    ("active", _("Active")),
    ("recurrence", _("Active again (recurrence)")),
    ("remission", _("In remission")),
    ("resolved", _("Resolved")),
)
_OPEN_TO_ALL = (("provisional", _("Suspected")), ("unconfirmed", _("Reported, not confirmed")))
_OF_DOCTORS = (("confirmed", _("Confirmed")), ("differential", _("One of several possible")), ("refuted", _("Refuted")))


def _boxes(context: Context) -> tuple[Box, ...]:
    is_doctor = may(context.by, "judge")
    return (
        Box("code", _("Diagnosis or problem"), "code", of="Condition", is_required=True,
            hint=_("A name, an abbreviation or a code: “heart attack”, “COPD”, “I10”.")),
        Box("verification", _("How sure is it?"), "choice", is_required=True, is_half=True,
            choices=(*_OPEN_TO_ALL, *(_OF_DOCTORS if is_doctor else ())), start="provisional",
            hint="" if is_doctor else _("“Confirmed” is said by a doctor.")),
        Box("clinical", _("Status"), "choice", choices=_CLINICAL, start="active", is_required=True, is_half=True),
        Box("onset", _("Since"), "date", is_half=True, hint=_("2011, 03-2011 or 14-Mar-2011; empty if not known")),
        Box("abatement", _("Until"), "date", is_half=True, hint=_("Only if it is over")),
        Box("note", _("Note"), "text", most=2000),
    )  # fmt: skip


def _written(reading: Reading, context: Context) -> list[Put]:
    code = reading.concept("code", missing=gettext("Write what the problem is."))
    verification = reading.choice("verification", missing=gettext("Say how sure it is."))
    clinical = reading.choice("clinical", missing=gettext("Say whether it is active."))
    onset, abatement = reading.date("onset"), reading.date("abatement")
    if abatement and clinical not in _OVER:
        reading.refuse("clinical", gettext("It has an end, so it is resolved or in remission; or empty “Until”."))
    body = {
        "resourceType": "Condition",
        # A refuted problem has no clinical status that means anything (FHIR R4, Condition).
        "clinicalStatus": status("condition-clinical", clinical) if verification != "refuted" else None,
        "verificationStatus": status("condition-ver-status", verification),
        "category": [status("condition-category", "problem-list-item")],
        "code": code,
        "subject": context.subject,
        "onsetDateTime": onset,
        "abatementDateTime": abatement if verification != "refuted" else "",
        "recordedDate": context.today,
        "recorder": context.author,
        "note": note_of(reading.line("note"), author=context.by.username, time=context.written_at),
    }
    return [Put(present(body), activity="create")]


def _cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    for record in context.records("Condition"):
        is_open = code_in(record.body.get("clinicalStatus")) not in _OVER
        is_true = code_in(record.body.get("verificationStatus")) not in {"entered-in-error", "refuted"}
        if is_open and is_true and says_the_same(record.body.get("code"), resources[0]["code"]):
            yield Caution("code", already(record, words_of_concept(record.body.get("code"))))


def _typed_of(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        **typed_concept(body.get("code"), name="code"),
        "verification": code_in(body.get("verificationStatus")),
        "clinical": code_in(body.get("clinicalStatus")),
        "onset": shown_date(body.get("onsetDateTime")),
        "abatement": shown_date(body.get("abatementDateTime")),
        "note": first_note(body),
    }


PROBLEM = StatementForm(
    name="problem",
    type="Condition",
    title=_("Add a problem"),
    save_title=_("Save problem"),
    boxes=_boxes,
    written=_written,
    places={"code": "code", "onset": "onset", "abatement": "abatement", "clinicalStatus": "clinical"},
    list_route="chart-problems",
    cautions=_cautions,
    typed_of=_typed_of,
)
