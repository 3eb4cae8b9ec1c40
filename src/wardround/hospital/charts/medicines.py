"""Medicines by the display rules of the NHS Common User Interface (MEDi-001 to 025).

Generic names are lower-case and bold, brand names upper-case; the dose is bold behind the label DOSE; parts are joined by em
dashes; a number has a leading and no trailing zero and commas in thousands; nothing is shortened, "micrograms" least of all.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.dosage import dose_of, instruction_of, whole_dosage
from wardround.hospital.charts.drugs import Stored, drug_of, stored_drugs
from wardround.hospital.charts.fhir_text import concept_text, is_from, joined, names_of, notes_of, start_of
from wardround.hospital.charts.opened import Record, before
from wardround.hospital.charts.statement import NOT_YET_ORDERED, Statement, Tag, Tone, stated_beside
from wardround.web.layout.dates import day_text

TYPES = ("MedicationRequest", "MedicationStatement")
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# RxNorm writes a brand in square brackets behind the generic name, and units in capitals (its documentation, "SBD").
_BRAND = re.compile(r"\s*\[([^\]]+)\]\s*$")
_UNITS = {"MG": "mg", "ML": "mL", "MCG": "micrograms", "HR": "hour", "MEQ": "mEq", "UNT": "units", "ACTUAT": "dose"}
_CAPITALISED = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z]+)*")
_PAST = {"stopped", "completed", "cancelled", "not-taken", "ended"}
_NOT_YET = {"draft", "intended"}
_STATES: dict[str, tuple[Promise, Tone]] = {
    "on-hold": (gettext_lazy("On hold"), "low"),
    "stopped": (gettext_lazy("Stopped"), "plain"),
    "completed": (gettext_lazy("Completed"), "plain"),
    "cancelled": (gettext_lazy("Cancelled"), "plain"),
    "not-taken": (gettext_lazy("Not taken"), "held"),
    "draft": (gettext_lazy("Draft"), "held"),
    "intended": (gettext_lazy("Intended"), "plain"),
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


def medicines(records: Collection[Record]) -> tuple[Statement, ...]:
    """The lines of these records, each with the name of its drug, wherever that is stored."""
    earlier = before(records)
    stored = stored_drugs([*records, *earlier.values()])
    return stated_beside(records, earlier=earlier, of=lambda record: medicine(record, stored=stored))


def medicine(record: Record, *, stored: Stored) -> Medicine | None:
    """One line of the list; nothing for what was entered in error."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    drug = drug_of(body, stored=stored)
    generic, brand = drug_names(drug.concept)
    dosages = [one for one in body.get("dosageInstruction") or body.get("dosage") or () if isinstance(one, Mapping)]
    dosage = dosages[0] if dosages else {}
    start = start_of(body, "authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted")
    dose, instruction = dose_of(dosage), instruction_of(dosage)
    return Medicine(
        type=record.type,
        id=record.id,
        title=generic or gettext("Medicine not known"),
        sorted_by=start,
        details=joined((*_times(body, start=start), _reasons(body), names_of(_who(body)))),
        tags=tuple(_tags(body, state=state)),
        notes=(*filter(None, (whole_dosage(other) for other in dosages[1:])), *notes_of(body)),
        is_past=state in _PAST,
        is_suspected=state in _NOT_YET or body.get("intent") in NOT_YET_ORDERED,
        is_medicine=True,
        brand=brand,
        form=drug.form,
        dose=dose,
        route=concept_text(dosage.get("route")).lower(),
        instruction=instruction if instruction != dose else "",
    )


def drug_names(concept: Any) -> tuple[str, str]:
    """(generic, brand). Free text stays as it was written: nobody can tell whether it names a brand."""
    name = concept_text(concept)
    if not is_from(concept, _RXNORM):
        return name, ""
    found = _BRAND.search(name)
    brand = found.group(1).upper() if found else ""
    plain = _BRAND.sub("", name)
    return " ".join(_plain_word(word) for word in plain.split(" ")), brand


def _who(body: Mapping[str, Any]) -> Any:
    return body.get("requester") or body.get("informationSource")


def _times(body: Mapping[str, Any], *, start: str) -> Iterator[str]:
    if start:
        yield gettext("since %(start)s") % {"start": day_text(start)}
    ended = (body.get("effectivePeriod") or {}).get("end")
    if ended:
        yield gettext("until %(end)s") % {"end": day_text(ended)}


def _reasons(body: Mapping[str, Any]) -> str:
    """Why it is in this state (one concept in a request, several in a statement), and what it is for."""
    why = body.get("statusReason") or ()
    found = [why] if isinstance(why, Mapping) else list(why)
    return ", ".join(filter(None, (concept_text(each) for each in [*found, *body.get("reasonCode", ())])))


def _tags(body: Mapping[str, Any], *, state: str) -> Iterator[Tag]:
    if body.get("doNotPerform") is True:
        yield Tag(gettext("Do not give"), "high")
    if word := NOT_YET_ORDERED.get(str(body.get("intent", ""))):
        yield Tag(str(word), "held")
    if found := _STATES.get(state):
        yield Tag(str(found[0]), found[1])


def _plain_word(word: str) -> str:
    if word in _UNITS:
        return _UNITS[word]
    if "/" in word and all(part in _UNITS or part.replace(".", "").isdecimal() for part in word.split("/")):
        return "/".join(_UNITS.get(part, part) for part in word.split("/"))
    return word.lower() if _CAPITALISED.fullmatch(word) else word
