"""Codes for a diagnosis, a procedure, a medicine, a substance or a vaccine, found while one types.

What is searched: ICD-10-CM with its inclusion terms and everyday words, and the catalogue (both ship with Wardround); the
CodeSystems and ConceptMaps that this hospital has loaded; and what is written in this hospital's own records. The codes that
are used here most come first. Nothing else has a code: what is not found is kept in words, and says so.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, Max
from django.utils.translation import gettext

from wardround.clinical.catalogue import ICD_10_CM, WARDROUND, Coding, load_catalogue
from wardround.clinical.icd_10_cm import load_icd_10_cm
from wardround.clinical.term_index import TermIndex, words_of
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.models import Resource, ResourceVersion, TokenIndex
from wardround.interchange.fhir.json import loads

MOST = 8
_SNOMED, _RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
# Systems that say one kind of thing; a system that is not here may say any.
_ONLY_FOR = {
    ICD_10_CM: {"Condition"},
    "http://hl7.org/fhir/sid/icd-9-cm": {"Condition"},
    "http://hl7.org/fhir/sid/icd-10": {"Condition"},
    "http://www.cms.gov/Medicare/Coding/ICD10": {"Procedure"},
    "http://www.ama-assn.org/go/cpt": {"Procedure"},
    _RXNORM: {"MedicationStatement", "AllergyIntolerance"},
    "http://www.whocc.no/atc": {"MedicationStatement", "AllergyIntolerance"},
    "http://hl7.org/fhir/sid/ndc": {"MedicationStatement"},
    "http://hl7.org/fhir/sid/cvx": {"Immunization"},
    "http://loinc.org": set(),
}
# Where the code of a kind of record stands, and its search parameter.
_CODES_OF = {
    "Condition": (("Condition", "code", "code"),),
    "Procedure": (("Procedure", "code", "code"),),
    "AllergyIntolerance": (("AllergyIntolerance", "code", "code"),),
    "Immunization": (("Immunization", "vaccine-code", "vaccineCode"),),
    "MedicationStatement": (
        ("MedicationStatement", "code", "medicationCodeableConcept"),
        ("MedicationRequest", "code", "medicationCodeableConcept"),
    ),
}
KINDS = frozenset(_CODES_OF)
# The words of one patient's record are no list of terms: a code counts as used here when so many patients have it.
_PATIENTS = 3
_MOST_USED = 400
_FRESH_SECONDS = 600


@dataclass(frozen=True)
class Term:
    """A code with its words. `said`: the synonym by which it was found; `used`: in how many records here."""

    system: str
    code: str
    title: str
    said: str = ""
    used: int = 0
    is_group: bool = False

    @property
    def value(self) -> str:
        """What a form sends for it."""
        return f"{self.system}|{self.code}"

    @property
    def shown_code(self) -> str:
        return "" if self.system == WARDROUND else self.code

    def concept(self) -> dict[str, Any]:
        """The same as a CodeableConcept."""
        return {"coding": [{"system": self.system, "code": self.code, "display": self.title}]}


def search_terms(text: str, *, of: str) -> list[Term]:
    """The terms that fit what was typed, those used here most first."""
    if not words_of(text):
        return []
    found: dict[tuple[str, str], Term] = {}
    for term in _all(text, of=of):
        found.setdefault((term.system, term.code), term)
    used = _used(found, of=of)
    terms = [replace(term, used=used[key]) for key, term in found.items()]
    terms.sort(key=lambda term: -term.used)
    return terms[:MOST]


def term_of(value: str, *, of: str) -> Term | None:
    """The term that a form names; None for a code that nobody here knows."""
    system, _bar, code = value.rpartition("|")
    if of == "Condition" and system == ICD_10_CM:
        found = load_icd_10_cm().find(code)
        return Term(system, found.code, found.title, is_group=found.is_group) if found is not None else None
    concept = load_catalogue().concept(Coding(system, code))
    if concept is not None:
        return Term(concept.coding.system, concept.coding.code, gettext(concept.title))
    known = (*_used_here(of, _now_in_ten_minutes()), *_loaded(_state())[0])
    return next((t for t in known if (t.system, t.code) == (system, code)), None)


def _all(text: str, *, of: str) -> Iterator[Term]:
    words = words_of(text)
    if of == "Condition":
        yield from _of_catalogue(load_catalogue().conditions, words=words)
        yield from _of_icd_10_cm(text)
    elif of == "Procedure":
        yield from _of_catalogue(load_catalogue().procedures, words=words)
    here = _used_here(of, _now_in_ten_minutes())
    index = _index_of(here)
    yield from (here[number] for number in index.matching(words, most=200))
    loaded, loaded_index = _loaded(_state())
    for number in loaded_index.matching(words, most=400):
        if of in _ONLY_FOR.get(loaded[number].system, KINDS):
            yield loaded[number]
    yield from _translated(text.strip(), of=of)


def _of_icd_10_cm(text: str) -> Iterator[Term]:
    for found in load_icd_10_cm().search(text, most=60):
        one = found.diagnosis
        yield Term(ICD_10_CM, one.code, one.title, said=found.term, is_group=one.is_group)
        if one.is_group and "." in text:
            for exact in load_icd_10_cm().more_exact(one):
                yield Term(ICD_10_CM, exact.code, exact.title)


def _of_catalogue(concepts: Iterable[Any], *, words: list[str]) -> Iterator[Term]:
    for concept in concepts:
        title = gettext(concept.title)
        own = words_of(f"{title} {concept.title} {concept.coding.code}")
        if all(any(word.startswith(begun) for word in own) for begun in words):
            yield Term(concept.coding.system, concept.coding.code, title)


def _translated(code: str, *, of: str) -> Iterator[Term]:
    """A code of a table that the hospital loaded, typed whole: what the table says that it means."""
    if of != "Condition" or not any(letter.isdigit() for letter in code):
        return
    target = code_map_of(None).condition([Coding(_SNOMED, code)])
    if target is not None:
        found = load_icd_10_cm().find(target.code)
        if found is not None:
            yield Term(ICD_10_CM, found.code, found.title, said=f"SNOMED CT {code}", is_group=found.is_group)


def _used(found: Mapping[tuple[str, str], Term], *, of: str) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    codes = sorted({code for _system, code in found})
    for type_name, parameter, _element in _CODES_OF[of]:
        rows = TokenIndex.objects.filter(type=type_name, parameter=parameter, code__in=codes[:500])
        for system, code, many in rows.values_list("system", "code").annotate(many=Count("resource", distinct=True)):
            counts[system, code] += many
    return counts


def _now_in_ten_minutes() -> int:
    return int(time.time() // _FRESH_SECONDS)


@lru_cache(maxsize=16)
def _used_here(of: str, _ten_minutes: int) -> tuple[Term, ...]:
    """Codes of this hospital's records with the words that their systems give them, looked up every ten minutes."""
    found = []
    for type_name, parameter, element in _CODES_OF[of]:
        rows = TokenIndex.objects.filter(type=type_name, parameter=parameter).exclude(system__in=["", ICD_10_CM])
        common = rows.values("system", "code").annotate(
            many=Count("resource__patient_id", distinct=True), last=Max("resource")
        )
        kept = list(common.filter(many__gte=_PATIENTS).order_by("-many", "system", "code")[:_MOST_USED])
        words = _displays([row["last"] for row in kept], element=element)
        found += [
            Term(row["system"], row["code"], words[row["system"], row["code"]])
            for row in kept
            if (row["system"], row["code"]) in words
        ]
    return tuple({(t.system, t.code): t for t in reversed(found)}.values())


