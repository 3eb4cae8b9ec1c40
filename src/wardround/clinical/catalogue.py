"""The catalogue of measurements: what each is called, coded, measured in, and which values can be true."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from wardround.clinical.catalogue_file import read_entries
from wardround.clinical.errors import UnknownMeasurement
from wardround.clinical.measurements import (
    ICD_10_CM,
    LOINC,
    OMOP,
    WARDROUND,
    Coding,
    Concept,
    Entries,
    Evidence,
    Kind,
    Limits,
    Measurement,
    Scale,
)

# The nouns are named beside the catalogue that holds them.
__all__ = [
    "ICD_10_CM",
    "LOINC",
    "OMOP",
    "WARDROUND",
    "Catalogue",
    "Coding",
    "Concept",
    "Evidence",
    "Kind",
    "Limits",
    "Measurement",
    "Scale",
    "load_catalogue",
]


class Catalogue:
    """All measurements and concepts, found by key or by code. Iterating gives the measurements in file order."""

    def __init__(self, entries: Entries) -> None:
        self.conditions = entries.conditions
        self.procedures = entries.procedures
        self.sexes = entries.sexes
        self.evidence = entries.evidence
        self.limit_sources = entries.limit_sources
        self._by_key = {m.key: m for m in entries.measurements}
        self._by_coding = {c: m for m in entries.measurements for c in (m.coding, *m.other_codings)}
        self._concepts = {
            coding: concept
            for concept in (*self.conditions, *self.procedures, *self.sexes)
            for coding in (concept.coding, *concept.other_codings)
        }

    def __iter__(self) -> Iterator[Measurement]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def by_key(self, key: str) -> Measurement:
        """The measurement with this catalogue key; raises UnknownMeasurement."""
        try:
            return self._by_key[key]
        except KeyError:
            raise UnknownMeasurement(
                f"The catalogue has no measurement {key!r}; it has {', '.join(self._by_key)}."
            ) from None

    def by_coding(self, coding: Coding) -> Measurement | None:
        """The measurement with this standard or other code; a parent's code names the parent alone."""
        return self._by_coding.get(coding)

    def concept(self, coding: Coding) -> Concept | None:
        """The condition, procedure or sex with this standard or other code."""
        return self._concepts.get(coding)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that ships with Wardround, read and checked once; raises CatalogueError."""
    text = resources.files("wardround.clinical").joinpath("catalogue.toml").read_text("utf-8")
    return Catalogue(read_entries(text))
