"""Which drug a record of a medicine names: in words of its own, in a Medication that it contains, or in one that is stored."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wardround.hospital.charts.fhir_text import concept_text
from wardround.hospital.charts.opened import Record, outside

_STORED = re.compile(r"Medication/([A-Za-z0-9.-]{1,64})(?:/_history/\d+)?")
# Systems of identifiers whose values are names of drugs: MIMIC-IV on FHIR codes a drug by its package and names it so.
_NAMES = frozenset({"http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-medication-name"})
_MOST = 10  # ingredients named; a mixture has fewer


@dataclass(frozen=True)
class Drug:
    """A CodeableConcept that names a drug, and the form it comes in."""

    concept: Mapping[str, Any]
    form: str = ""


Stored = Mapping[str, Mapping[str, Any]]  # Medications that lie in nobody's chart, by id


def stored_drugs(records: Collection[Record]) -> Stored:
    """The Medications that these records refer to, and those that these are mixed of; at most two questions."""
    wanted = {_stored_id(reference) for record in records for reference in _references(record.body)} - {""}
    if not wanted:
        return {}
    found = {drug_id: drug.body for drug_id, drug in outside("Medication", wanted).items()}
    parts = {_stored_id(reference) for drug in found.values() for reference in _ingredients(drug)} - {"", *found}
    found.update((drug_id, drug.body) for drug_id, drug in (outside("Medication", parts) if parts else {}).items())
    return found


def drug_of(body: Mapping[str, Any], *, stored: Stored) -> Drug:
    """The drug of a request, a statement, an administration or a dispense."""
    own = body.get("medicationCodeableConcept")
    if own:
        return Drug(own)
    reference = body.get("medicationReference") or {}
    medication = _found(reference, body=body, stored=stored)
    shown = str(reference.get("display", ""))
    if medication is None:
        return Drug({"text": shown})
    named = _named(medication, otherwise=shown, body=body, stored=stored)
    return Drug(named, concept_text(medication.get("form")).lower())


def _named(
    medication: Mapping[str, Any], *, otherwise: str, body: Mapping[str, Any], stored: Stored
) -> Mapping[str, Any]:
    """Words before a mere number: the code's, those of the reference, a name among the identifiers, the ingredients'."""
    code = medication.get("code") or {}
    if code.get("text") or any(coding.get("display") for coding in code.get("coding", ())):
        found: Mapping[str, Any] = code
        return found
    names = [str(one.get("value", "")) for one in medication.get("identifier", ()) if one.get("system") in _NAMES]
    words = otherwise or next(filter(None, names), "") or _mixture(medication, body=body, stored=stored)
    return {"text": words or concept_text(code)}


def _mixture(medication: Mapping[str, Any], *, body: Mapping[str, Any], stored: Stored) -> str:
    parts = []
    for ingredient in medication.get("ingredient", ())[:_MOST]:
        reference = ingredient.get("itemReference") or {}
        part = _found(reference, body=body, stored=stored)
        names = [str(i.get("value", "")) for i in (part or {}).get("identifier", ()) if i.get("system") in _NAMES]
        name = concept_text(ingredient.get("itemCodeableConcept")) or str(reference.get("display", ""))
        parts.append(name or next(filter(None, names), "") or concept_text((part or {}).get("code")))
    return " + ".join(filter(None, parts))


def _found(reference: Mapping[str, Any], *, body: Mapping[str, Any], stored: Stored) -> Mapping[str, Any] | None:
    target = str(reference.get("reference", ""))
    if target.startswith("#"):
        inside = (one for one in body.get("contained", ()) if isinstance(one, Mapping))
        return next((one for one in inside if target == f"#{one.get('id')}"), None)
    return stored.get(_stored_id(reference))


def _references(body: Mapping[str, Any]) -> Iterator[Any]:
    yield body.get("medicationReference")
    for one in body.get("contained", ()):
        yield from _ingredients(one)


def _ingredients(medication: Mapping[str, Any]) -> Iterator[Any]:
    for ingredient in medication.get("ingredient", ())[:_MOST]:
        yield ingredient.get("itemReference")


def _stored_id(reference: Any) -> str:
    text = str(reference.get("reference", "")) if isinstance(reference, Mapping) else ""
    found = _STORED.fullmatch(text)
    return found.group(1) if found else ""
