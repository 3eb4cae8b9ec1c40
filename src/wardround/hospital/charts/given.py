"""Doses given and medicines handed out: what was done with a prescription, newest first, in pages."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.dosage import dose_of, instruction_of
from wardround.hospital.charts.drugs import Stored, drug_of, stored_drugs
from wardround.hospital.charts.fhir_text import (
    concept_text,
    joined,
    names_of,
    notes_of,
    period_text,
    quantity_text,
    start_of,
)
from wardround.hospital.charts.medicines import Medicine, drug_names
from wardround.hospital.charts.opened import Record, newest
from wardround.hospital.charts.statement import Tag, Tone
from wardround.web.layout.dates import when_text
from wardround.web.paging import Page, page_of

TYPES = ("MedicationAdministration", "MedicationDispense")
PAGE = 25
_STATES: dict[str, tuple[Promise, Tone]] = {
    "not-done": (gettext_lazy("Not given"), "held"),
    "declined": (gettext_lazy("Not handed out"), "held"),
    "stopped": (gettext_lazy("Stopped"), "plain"),
    "cancelled": (gettext_lazy("Cancelled"), "plain"),
    "on-hold": (gettext_lazy("On hold"), "low"),
    "in-progress": (gettext_lazy("In progress"), "low"),
    "preparation": (gettext_lazy("In preparation"), "plain"),
}


def given(patient_id: str, *, start: int = 0, size: int = PAGE) -> Page:
    """A page of what was given and handed out; only its records are opened."""
    records, start, total = newest(patient_id, TYPES, start=start, size=size)
    stored = stored_drugs(records)
    lines = [line for record in records if (line := one_given(record, stored=stored)) is not None]
    return page_of(lines, start=start, total=total, size=size)


def one_given(record: Record, *, stored: Stored) -> Medicine | None:
    """One dose, or one package; nothing for what was entered in error."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    is_dispense = record.type == "MedicationDispense"
    drug = drug_of(body, stored=stored)
    generic, brand = drug_names(drug.concept)
    dosage = _dosage(body)
    found = _STATES.get(state)
    words = [Tag(gettext("Handed out"))] if is_dispense and found is None else []
    dose, instruction = dose_of(dosage), instruction_of(dosage)
    return Medicine(
        type=record.type,
        id=record.id,
        title=generic or gettext("Medicine not known"),
        sorted_by=start_of(body, "effectiveDateTime", "effectivePeriod", "whenHandedOver", "whenPrepared"),
        details=joined((_when(body), _amount(body), concept_text(body.get("category")), _why(body), _people(body))),
        tags=(Tag(str(found[0]), found[1]),) if found else tuple(words),
        notes=notes_of(body),
        is_medicine=True,
        brand=brand,
        form=drug.form,
        dose=dose,
        route=concept_text(dosage.get("route")).lower(),
        instruction=instruction if instruction != dose else "",
    )


def _dosage(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An administration has one; of a dispense it is the first of its instructions."""
    own = body.get("dosage")
    if isinstance(own, Mapping):
        return own
    return next((one for one in body.get("dosageInstruction", ()) if isinstance(one, Mapping)), {})


def _when(body: Mapping[str, Any]) -> str:
    for name in ("effectiveDateTime", "whenHandedOver", "whenPrepared"):
        if text := when_text(body.get(name)):
            return text
    return period_text(body.get("effectivePeriod"))


def _amount(body: Mapping[str, Any]) -> str:
    amount, days = quantity_text(body.get("quantity")), quantity_text(body.get("daysSupply"))
    return gettext("%(amount)s for %(time)s") % {"amount": amount, "time": days} if amount and days else amount or days


def _why(body: Mapping[str, Any]) -> str:
    why = body.get("statusReason") or ()
    found = [*([why] if isinstance(why, Mapping) else why), body.get("statusReasonCodeableConcept")]
    return ", ".join(filter(None, (concept_text(each) for each in [*found, *body.get("reasonCode", ())])))


def _people(body: Mapping[str, Any]) -> str:
    return names_of([one.get("actor") for one in body.get("performer", ()) if isinstance(one, Mapping)])
