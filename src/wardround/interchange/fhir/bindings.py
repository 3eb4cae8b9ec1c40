"""Required bindings: by the published codes, or by rule where a value set has no list.

Not checked: the value sets of `NOT_CHECKED`, each with its reason.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wardround.clinical.errors import UnknownUnit
from wardround.clinical.units import canonical_unit
from wardround.interchange.fhir.currencies import CURRENCIES
from wardround.interchange.fhir.definitions import ElementRule

_WORD = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
# Parameters are read generously: R4's own examples have blanks in their values.
_MIME = re.compile(rf"{_WORD}/{_WORD}(?:\s*;[^\x00-\x1f]*)?")
_SHORT_FORMATS = frozenset({"json", "xml", "ttl"})  # as `_format` writes them (http.html, Content Types)
# RFC 5646, section 2.1: language and its extensions, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[A-WY-Za-wy-z0-9](?:-[A-Za-z0-9]{2,8})+)*"
    r"(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?|[Xx](?:-[A-Za-z0-9]{1,8})+|[iI]-[A-Za-z]{3,8}"
)
_UCUM = "http://unitsofmeasure.org"
_CONFIDENTIALITY = frozenset("ULMNRV")  # HL7 v3 Confidentiality: unrestricted, low, moderate, normal, restricted, very


@dataclass(frozen=True, slots=True)
class Rule:
    """Which codes of a system a value set has; `allowed` is the sentence part that says so."""

    system: str
    holds: Callable[[str], bool]
    allowed: str


def _is_mime(code: str) -> bool:
    return code in _SHORT_FORMATS or _MIME.fullmatch(code) is not None


def _is_language(code: str) -> bool:
    return len(code) <= 255 and _LANGUAGE.fullmatch(code) is not None


def _is_ucum(code: str) -> bool:
    try:
        return len(code) <= 200 and canonical_unit(code) == code
    except UnknownUnit:
        return False


BY_RULE: dict[str, Rule] = {
    "http://hl7.org/fhir/ValueSet/mimetypes": Rule(
        "urn:ietf:bcp:13", _is_mime, "a MIME type (BCP 13), for example application/pdf"
    ),
    "http://hl7.org/fhir/ValueSet/all-languages": Rule(
        "urn:ietf:bcp:47", _is_language, "a language tag (BCP 47), for example en or de-AT"
    ),
    "http://hl7.org/fhir/ValueSet/currencies": Rule(
        "urn:iso:std:iso:4217", CURRENCIES.__contains__, "a currency of ISO 4217 in capitals, for example EUR"
    ),
    "http://hl7.org/fhir/ValueSet/ucum-units": Rule(_UCUM, _is_ucum, "a unit of UCUM, for example mg/dL"),
    "http://terminology.hl7.org/ValueSet/v3-ConfidentialityClassification": Rule(
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        _CONFIDENTIALITY.__contains__,
        "one of U, L, M, N, R, V",
    ),
}
NOT_CHECKED: dict[str, str] = {
    "http://loinc.org/vs/LL379-9": (
        "MolecularSequence.structureVariant.variantType: LOINC's answer list is not in the FHIR definitions, "
        "and LOINC's terms let it be used but not shipped in parts"
    ),
}


def code_fault(value: Any, element: ElementRule) -> str | None:
    """What would be right instead of this value of a `code`, or None."""
    if element.binding is not None:
        return None if value in element.binding.codes else f"{element.name} is {element.binding.allowed}."
    rule = BY_RULE.get(element.unlisted)
    return None if rule is None or rule.holds(value) else f"{element.name} is {rule.allowed}."


def concept_fault(value: dict[str, Any], element: ElementRule) -> str | None:
    """What would be right instead of this Coding or CodeableConcept, or None."""
    if element.type == "Coding":
        codings: Any = [value]
    elif element.type == "CodeableConcept":
        codings = value.get("coding", [])
    else:
        return None
    if not isinstance(codings, list) or (not codings and "extension" in value):
        return None
    allowed = _allowed(element)
    if allowed is None or any(_is_in(coding, element) for coding in codings if isinstance(coding, dict)):
        return None
    systems, codes = allowed
    return f"{element.name} has a coding of {systems} that is {codes}."


def _allowed(element: ElementRule) -> tuple[str, str] | None:
    if element.binding is not None:
        return " or ".join(element.binding.by_system), element.binding.allowed
    rule = BY_RULE.get(element.unlisted)
    return None if rule is None else (rule.system, rule.allowed)


def _is_in(coding: dict[str, Any], element: ElementRule) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return False
    if element.binding is not None:
        return code in element.binding.by_system.get(system, ())
    rule = BY_RULE[element.unlisted]
    return system == rule.system and rule.holds(code)


def is_bound(element: ElementRule) -> bool:
    """Does a required binding say which codes this element may have?"""
    return element.binding is not None or bool(element.unlisted)
