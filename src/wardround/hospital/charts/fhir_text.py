"""What FHIR's common elements say, in words: a concept, its code, a time as it is recorded, a quantity, who did it."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from wardround.clinical.catalogue import ICD_10_CM, LOINC, WARDROUND, Coding, load_catalogue
from wardround.web.layout.dates import when_text
from wardround.web.layout.printed import printed_unit

_SNOMED = "http://snomed.info/sct"
# SNOMED CT's fully specified names end in the kind of thing that is named; people know that from the heading.
_SEMANTIC_TAG = re.compile(r" \((?:disorder|finding|procedure|situation|substance|product|regime/therapy)\)$")
_SIGNS = {"<=": "≤", ">=": "≥"}
_SYSTEMS = {
    ICD_10_CM: "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    _SNOMED: "SNOMED CT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://www.whocc.no/atc": "ATC",
    "http://www.ama-assn.org/go/cpt": "CPT",
    LOINC: "LOINC",
}


def concept_text(concept: Any) -> str:
    """The words of a CodeableConcept: what was written, else what its code displays, else the catalogue's title, else the code."""
    if not isinstance(concept, Mapping):
        return ""
    codings = [coding for coding in concept.get("coding", ()) if isinstance(coding, Mapping)]
    shown = concept.get("text") or next((coding["display"] for coding in codings if coding.get("display")), "")
    if shown:
        return _SEMANTIC_TAG.sub("", str(shown)) if is_from(concept, _SNOMED) else str(shown)
    for coding in codings:
        known = Coding(str(coding.get("system", "")), str(coding.get("code", "")))
        found = load_catalogue().concept(known) or load_catalogue().by_coding(known)
        if found is not None:
            return gettext(found.title)
    return next((str(coding["code"]) for coding in codings if coding.get("code")), "")


def code_text(concept: Any) -> str:
    """ "ICD-10-CM I25.10": the first code of a system that people know by name; Wardround's own codes say nothing more."""
    for coding in concept.get("coding", ()) if isinstance(concept, Mapping) else ():
        name = _SYSTEMS.get(coding.get("system", ""))
        if name and coding.get("code"):
            return f"{name} {coding['code']}"
    return ""


def codes_of(concept: Any) -> set[tuple[str, str]]:
    """Every (system, code)."""
    codings = concept.get("coding", ()) if isinstance(concept, Mapping) else ()
    return {(str(coding.get("system", "")), str(coding.get("code", ""))) for coding in codings}


def first_code(concept: Any) -> str:
    """The code of a concept whose system is given by its element, such as a clinical status."""
    codings = concept.get("coding", ()) if isinstance(concept, Mapping) else ()
    return next((str(coding["code"]) for coding in codings if coding.get("code")), "")


def is_from(concept: Any, system: str) -> bool:
    """Does a concept have a code of this system?"""
    return any(found == system for found, _code in codes_of(concept)) and system != WARDROUND


def start_of(body: Mapping[str, Any], *names: str) -> str:
    """The first of these elements that says a time: a dateTime, or the start of a period (or its end alone)."""
    for name in names:
        found = body.get(name)
        if isinstance(found, Mapping):
            found = found.get("start") or found.get("end")
        if isinstance(found, str) and found:
            return found
    return ""


def period_text(period: Any) -> str:
    """ "02-Mar-2026 08:00 to 05-Mar-2026 10:00"; an open end is "since"."""
    if not isinstance(period, Mapping):
        return ""
    start, end = when_text(period.get("start")), when_text(period.get("end"))
    if start and end:
        return start if start == end else gettext("%(start)s to %(end)s") % {"start": start, "end": end}
    if start:
        return gettext("since %(start)s") % {"start": start}
    return gettext("until %(end)s") % {"end": end} if end else ""


def quantity_text(quantity: Any) -> str:
    """A Quantity as it was written: "< 5 mg/L", "500 mg"."""
    if not isinstance(quantity, Mapping) or "value" not in quantity:
        return ""
    value = quantity["value"]
    number = f"{value:f}" if isinstance(value, Decimal) else str(value)
    unit = printed_unit(str(quantity.get("unit") or quantity.get("code") or ""))
    comparator = str(quantity.get("comparator", ""))
    return " ".join(part for part in (_SIGNS.get(comparator, comparator), number, unit) if part)


def names_of(references: Any) -> str:
    """Who, by the names that the references themselves display."""
    found = references if isinstance(references, list) else [references]
    return ", ".join(str(one["display"]) for one in found if isinstance(one, Mapping) and one.get("display"))


def notes_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The annotations of a record."""
    return tuple(str(note["text"]) for note in body.get("note", ()) if isinstance(note, Mapping) and note.get("text"))


def joined(parts: Iterable[str]) -> str:
    """What is said, with dots between."""
    return " · ".join(part for part in parts if part)
