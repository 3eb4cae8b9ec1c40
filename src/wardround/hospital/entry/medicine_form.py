"""A medicine that the patient takes, as a MedicationStatement: it says what is taken, and orders nothing.

An order (MedicationRequest) has a prescriber, a pharmacy and a law behind it; this form does not pretend to be one.
"""

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

UCUM = "http://unitsofmeasure.org"
_STATES = (
    ("active", _("Takes it")),
    ("on-hold", _("On hold")),
    ("stopped", _("Stopped")),
    ("completed", _("Completed")),
)
_ENDED = frozenset({"stopped", "completed"})
# UCUM codes with what people write; micrograms are never shortened (NHS CUI, medicines).
_UNITS = (
    ("", "–"),
    ("mg", "mg"),
    ("g", "g"),
    ("ug", _("micrograms")),
    ("mL", "mL"),
    ("[IU]", _("units")),
    ("{tablet}", _("tablets")),
    ("{puff}", _("puffs")),
    ("{drop}", _("drops")),
    ("mmol", "mmol"),
)
_ROUTES = (
    ("", "–"),
    ("oral", _("oral")),
    ("intravenous", _("intravenous")),
    ("subcutaneous", _("subcutaneous")),
    ("intramuscular", _("intramuscular")),
    ("inhaled", _("inhaled")),
    ("sublingual", _("sublingual")),
    ("rectal", _("rectal")),
    ("topical", _("topical")),
    ("transdermal", _("transdermal")),
    ("eye", _("into the eye")),
    ("ear", _("into the ear")),
    ("nasal", _("nasal")),
)
# frequency, period and its unit, as R4's Timing.repeat has them
_FREQUENCIES: dict[str, tuple[Any, tuple[int, int, str] | None]] = {
    "": ("–", None),
    "1d": (_("once a day"), (1, 1, "d")),
    "2d": (_("twice a day"), (2, 1, "d")),
    "3d": (_("three times a day"), (3, 1, "d")),
    "4d": (_("four times a day"), (4, 1, "d")),
    "4h": (_("every 4 hours"), (1, 4, "h")),
    "6h": (_("every 6 hours"), (1, 6, "h")),
    "8h": (_("every 8 hours"), (1, 8, "h")),
    "12h": (_("every 12 hours"), (1, 12, "h")),
    "2dd": (_("every second day"), (1, 2, "d")),
    "1wk": (_("once a week"), (1, 1, "wk")),
    "needed": (_("when needed"), None),
    "other": (_("as written below"), None),
}


def _boxes(_context: Context) -> tuple[Box, ...]:
    return (
        Box("medicine", _("Medicine"), "code", of="MedicationStatement", is_required=True,
            hint=_("The generic name and its form: “metformin tablet”.")),
        Box("dose", _("Dose"), is_half=True, most=20),
        Box("unit", _("Unit"), "choice", choices=_UNITS, is_half=True),
        Box("route", _("Route"), "choice", choices=_ROUTES, is_half=True),
        Box("often", _("How often"), "choice", is_half=True,
            choices=tuple((key, words) for key, (words, _t) in _FREQUENCIES.items())),
        Box("instruction", _("Instruction"), hint=_("In words: “with food”, “up to 4 times a day”.")),
        Box("state", _("Status"), "choice", choices=_STATES, start="active", is_required=True, is_half=True),
        Box("why_state", _("Why on hold or stopped"), is_half=True),
        Box("start", _("Since"), "date", is_half=True, hint=_("2011, 03-2011 or 14-Mar-2011")),
        Box("end", _("Until"), "date", is_half=True, hint=_("Empty while it goes on")),
        Box("note", _("Note"), "text", most=2000),
    )  # fmt: skip


def _written(reading: Reading, context: Context) -> list[Put]:
    medicine = reading.concept("medicine", missing=gettext("Write which medicine it is."), is_free=True)
    state = reading.choice("state", missing=gettext("Say whether it is taken now."))
    start, end = reading.date("start"), reading.date("end")
    if end and state == "active" and end < context.today[: len(end)]:
        reading.refuse("state", gettext("It has ended, so it is stopped or completed; or empty “Until”."))
    if state == "on-hold" and not reading.line("why_state"):
        reading.refuse("why_state", gettext("Say why it is on hold."))
    body = {
        "resourceType": "MedicationStatement",
        "status": state,
        "statusReason": [{"text": why}] if (why := reading.line("why_state")) else [],
        "medicationCodeableConcept": medicine,
        "subject": context.subject,
        "effectivePeriod": present({"start": start, "end": end}),
        "dateAsserted": context.today,
        "informationSource": context.author,
        "note": note_of(reading.line("note"), author=context.by.username, time=context.written_at),
        "dosage": [dosage] if (dosage := _dosage(reading)) else [],
    }
    return [Put(present(body), activity="create")]


