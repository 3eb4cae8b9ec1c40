"""The catalogue of measurements: what each is called, coded, measured in, and which values can be true."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

from wardround.clinical.errors import UnknownMeasurement

LOINC = "http://loinc.org"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
OMOP = "https://fhir-terminology.ohdsi.org"
WARDROUND = "urn:wardround:code"

Kind = Literal["quantity", "boolean", "category"]
Scale = Literal["linear", "log"]
Limits = tuple[float, float]


@dataclass(frozen=True)
class Coding:
    """One code of one code system; two codings are equal when system and code are, whatever they display."""

    system: str
    code: str
    display: str = field(default="", compare=False)


@dataclass(frozen=True)
class Measurement:
    """One thing that can be measured or asked, in the words of the catalogue.

    All limits are in the standard `unit`. `possible`: a living person can have it. `plausible`: a clinician
    would believe it without asking. `reference`: the usual healthy range that is shown to people.
    `usual`: about the central 95 % of adults in care, on `scale`; it weighs likely slips and nothing else.
    """

    key: str
    title: str
    coding: Coding
    kind: Kind
    parent: Coding | None = None
    unit: str | None = None  # UCUM
    molar_mass: float | None = None  # g/mol; allows mass <-> substance
    resolution: float | None = None  # smallest reported step in the standard unit; converted values are rounded to it
    whole: bool = False  # a count: 0, 1, 2, ...
    zero_is_missing: bool = False
    possible: Limits | None = None
    plausible: Limits | None = None
    plausible_adult: Limits | None = None
    usual: Limits | None = None
    scale: Scale = "log"
    reference: Limits | None = None
    steady: bool = False  # changes slowly in an adult, so the value before it tells a slip
    mistaken_units: tuple[str, ...] = ()  # UCUM units that are entered by mistake
    answers: tuple[Coding, ...] = ()
    other_codings: tuple[Coding, ...] = ()


@dataclass(frozen=True)
class Concept:
    """A condition, procedure or sex: a thing that is named, not measured. Its `coding` is the standard one."""

    key: str
    title: str
    coding: Coding
    other_codings: tuple[Coding, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Where an outside code was seen: a file under shared/, or `pypi:NAME==VERSION FILE` for a file of a package."""

    coding: Coding
    seen_in: str


class Catalogue:
    """All measurements and concepts, found by key or by code. Iterating gives the measurements in file order."""

    def __init__(
        self,
        measurements: tuple[Measurement, ...],
        *,
        conditions: tuple[Concept, ...] = (),
        procedures: tuple[Concept, ...] = (),
        sexes: tuple[Concept, ...] = (),
        evidence: tuple[Evidence, ...] = (),
        limit_sources: tuple[tuple[str, str, str], ...] = (),
    ) -> None:
        self._by_key = {m.key: m for m in measurements}
        self._by_coding = {c: m for m in measurements for c in (m.coding, *m.other_codings)}
        self._concepts = {
            coding: concept
            for concept in (*conditions, *procedures, *sexes)
            for coding in (concept.coding, *concept.other_codings)
        }
        self.conditions = conditions
        self.procedures = procedures
        self.sexes = sexes
        self.evidence = evidence
        self.limit_sources = limit_sources  # (measurement key, which limits, the source in words)

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
    from wardround.clinical.catalogue_file import read_catalogue

    return read_catalogue(resources.files("wardround.clinical").joinpath("catalogue.toml").read_text("utf-8"))
