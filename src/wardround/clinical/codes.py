"""A hospital's own codes, and what they are in the catalogue."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wardround.clinical.catalogue import ICD_10_CM, WARDROUND, Catalogue, Coding, Concept, Measurement, load_catalogue
from wardround.clinical.errors import CatalogueError, ConflictingCodes
from wardround.clinical.icd_9_cm import ICD_9_CM, icd_10_cm_of
from wardround.clinical.numbers import DecimalSign

Answer = bool | str
_ICD_10_CM_CODE = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_BOOLEANS = {"true": True, "false": False}
_ADMINISTRATIVE_GENDERS = {"male", "female", "other", "unknown"}  # FHIR's required binding


class CodeMap:
    """What one source's codes mean. Standard codes need no entry; without any entries it knows only those.

    `translations` are the hospital's own maps between code systems (SNOMED CT to ICD-10-CM, a laboratory's codes to LOINC);
    a standard code or the source's own mapping goes before them.

    A local code is written `CODE` when it belongs to the source's own code system (or comes without a system), and
    `system|CODE` otherwise. Codes are compared exactly, texts without regard to case.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue | None = None,
        system: str = "",
        measurements: Mapping[str, Measurement] | None = None,
        units: Mapping[str, str] | None = None,
        answers: Mapping[str, Mapping[str, Answer]] | None = None,
        conditions: Mapping[str, Coding] | None = None,
        procedures: Mapping[str, Coding] | None = None,
        decimal: DecimalSign | None = None,
        translations: Mapping[Coding, Coding] | None = None,
    ) -> None:
        self.catalogue = catalogue or load_catalogue()
        self.system = system
        self.decimal = decimal
        self._measurements = dict(measurements or {})
        self._units = dict(units or {})
        self._answers = {key: _with_folded(table) for key, table in (answers or {}).items()}
        self._conditions = dict(conditions or {})
        self._procedures = dict(procedures or {})
        self._translations = translations or {}

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, Any],
        *,
        translations: Mapping[Coding, Coding] | None = None,
    ) -> "CodeMap":
        """From the clinical sections of a mapping file; sections of other readers are left alone.

        [source] system, decimal ("comma" | "point"); [codes] CODE = "catalogue key" or {measurement, unit};
        [units] "catalogue key" = "unit that the source leaves out"; [answers."catalogue key" or sex] CODE = "answer" or true/false;
        [conditions] CODE = "condition key" or an ICD-10-CM code; [procedures] CODE = "procedure key". Raises CatalogueError, UnknownMeasurement.
        """
        catalogue = load_catalogue()
        source = mapping.get("source", {})
        if source.get("decimal") not in (None, "comma", "point"):
            raise CatalogueError("The mapping's source.decimal must be comma or point.")
        measurements, units = {}, dict(mapping.get("units", {}))
        for code, entry in mapping.get("codes", {}).items():
            key, unit = (entry, None) if isinstance(entry, str) else (entry.get("measurement", ""), entry.get("unit"))
            measurements[code] = catalogue.by_key(key)
            if unit is not None:
                units[code] = unit
        answers = {
            key: _checked_answers(key, table, catalogue=catalogue) for key, table in mapping.get("answers", {}).items()
        }
        conditions = mapping.get("conditions", {})
        procedures = mapping.get("procedures", {})
        return cls(
            catalogue=catalogue,
            system=source.get("system", ""),
            measurements=measurements,
            units=units,
            answers=answers,
            conditions={c: _standard(name, catalogue.conditions, kind="condition") for c, name in conditions.items()},
            procedures={c: _standard(name, catalogue.procedures, kind="procedure") for c, name in procedures.items()},
            decimal=source.get("decimal"),
            translations=translations,
        )

    def local_code(self, coding: Coding) -> str:
        """How a mapping file writes this code."""
        return coding.code if coding.system in ("", self.system) else f"{coding.system}|{coding.code}"

    def measurement(self, codings: Iterable[Coding]) -> Measurement | None:
        """The one measurement these codings name, or None when no code is known; raises ConflictingCodes.

        A code beside its parent's (a local exercise heart rate beside LOINC heart rate) is the more exact of the two.
        """
        found: list[Measurement] = []
        for coding in codings:
            measurement = self._measurements.get(self.local_code(coding)) or self.catalogue.by_coding(coding)
            if measurement is None and coding in self._translations:
                measurement = self.catalogue.by_coding(self._translations[coding])
            if measurement is not None and measurement not in found:
                found.append(measurement)
        if len(found) > 1:
            parents = [m.parent for m in found]
            found = [m for m in found if m.coding not in parents]
        if len(found) > 1:
            raise ConflictingCodes(
                f"The codes name different measurements: {', '.join(m.key for m in found)}. One value has one meaning."
            )
        return found[0] if found else None

    def unit(self, measurement: Measurement, codings: Iterable[Coding] = ()) -> str | None:
        """The unit in which this source reports a value that comes without one, if the mapping says so."""
        for coding in codings:
            unit = self._units.get(self.local_code(coding))
            if unit is not None:
                return unit
        return self._units.get(measurement.key)

    def answer(self, measurement: Measurement, given: Coding | Sequence[Coding] | str) -> Answer | None:
        """The answer to a boolean (True, False) or category (the answer's code), or None when it is not known."""
        if isinstance(given, str):
            return self._answer_of_text(measurement, given)
        answers = {self._answer_of_coding(measurement, c) for c in ((given,) if isinstance(given, Coding) else given)}
        answers.discard(None)
        if len(answers) > 1:
            raise ConflictingCodes(f"{measurement.title}: the codes name different answers.")
        return answers.pop() if answers else None

    def condition(self, codings: Iterable[Coding]) -> Coding | None:
        """The ICD-10-CM coding of this condition, or None when no code is known; raises ConflictingCodes."""
        codings = tuple(codings)
        icd = {coding for coding in codings if coding.system == ICD_10_CM}
        found = self._named(codings, self._conditions, self.catalogue.conditions) | icd
        if not found:
            found = {self._translations[c] for c in codings if c in self._translations}
            found = {coding for coding in found if coding.system == ICD_10_CM}
        if not found:
            found = _of_icd_9_cm(codings)
        if len(found) > 1:
            raise ConflictingCodes(f"The codes name different conditions: {', '.join(sorted(c.code for c in found))}.")
        return found.pop() if found else None

    def procedure(self, codings: Iterable[Coding]) -> Coding | None:
        """The standard coding of this procedure, or None when no code is known; raises ConflictingCodes."""
        found = self._named(codings, self._procedures, self.catalogue.procedures)
        if len(found) > 1:
            raise ConflictingCodes(f"The codes name different procedures: {', '.join(sorted(c.code for c in found))}.")
        return found.pop() if found else None

    def sex(self, given: Coding | str) -> str | None:
        """FHIR's administrative gender (male, female, other, unknown), or None when the code is not known."""
        if isinstance(given, Coding):
            concept = self.catalogue.concept(given)
            if concept is not None and concept in self.catalogue.sexes:
                return concept.key
        text = given if isinstance(given, str) else self.local_code(given)
        answer = _look_up(self._answers.get("sex", {}), text)
        if answer is None and text.casefold() in _ADMINISTRATIVE_GENDERS:
            answer = text.casefold()
        return answer if isinstance(answer, str) else None

    def _named(
        self, codings: Iterable[Coding], local: Mapping[str, Coding], standard: tuple[Concept, ...]
    ) -> set[Coding]:
        found: set[Coding] = set()
        for coding in codings:
            concept = self.catalogue.concept(coding)
            if (mapped := local.get(self.local_code(coding))) is not None:
                found.add(mapped)
            elif concept is not None and concept in standard:
                found.add(concept.coding)
        return found

    def _answer_of_coding(self, measurement: Measurement, coding: Coding) -> Answer | None:
        local = self._answers.get(measurement.key, {}).get(self.local_code(coding))
        if local is not None:
            return local
        if measurement.kind == "boolean":
            return _BOOLEANS.get(coding.code) if coding.system == WARDROUND else None
        return coding.code if coding in measurement.answers else None

    def _answer_of_text(self, measurement: Measurement, text: str) -> Answer | None:
        text = text.strip()
        local = _look_up(self._answers.get(measurement.key, {}), text)
        if local is not None:
            return local
        folded = text.casefold()
        if measurement.kind == "boolean":
            return _BOOLEANS.get(folded)
        return next((a.code for a in measurement.answers if folded in (a.code, a.display.casefold())), None)