def _dosage(reading: Reading) -> dict[str, Any]:
    dose, unit = reading.number("dose"), reading.choice("unit")
    route, often, words = reading.choice("route"), reading.choice("often"), reading.line("instruction")
    if dose is not None and not unit:
        reading.refuse("unit", gettext("Choose the unit of the dose."))
    if unit and dose is None:
        reading.refuse("dose", gettext("Write how much, or take the unit away."))
    if often == "other" and not words:
        reading.refuse("instruction", gettext("Write how it is taken."))
    title, repeat = _FREQUENCIES.get(often, ("", None))
    said = [str(title)] if often not in {"", "other"} else []
    timing = {"repeat": dict(zip(("frequency", "period", "periodUnit"), repeat, strict=True))} if repeat else {}
    shown = str(dict(_UNITS).get(unit, unit))
    quantity = {"value": dose, "unit": shown, "system": UCUM, "code": unit} if dose is not None and unit else {}
    return present(
        {
            "text": ", ".join([*said, *([words] if words else [])]),
            "timing": timing,
            "asNeededBoolean": True if often == "needed" else None,
            "route": {"text": route} if route else {},
            "doseAndRate": [{"doseQuantity": quantity}] if quantity else [],
        }
    )


def _cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    if resources[0]["status"] in _ENDED:
        return
    for record in context.records("MedicationStatement", "MedicationRequest"):
        is_open = record.body.get("status") in {"active", "on-hold", "intended"}
        if is_open and says_the_same(_drug(record.body), resources[0]["medicationCodeableConcept"]):
            yield Caution("medicine", already(record, words_of_concept(_drug(record.body))))
    yield from _allergic(resources[0], context)


def _allergic(resource: Mapping[str, Any], context: Context) -> Iterator[Caution]:
    """The patient is recorded as allergic to this very substance. What belongs to its class, nobody here knows."""
    medicine = words_of_concept(resource["medicationCodeableConcept"]).casefold()
    for record in context.records("AllergyIntolerance"):
        states = set(_states(record.body))
        substance = words_of_concept(record.body.get("code")).casefold()
        if substance and substance in medicine and not states & {"resolved", "inactive", "refuted", "entered-in-error"}:
            said = gettext("The patient is recorded as allergic to this: %(what)s.")
            yield Caution("medicine", said % {"what": words_of_concept(record.body.get("code"))}, kind="allergy")


def _states(body: Mapping[str, Any]) -> Iterator[str]:
    for name in ("clinicalStatus", "verificationStatus"):
        yield from (str(coding.get("code", "")) for coding in (body.get(name) or {}).get("coding", ()))


def _drug(body: Mapping[str, Any]) -> Any:
    return body.get("medicationCodeableConcept") or {"text": (body.get("medicationReference") or {}).get("display", "")}


def _typed_of(body: Mapping[str, Any]) -> dict[str, str]:
    dosage = first_of(body.get("dosage", ()))
    rate = first_of(dosage.get("doseAndRate", ()))
    quantity = rate.get("doseQuantity", {})
    repeat = (dosage.get("timing") or {}).get("repeat", {})
    told = tuple(repeat.get(name) for name in ("frequency", "period", "periodUnit"))
    often = next((key for key, (_w, known) in _FREQUENCIES.items() if known and known == told), "")
    often = "needed" if dosage.get("asNeededBoolean") and not often else often
    words = str(dosage.get("text", ""))
    known_words = str(_FREQUENCIES[often][0]) if often else ""
    instruction = words.removeprefix(known_words).removeprefix(", ") if often else words
    period = body.get("effectivePeriod", {})
    return {
        **typed_concept(_drug(body), name="medicine"),
        "dose": str(getattr(quantity.get("value"), "text", quantity.get("value", "")) or ""),
        "unit": str(quantity.get("code", "")),
        "route": words_of_concept(dosage.get("route")),
        "often": often or ("other" if instruction else ""),
        "instruction": instruction,
        "state": str(body.get("status", "")),
        "why_state": words_of_concept(first_of(body.get("statusReason", ()))),
        "start": shown_date(period.get("start") or body.get("effectiveDateTime")),
        "end": shown_date(period.get("end")),
        "note": first_note(body),
    }


MEDICINE = StatementForm(
    name="medicine",
    type="MedicationStatement",
    title=_("Add a medicine"),
    save_title=_("Save medicine"),
    intro=_("What the patient takes. It orders and dispenses nothing."),
    boxes=_boxes,
    written=_written,
    places={"medication": "medicine", "effectivePeriod.end": "end", "effective": "start", "status": "state"},
    list_route="chart-medicines",
    cautions=_cautions,
    typed_of=_typed_of,
)
