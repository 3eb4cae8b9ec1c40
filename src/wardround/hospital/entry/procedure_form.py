"""A procedure that was done, and a vaccination that was given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import (
    first_note,
    first_of,
    note_of,
    present,
    says_the_same,
    shown_date,
    typed_concept,
    words_of_concept,
)
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm, already
from wardround.hospital.records.actions.changing import Put

_STATES = (
    ("completed", _("Done")),
    ("in-progress", _("Under way")),
    ("stopped", _("Begun and stopped")),
    ("not-done", _("Not done")),
)


def _procedure_boxes(context: Context) -> tuple[Box, ...]:
    return (
        Box("code", _("Procedure"), "code", of="Procedure", is_required=True),
        Box("state", _("Status"), "choice", choices=_STATES, start="completed", is_required=True, is_half=True),
        Box("done", _("Day"), "date", is_required=True, is_half=True, hint=_("2011, 03-2011 or 14-Mar-2011")),
        Box("performer", _("Done by"), is_half=True, start=str(context.by)),
        Box("site", _("Body site"), is_half=True),
        Box("note", _("Note"), "text", most=2000, hint=_("If it was not done: why.")),
    )


def _procedure(reading: Reading, context: Context) -> list[Put]:
    state = reading.choice("state", missing=gettext("Say whether it was done."))
    done = reading.date(
        "done", missing="" if state == "not-done" else gettext("Say when it was done; a year is enough.")
    )
    note = reading.line("note", missing=gettext("Say why it was not done.") if state == "not-done" else "")
    body = {
        "resourceType": "Procedure",
        "status": state,
        "statusReason": {"text": note[:200]} if state == "not-done" and note else {},
        "code": reading.concept("code", missing=gettext("Write which procedure it is."), is_free=True),
        "subject": context.subject,
        "performedDateTime": done,
        "recorder": context.author,
        "performer": [{"actor": {"display": who}}] if (who := reading.line("performer")) else [],
        "bodySite": [{"text": site}] if (site := reading.line("site")) else [],
        "note": note_of(note, author=context.by.username, time=context.written_at),
    }
    return [Put(present(body), activity="create")]


def _procedure_cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    day = resources[0].get("performedDateTime")
    for record in context.records("Procedure"):
        if record.body.get("status") in {"entered-in-error", "not-done"} or not day:
            continue
        period = record.body.get("performedPeriod") or {}
        then = shown_date(record.body.get("performedDateTime") or period.get("start"))
        if then == day and says_the_same(record.body.get("code"), resources[0]["code"]):
            yield Caution("code", already(record, words_of_concept(record.body.get("code"))))


def _typed_of_procedure(body: Mapping[str, Any]) -> dict[str, str]:
    performer = first_of(body.get("performer", ()))
    return {
        **typed_concept(body.get("code"), name="code"),
        "state": str(body.get("status", "")),
        "done": shown_date(body.get("performedDateTime") or (body.get("performedPeriod") or {}).get("start")),
        "performer": str((performer.get("actor") or {}).get("display", "")),
        "site": words_of_concept(first_of(body.get("bodySite", ()))),
        "note": first_note(body),
    }


def _vaccination_boxes(_context: Context) -> tuple[Box, ...]:
    return (
        Box("vaccine", _("Vaccine"), "code", of="Immunization", is_required=True),
        Box("given", _("Day"), "date", is_required=True, is_half=True, hint=_("2011, 03-2011 or 14-Mar-2011")),
        Box("dose", _("Dose number"), is_half=True, most=10),
        Box("lot", _("Lot number"), is_half=True, most=40),
        Box("source", _("How it is known"), "choice", is_half=True, start="seen",
            choices=(("seen", _("Given here or seen in a record")), ("told", _("The patient says so")))),
        Box("note", _("Note"), "text", most=2000),
    )  # fmt: skip


def _vaccination(reading: Reading, context: Context) -> list[Put]:
    dose = reading.line("dose")
    if dose and not (dose.isascii() and dose.isdigit() and int(dose) > 0):
        reading.refuse("dose", gettext("This is not a number. Write 1 for the first dose."))
        dose = ""
    body = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": reading.concept("vaccine", missing=gettext("Write which vaccine it is."), is_free=True),
        "patient": context.subject,
        "occurrenceDateTime": reading.date("given", missing=gettext("Say when it was given; a year is enough.")),
        "recorded": context.today,
        "primarySource": reading.choice("source") != "told",
        "lotNumber": reading.line("lot"),
        "note": note_of(reading.line("note"), author=context.by.username, time=context.written_at),
        "protocolApplied": [{"doseNumberPositiveInt": int(dose)}] if dose else [],
    }
    return [Put(present(body), activity="create")]


def _vaccination_cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    for record in context.records("Immunization"):
        is_same_day = shown_date(record.body.get("occurrenceDateTime")) == resources[0].get("occurrenceDateTime")
        is_same = says_the_same(record.body.get("vaccineCode"), resources[0]["vaccineCode"])
        if record.body.get("status") == "completed" and is_same_day and is_same:
            yield Caution("vaccine", already(record, words_of_concept(record.body.get("vaccineCode"))))


def _typed_of_vaccination(body: Mapping[str, Any]) -> dict[str, str]:
    applied = first_of(body.get("protocolApplied", ()))
    return {
        **typed_concept(body.get("vaccineCode"), name="vaccine"),
        "given": shown_date(body.get("occurrenceDateTime")),
        "dose": str(applied.get("doseNumberPositiveInt", "")),
        "lot": str(body.get("lotNumber", "")),
        "source": "told" if body.get("primarySource") is False else "seen",
        "note": first_note(body),
    }


PROCEDURE = StatementForm(
    name="procedure",
    type="Procedure",
    title=_("Add a procedure"),
    save_title=_("Save procedure"),
    boxes=_procedure_boxes,
    written=_procedure,
    places={"code": "code", "performed": "done", "status": "state"},
    list_route="chart-procedures",
    cautions=_procedure_cautions,
    typed_of=_typed_of_procedure,
)
VACCINATION = StatementForm(
    name="immunization",
    type="Immunization",
    title=_("Add a vaccination"),
    save_title=_("Save vaccination"),
    boxes=_vaccination_boxes,
    written=_vaccination,
    places={"vaccineCode": "vaccine", "occurrence": "given"},
    list_route="chart-immunizations",
    cautions=_vaccination_cautions,
    typed_of=_typed_of_vaccination,
)
