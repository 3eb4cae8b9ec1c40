"""Correction: what stands, what would be right, and why. A new version is written; nothing is overwritten.

Only what was changed is changed: an element that the form shows and nobody touched stays as it was received, and so does
everything that the form does not show. A record that should not be there is marked entered-in-error, with a reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from wardround.hospital.entry.allergy_form import ALLERGY
from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import code_in, words_of_concept
from wardround.hospital.entry.medicine_form import MEDICINE
from wardround.hospital.entry.note_form import NOTE
from wardround.hospital.entry.person_form import person_form
from wardround.hospital.entry.present_records import PresentRecord, present_records
from wardround.hospital.entry.problem_form import PROBLEM
from wardround.hospital.entry.procedure_form import PROCEDURE, VACCINATION
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Context, JudgedStatement, StatementForm, Typed, judged
from wardround.hospital.entry.stay_correction import stay_form, stay_title
from wardround.hospital.entry.value_correction import measured, value_form
from wardround.hospital.records.access import Patient
from wardround.hospital.records.actions.amending import amended
from wardround.hospital.records.actions.changing import Precondition, Put, one_change
from wardround.hospital.records.actions.record_decisions import as_error
from wardround.hospital.records.actions.stating import state
from wardround.hospital.records.actions.writing import Stored
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.errors import NotDecidable, NotHere
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.interchange.fhir.json import loads
from wardround.web.layout.dates import when_text
from wardround.web.layout.fhir_words import title_of_kind

_FORMS = {form.type: form for form in (PROBLEM, MEDICINE, ALLERGY, PROCEDURE, VACCINATION, NOTE)}
# Forms that are made of the record itself, and write its next version whole.
_OWN_FORMS: Mapping[str, Callable[[PresentRecord], StatementForm | None]] = {
    "Encounter": stay_form,
    "Observation": value_form,
    "Patient": person_form,
}
# Who wrote it down, when, and about whom: a correction has its own.
_NOT_CORRECTED = frozenset(
    {"resourceType", "subject", "patient", "recordedDate", "recorder", "dateAsserted", "informationSource", "recorded"}
    | {"note", "date", "author"}
)
_SHOWN_VERSIONS = 20


@dataclass(frozen=True)
class EarlierVersion:
    """What a version said, who wrote it, when and why."""

    text: str
    who: str
    when: datetime
    why: str
    is_present: bool


def record_of_chart(patient: Patient, *, type_name: str, logical_id: str) -> PresentRecord:
    """Raises `NotHere` for what is not in this chart."""
    found = (r for r in present_records(patient, types=[type_name]) if r.id == logical_id)
    record = next(found, None)
    if record is None or (record.type == "Patient" and record.id != patient.id):  # a retired record is no person's own
        raise NotHere("There is no such record in this chart.")
    return record


def correction_form(record: PresentRecord, context: Context) -> StatementForm | None:
    """The form with the boxes of this record; None for a type that is only marked as an error."""
    own = _OWN_FORMS.get(record.type)
    form = own(record) if own is not None else _FORMS.get(record.type)
    if form is None or form.typed_of is None or is_error(record.body):
        return None
    stands = form.typed_of(record.body)
    boxes = tuple(_with_present(box, stands) for box in form.boxes(context) if box.name != "note")
    return replace(form, boxes=lambda _context: boxes, save_title=gettext("Save the correction"))


def judged_correction(form: StatementForm, record: PresentRecord, *, typed: Typed, context: Context) -> JudgedStatement:
    """What was typed, laid over what stands, and judged as its next version."""
    stands = form.typed_of(record.body) if form.typed_of is not None else {}
    note = {"note": stands.get("note", "")}
    laid_over = replace(form, written=lambda reading, ctx: _laid_over(form, record, reading, ctx, stands=stands))
    row = Resource.objects.get(pk=record.row)
    entered = judged(laid_over, typed={**typed, **note}, context=context, replaced={0: row}, stands=stands)
    problems = dict(entered.problems)
    for caution in entered.cautions:
        if caution.kind == "impossible":
            problems.setdefault(caution.box, caution.sentence)
    if not problems and entered.puts and _bare(entered.puts[0].resource) == _bare(record.body):
        problems[""] = gettext("Nothing is changed. Correct what is wrong, or cancel.")
    if not entered.reason:
        problems["why"] = gettext("Say why it is corrected.")
    boxes = tuple(
        replace(s, problem=problems.get(s.name, ""), warnings=() if problems else s.warnings) for s in entered.boxes
    )
    return replace(entered, boxes=boxes, problems=problems, is_vouched_for=entered.is_vouched_for)


def as_correction(entered: JudgedStatement, record: PresentRecord, *, context: Context) -> JudgedStatement:
    """The same, as the next version of the record, under its own activity and with the reason."""
    first, *others = entered.puts
    body = amended(first.resource, actor=context.patient.actor, reason=entered.reason, now=context.now)
    body["id"] = record.id
    only_if = Precondition(version=record.version)
    return replace(entered, puts=(Put(body, activity="correct", only_if=only_if, reason=entered.reason), *others))


def withdraw(record: PresentRecord, *, version: int, reason: str, context: Context) -> list[Stored]:
    """Mark the record entered-in-error, in a new version. Raises `NotDecidable` and `VersionConflict`."""
    if not reason.strip():
        raise NotDecidable(gettext("Say why it is an error, for example: entered for another patient."))
    body = as_error(amended(record.body, actor=context.patient.actor, reason=reason, now=context.now))
    put = Put(body, activity="withdraw", only_if=Precondition(version=version), reason=reason[:500])
    with one_change(context.patient.actor):
        return state([put], patient=context.patient)


def versions_of(record: PresentRecord, *, form: StatementForm | None) -> list[EarlierVersion]:
    """What was said before, oldest first; the last is what stands."""
    rows = ResourceVersion.objects.filter(resource=record.row).exclude(body=b"").order_by("-number")
    versions = list(rows.select_related("resource__data_key", "provenance")[:_SHOWN_VERSIONS])
    return [
        EarlierVersion(
            text=_in_words(loads(open_bodies([v])[v.resource_id]), form=form),
            who=v.provenance.agent_name,
            when=v.recorded,
            why=v.provenance.reason,
            is_present=v.number == record.version,
        )
        for v in reversed(versions)
    ]


def is_error(body: Mapping[str, Any]) -> bool:
    return "entered-in-error" in (body.get("status"), code_in(body.get("verificationStatus")))


def can_be_withdrawn(record: PresentRecord) -> bool:
    """May it be said that it should not be here? Of a person nobody can: two records of one are merged instead."""
    return record.type != "Patient" and not is_error(record.body)


def how_sure(body: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({code_in(body.get("verificationStatus"))} - {""})


def title_of(record: PresentRecord) -> str:
    """What the record is called."""
    body = record.body
    if record.type == "Patient":
        return gettext("Personal details")
    if record.type == "Encounter":
        return stay_title(body)
    if record.type == "Observation":
        return words_of_concept(measured(body)) or title_of_kind(record.type)
    named = body.get("code") or body.get("medicationCodeableConcept") or body.get("vaccineCode") or body.get("type")
    return words_of_concept(named[0] if isinstance(named, list) and named else named) or title_of_kind(record.type)


def _in_words(body: dict[str, Any], *, form: StatementForm | None) -> str:
    if is_error(body):
        return gettext("Entered in error")
    if form is None or form.typed_of is None:
        return ""
    typed = form.typed_of(body)
    words: list[str] = []
    for box in form.boxes(_NOBODY):
        value = typed.get(f"{box.name}_text" if box.kind == "code" else box.name, "")
        if box.kind == "date":
            value = when_text(value) or value
        if box.kind == "moment":
            day, clock = typed.get(f"{box.name}_date", ""), typed.get(f"{box.name}_time", "")
            value = " ".join(filter(None, (when_text(day) or day, clock)))
        if box.kind == "choice":
            value = str(dict(box.choices).get(value, value)) if value else ""
        if box.name.startswith("unit") and value and words:
            words[-1] += f" {value}"
        elif value and value != "–":
            words.append(value if len(value) < 120 else f"{value[:120]}…")
    return " · ".join(words)


_NOBODY: Any = None  # the boxes of a correction are made already, and ask nobody


def _with_present(box: Box, stands: Typed) -> Box:
    """A choice that the record has made can be kept, also by somebody to whom it is not offered."""
    value = stands.get(box.name, "")
    if box.kind != "choice" or any(value == offered for offered, _words in box.choices):
        return box
    return replace(box, choices=((value, value or "–"), *box.choices))


def _laid_over(
    form: StatementForm, record: PresentRecord, reading: Reading, context: Context, *, stands: Typed
) -> list[Put]:
    puts = form.written(reading, context)
    if record.type in _OWN_FORMS:
        return puts
    before = form.written(Reading(stands, boxes=form.boxes(context), stands=stands), context)[0].resource
    new, *others = puts
    body = dict(record.body)
    for name in {*before, *new.resource} - _NOT_CORRECTED:
        if before.get(name) == new.resource.get(name):
            continue
        for kind in _choices_of(name, body):
            body.pop(kind, None)
        if name in new.resource:
            body[name] = new.resource[name]
    return [replace(new, resource=body, activity="update"), *others]


def _choices_of(name: str, body: Mapping[str, Any]) -> list[str]:
    """An element that can be of several types has only one of them (onsetDateTime instead of onsetPeriod)."""
    stem = next(
        (s for s in ("onset", "abatement", "performed", "effective", "medication", "occurrence") if name.startswith(s)),
        "",
    )
    return [key for key in body if key == name or (stem and key.startswith(stem))]


def _bare(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in body.items() if name not in {"meta", "id", "text"}}
