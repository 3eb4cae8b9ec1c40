"""Parts of FHIR resources that several forms make, and what records state, read back for a form."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from wardround.clinical.catalogue import Coding, load_catalogue
from wardround.clinical.icd_10_cm import load_icd_10_cm
from wardround.clinical.plain_text import without_accents

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


def status(system: str, code: str) -> dict[str, Any]:
    """A status of HL7's own code systems: status("condition-clinical", "active")."""
    return {"coding": [{"system": f"{_TERMINOLOGY}{system}", "code": code}]}


def first_of(parts: Any) -> dict[str, Any]:
    """The first of several parts; an empty one where there is none."""
    return next((dict(part) for part in parts or () if isinstance(part, Mapping)), {})


def code_in(concept: Any) -> str:
    """The first code of a concept."""
    codings = concept.get("coding", ()) if isinstance(concept, Mapping) else ()
    return next((str(coding["code"]) for coding in codings if coding.get("code")), "")


def words_of_concept(concept: Any) -> str:
    """What a concept is called: its text, the display of a code, the title that Wardround knows, the code."""
    if not isinstance(concept, Mapping):
        return ""
    if concept.get("text"):
        return str(concept["text"])
    codings = [coding for coding in concept.get("coding", ()) if coding.get("code")]
    for coding in codings:
        if coding.get("display"):
            return str(coding["display"])
    for coding in codings:
        known = load_catalogue().concept(Coding(str(coding.get("system", "")), str(coding["code"])))
        if known is not None:
            return gettext(known.title)
        diagnosis = load_icd_10_cm().find(str(coding["code"])) if "icd-10-cm" in coding.get("system", "") else None
        if diagnosis is not None:
            return diagnosis.title
    return str(codings[0]["code"]) if codings else ""


def typed_concept(concept: Any, *, name: str) -> dict[str, str]:
    """A concept as the boxes of a form hold it."""
    text = words_of_concept(concept)
    for coding in concept.get("coding", ()) if isinstance(concept, Mapping) else ():
        if coding.get("code"):
            return {f"{name}_text": text, name: f"{coding.get('system', '')}|{coding['code']}"}
    return {f"{name}_text": text, name: "text" if text else ""}


def says_the_same(one: Any, other: Any) -> bool:
    """Do two concepts share a code, or their words?"""
    codes = _codes(one) & _codes(other)
    words = {_folded(words_of_concept(one))} & {_folded(words_of_concept(other))} - {""}
    return bool(codes or words)


def present(content: Mapping[str, Any]) -> dict[str, Any]:
    """The elements that say something."""
    return {name: part for name, part in content.items() if part not in (None, "", [], {})}


def note_of(text: str, *, author: str, time: str) -> list[dict[str, str]]:
    return [{"authorString": author, "time": time, "text": text}] if text else []


def first_note(body: Mapping[str, Any]) -> str:
    notes: Iterable[Any] = body.get("note", ())
    return next((str(note["text"]) for note in notes if isinstance(note, Mapping) and note.get("text")), "")


def shown_date(text: Any) -> str:
    """A FHIR date as a form shows it: its day, month or year."""
    return str(text)[:10] if text else ""


def _codes(concept: Any) -> set[tuple[str, str]]:
    codings = concept.get("coding", ()) if isinstance(concept, Mapping) else ()
    return {(str(c.get("system", "")), str(c["code"])) for c in codings if c.get("code")}


def _folded(text: str) -> str:
    return " ".join(without_accents(text).split())
