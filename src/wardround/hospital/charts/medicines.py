"""Medicines by the display rules of the NHS Common User Interface (MEDi-001 to 025).

Generic names are lower-case and bold, brand names upper-case; the dose is bold behind the label DOSE; parts are joined by em
dashes; a number has a leading and no trailing zero and commas in thousands; nothing is shortened, "micrograms" least of all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from wardround.hospital.charts.fhir_text import (
    concept_text,
    day_text,
    is_from,
    joined,
    names_of,
    notes_of,
    start_of,
)
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag
from wardround.web.layout.printed import printed_unit

TYPES = ("MedicationRequest", "MedicationStatement")
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# RxNorm writes a brand in square brackets behind the generic name, and units in capitals (its documentation, "SBD").
_BRAND = re.compile(r"\s*\[([^\]]+)\]\s*$")
_UNITS = {"MG": "mg", "ML": "mL", "MCG": "micrograms", "HR": "hour", "MEQ": "mEq", "UNT": "units", "ACTUAT": "dose"}
_DOSE_UNITS = {"ug": "micrograms", "mcg": "micrograms", "µg": "micrograms", "ng": "nanograms", "[IU]": "units"}
_CAPITALISED = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z]+)*")
_PAST = {"stopped", "completed", "cancelled", "not-taken", "ended"}
_STATES = {
    "on-hold": (gettext_lazy("On hold"), "low"),
    "stopped": (gettext_lazy("Stopped"), "plain"),
    "completed": (gettext_lazy("Completed"), "plain"),
    "cancelled": (gettext_lazy("Cancelled"), "plain"),
    "not-taken": (gettext_lazy("Not taken"), "held"),
    "draft": (gettext_lazy("Draft"), "held"),
    "intended": (gettext_lazy("Intended"), "plain"),
}
# UCUM's units of time, as R4 binds Timing.repeat.periodUnit.
_EVERY = {
    "h": gettext_lazy("every %(count)s hours"),
    "d": gettext_lazy("every %(count)s days"),
    "wk": gettext_lazy("every %(count)s weeks"),
    "mo": gettext_lazy("every %(count)s months"),
}
_A = {
    "h": gettext_lazy("an hour"),
    "d": gettext_lazy("a day"),
    "wk": gettext_lazy("a week"),
    "mo": gettext_lazy("a month"),
}


@dataclass(frozen=True)
class Medicine(Statement):
    """A medicine with the parts that are printed differently; `title` is the generic name."""

    brand: str = ""
    form: str = ""
    dose: str = ""
    route: str = ""
    instruction: str = ""

    @property
    def said(self) -> str:
        return " — ".join(
            part for part in (self.title, self.brand, self.form, self.dose, self.route, self.instruction) if part
        )


def medicine(record: Record) -> Medicine | None:
    """One line of the list; nothing for what was entered in error."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    concept, form = _drug(body)
    generic, brand = drug_names(concept)
    dosages = body.get("dosageInstruction") or body.get("dosage") or []
    dosage = dosages[0] if dosages and isinstance(dosages[0], Mapping) else {}
    start = start_of(body, "authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted")
    since = gettext("since %(start)s") % {"start": day_text(start)} if start else ""
    reason = (
        concept_text(body.get("statusReason"))
        if isinstance(body.get("statusReason"), Mapping)
        else ", ".join(filter(None, (concept_text(each) for each in body.get("statusReason", ()))))
    )
    word = _STATES.get(state)
    tags = (Tag(str(word[0]), word[1]),) if word else ()  # type: ignore[arg-type]
    more = [_instruction(other) for other in dosages[1:] if isinstance(other, Mapping)]
    made = Medicine(
        type=record.type,
        id=record.id,
        title=generic or gettext("Medicine not known"),
        sorted_by=start,
        details=joined((since, reason, names_of(body.get("requester") or body.get("informationSource")))),
        tags=tags,
        notes=(*(text for text in more if text), *notes_of(body)),
        is_past=state in _PAST,
        is_medicine=True,
        brand=brand,
        form=form,
        dose=_dose(dosage),
        route=concept_text(dosage.get("route")).lower(),
        instruction=_instruction(dosage),
    )
    return replace(made, instruction="") if made.instruction == made.dose else made