def _displays(rows: list[int], *, element: str) -> dict[tuple[str, str], str]:
    versions = ResourceVersion.objects.filter(resource__in=rows, number=F("resource__version"))
    words: dict[tuple[str, str], str] = {}
    for text in open_bodies(versions.exclude(body=b"").select_related("resource__data_key")).values():
        for coding in (loads(text).get(element) or {}).get("coding", ()):
            if coding.get("display"):
                words.setdefault((str(coding.get("system", "")), str(coding.get("code", ""))), str(coding["display"]))
    return words


@lru_cache(maxsize=16)
def _index_of(terms: tuple[Term, ...]) -> TermIndex:
    return TermIndex(f"{term.title} {term.code}" for term in terms)


def _state() -> tuple[int, Any]:
    """Changes with every CodeSystem and ConceptMap that is stored or deleted."""
    rows = Resource.objects.filter(type__in=["CodeSystem", "ConceptMap"])
    kept = rows.aggregate(many=Count("id"), last=Max("last_updated"))
    return kept["many"], kept["last"]


@lru_cache(maxsize=1)
def _loaded(state: tuple[int, Any]) -> tuple[tuple[Term, ...], TermIndex]:
    terms = tuple(_of_loaded()) if state[0] else ()
    return terms, _index_of(terms)


def _of_loaded() -> Iterator[Term]:
    present = ResourceVersion.objects.filter(
        resource__type__in=["CodeSystem", "ConceptMap"], resource__is_deleted=False, number=F("resource__version")
    )
    for text in open_bodies(present.select_related("resource__data_key")).values():
        body = loads(text)
        yield from _concepts(body.get("concept", ()), system=str(body.get("url", "")))
        for group in body.get("group", ()):
            for element in group.get("element", ()):
                if element.get("display") and element.get("code"):
                    yield Term(str(group.get("source", "")), str(element["code"]), str(element["display"]))


def _concepts(concepts: Iterable[Mapping[str, Any]], *, system: str) -> Iterator[Term]:
    for concept in concepts:
        if concept.get("code") and concept.get("display"):
            yield Term(system, str(concept["code"]), str(concept["display"]))
        yield from _concepts(concept.get("concept", ()), system=system)
