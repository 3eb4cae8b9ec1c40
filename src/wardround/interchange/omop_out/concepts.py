"""Concept ids: standard ones where the record or the catalogue has them, a site's own for every other code."""

import hashlib
from collections.abc import Iterable, Iterator

from wardround.clinical.catalogue import ICD_10_CM, LOINC, OMOP, Coding
from wardround.interchange.omop_columns import LOCAL_FROM, SYSTEMS

NONE = "0"
_OWN_FROM, _OWN_MANY = 2_100_000_000, 47_000_000  # up to the largest integer of 32 bits
_LONGEST_CODE, _LONGEST_NAME, _LONGEST_VOCABULARY = 50, 255, 20
_FOREVER = ("1970-01-01", "2099-12-31")
_STANDARD = (LOINC, ICD_10_CM)
_VOCABULARIES = {system: name for name, system in SYSTEMS.items()}


class Concepts:
    """The site's own concepts that an export needed; the same code has the same id in every export, but for rare collisions."""

    def __init__(self) -> None:
        self._by_coding: dict[tuple[str, str], int] = {}
        self._taken: dict[int, tuple[Coding, str]] = {}
        self._vocabularies: dict[str, str] = {}

    def standard(self, codings: Iterable[Coding], known: Iterable[Coding] = ()) -> str:
        """The standard concept among these codings, else among what the catalogue knows beside them."""
        for coding in (*codings, *known):
            if coding.system == OMOP and _is_id(coding.code) and int(coding.code) < LOCAL_FROM:
                return coding.code
        return NONE

    def own(self, coding: Coding | None, *, domain: str) -> str:
        """The concept of a code as the source wrote it."""
        if coding is None or len(coding.code) > _LONGEST_CODE:
            return NONE
        if coding.system == OMOP:
            return self._site_concept(coding, domain=domain) if _is_id(coding.code) else NONE
        key = (coding.system, coding.code)
        if key not in self._by_coding:
            digest = hashlib.sha256("|".join(key).encode()).digest()
            number = int.from_bytes(digest[:8], "big") % _OWN_MANY
            while _OWN_FROM + number in self._taken:
                number = (number + 1) % _OWN_MANY
            self._by_coding[key] = _OWN_FROM + number
            self._taken[_OWN_FROM + number] = (coding, domain)
        return str(self._by_coding[key])

    def _site_concept(self, coding: Coding, *, domain: str) -> str:
        """A concept that came from OMOP tables: a standard one as it is, a site's own also in concept.csv."""
        number = int(coding.code)
        if number >= LOCAL_FROM and self._taken.setdefault(number, (coding, domain))[0] != coding:
            return NONE
        return coding.code

    def rows(self) -> Iterator[dict[str, object]]:
        """concept.csv: the site's own only; the standard ones are in the vocabularies that a site loads from OHDSI."""
        for number, (coding, domain) in sorted(self._taken.items()):
            yield {
                "concept_id": number,
                "concept_name": (coding.display or coding.code)[:_LONGEST_NAME],
                "domain_id": domain,
                "vocabulary_id": self._vocabulary(coding.system),
                "concept_class_id": "Undefined",
                "concept_code": coding.code,
                "valid_start_date": _FOREVER[0],
                "valid_end_date": _FOREVER[1],
            }

    def vocabularies(self) -> Iterator[dict[str, object]]:
        """vocabulary.csv: of what system the site's own concepts are; to be asked after `rows`."""
        for system, name in sorted(self._vocabularies.items(), key=lambda item: item[1]):
            yield {
                "vocabulary_id": name,
                "vocabulary_name": system[:_LONGEST_NAME] or "No system",
                "vocabulary_reference": system[:_LONGEST_NAME],
                "vocabulary_concept_id": NONE,
            }

    def _vocabulary(self, system: str) -> str:
        if system not in self._vocabularies:
            name = _VOCABULARIES.get(system) or f"Local {len(self._vocabularies) + 1}"
            self._vocabularies[system] = name[:_LONGEST_VOCABULARY]
        return self._vocabularies[system]


def source_coding(codings: Iterable[Coding]) -> Coding | None:
    """The coding that says best what the source meant: a standard code, else its own, else a site's concept."""
    found = list(codings)
    ranked = sorted(found, key=lambda coding: 0 if coding.system in _STANDARD else 2 if coding.system == OMOP else 1)
    local = [c for c in ranked if c.system != OMOP or (_is_id(c.code) and int(c.code) >= LOCAL_FROM)]
    return next(iter(local or ranked), None)


def _is_id(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) < 11