def drug_names(concept: Any) -> tuple[str, str]:
    """(generic, brand). Free text stays as it was written: nobody can tell whether it names a brand."""
    name = concept_text(concept)
    if not is_from(concept, _RXNORM):
        return name, ""
    found = _BRAND.search(name)
    brand = found.group(1).upper() if found else ""
    plain = _BRAND.sub("", name)
    return " ".join(_plain_word(word) for word in plain.split(" ")), brand


def printed_dose(value: Decimal | float, unit: str) -> str:
    """1500, "mg" -> "1,500 mg"; 0.50 -> "0.5"; 250 "ug" -> "250 micrograms"."""
    number = Decimal(str(value)).normalize()
    text = f"{number:f}"
    places = len(text.partition(".")[2])
    shown = number_format(Decimal(text), decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{shown} {_DOSE_UNITS.get(unit) or printed_unit(unit.strip('{}'))}".strip()


def _plain_word(word: str) -> str:
    if word in _UNITS:
        return _UNITS[word]
    if "/" in word and all(part in _UNITS or part.replace(".", "").isdecimal() for part in word.split("/")):
        return "/".join(_UNITS.get(part, part) for part in word.split("/"))
    return word.lower() if _CAPITALISED.fullmatch(word) else word


def _drug(body: Mapping[str, Any]) -> tuple[Any, str]:
    """The drug's concept and its form: its own, a contained Medication's, or what the reference displays."""
    if body.get("medicationCodeableConcept"):
        return body["medicationCodeableConcept"], ""
    reference = body.get("medicationReference") or {}
    target = str(reference.get("reference", ""))
    for contained in body.get("contained", ()):
        if target == f"#{contained.get('id')}":
            return contained.get("code"), concept_text(contained.get("form")).lower()
    return {"text": reference.get("display", "")}, ""


def _dose(dosage: Mapping[str, Any]) -> str:
    for rate in dosage.get("doseAndRate", ()):
        quantity, limits = rate.get("doseQuantity"), rate.get("doseRange")
        if isinstance(quantity, Mapping) and "value" in quantity:
            return printed_dose(quantity["value"], _unit(quantity))
        if isinstance(limits, Mapping):
            low, high = limits.get("low", {}), limits.get("high", {})
            if "value" in low and "value" in high:
                return f"{printed_dose(low['value'], '')} – {printed_dose(high['value'], _unit(high))}"
    return ""


def _unit(quantity: Mapping[str, Any]) -> str:
    code, unit = str(quantity.get("code", "")), str(quantity.get("unit", ""))
    return code if code in _DOSE_UNITS else unit or code


def _instruction(dosage: Mapping[str, Any]) -> str:
    """How often, in the prescriber's words where there are some."""
    if dosage.get("text"):
        return str(dosage["text"])
    timing = dosage.get("timing") if isinstance(dosage.get("timing"), Mapping) else {}
    repeat = timing.get("repeat", {}) if timing else {}
    often = concept_text(timing.get("code")) if timing else ""
    unit, period, frequency = repeat.get("periodUnit"), repeat.get("period"), repeat.get("frequency", 1)
    if unit in _A and period is not None:
        if Decimal(str(period)) == 1:
            often = ngettext("once %(unit)s", "%(count)s times %(unit)s", int(frequency)) % {
                "count": frequency,
                "unit": str(_A[unit]),
            }
        elif frequency == 1:
            often = str(_EVERY[unit]) % {"count": period}
    needed = gettext("when needed") if dosage.get("asNeededBoolean") else ""
    reason = concept_text(dosage.get("asNeededCodeableConcept"))
    needed = gettext("when needed: %(reason)s") % {"reason": reason} if reason else needed
    return ", ".join(part for part in (often, needed, str(dosage.get("patientInstruction", ""))) if part)