def _of_icd_9_cm(codings: Iterable[Coding]) -> set[Coding]:
    """The ICD-10-CM codes of ICD-9-CM diagnoses; one that may be several raises ConflictingCodes with all of them."""
    found: set[Coding] = set()
    for coding in codings:
        if coding.system == ICD_9_CM:
            choices = icd_10_cm_of(coding.code)
            if len(choices) > 1:
                names = ", ".join(sorted(choice.code for choice in choices)[:6])
                raise ConflictingCodes(
                    f"ICD-9-CM {coding.code} may be {len(choices)} codes of ICD-10-CM ({names}); map it to say which."
                )
            found.update(choices)
    return found


def _with_folded(table: Mapping[str, Answer]) -> dict[str, Answer]:
    """Texts are found in any case; an exact spelling wins where two differ by case alone."""
    return {**{text.casefold(): answer for text, answer in table.items()}, **table}


def _look_up(table: Mapping[str, Answer], text: str) -> Answer | None:
    found = table.get(text)
    return table.get(text.casefold()) if found is None else found


def _checked_answers(key: str, table: Mapping[str, Any], *, catalogue: Catalogue) -> dict[str, Answer]:
    if key == "sex":
        allowed: set[Any] = _ADMINISTRATIVE_GENDERS
    else:
        measurement = catalogue.by_key(key)
        allowed = {True, False} if measurement.kind == "boolean" else {answer.code for answer in measurement.answers}
    for code, answer in table.items():
        if answer not in allowed or (isinstance(answer, int) and not isinstance(answer, bool)):
            names = ", ".join(sorted(str(a).lower() if isinstance(a, bool) else a for a in allowed)) or "none"
            raise CatalogueError(
                f"The mapping answers {key} {code!r} with {answer!r}; the catalogue's answers are {names}."
            )
    return dict(table)


def _standard(name: str, concepts: tuple[Concept, ...], *, kind: str) -> Coding:
    """The standard coding of the concept with this key or this standard code."""
    for concept in concepts:
        if name in (concept.key, concept.coding.code):
            return concept.coding
    if kind == "condition" and _ICD_10_CM_CODE.fullmatch(name):
        return Coding(ICD_10_CM, name)
    raise CatalogueError(
        f"The mapping names the {kind} {name!r}; the catalogue has {', '.join(concept.key for concept in concepts)}."
    )
