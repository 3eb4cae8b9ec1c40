"""The nouns of the catalogue: a coding, a measurement, its limits by age and sex, a concept, and where a code was seen."""

import math
from dataclasses import dataclass, field
from typing import Literal

LOINC = "http://loinc.org"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
OMOP = "https://fhir-terminology.ohdsi.org"
WARDROUND = "urn:wardround:code"

Kind = Literal["quantity", "boolean", "category"]
Scale = Literal["linear", "log"]
Sex = Literal["male", "female"]
LimitName = Literal["possible", "plausible", "usual", "reference"]
Limits = tuple[float, float]


@dataclass(frozen=True)
class Coding:
    """One code of one code system; two codings are equal when system and code are, whatever they display."""

    system: str
    code: str
    display: str = field(default="", compare=False)


@dataclass(frozen=True)
class Group:
    """The patients for whom a limit holds: of an age in completed years, of one sex, or everybody."""

    from_years: float = 0.0
    below_years: float = math.inf
    sex: Sex | None = None

    def may_hold(self, *, youngest: float, oldest: float, sex: Sex | None) -> bool:
        """Whether somebody whose age lies between these, of this sex where it is known, may be in the group."""
        return (
            self.from_years <= oldest
            and youngest < self.below_years
            and (self.sex is None or sex is None or self.sex == sex)
        )


@dataclass(frozen=True)
class Band:
    """Limits that hold for one group of patients."""

    group: Group
    limits: Limits


@dataclass(frozen=True)
class Change:
    """How far a value truly moves in one patient within a day, a week, a month and a year.

    On the log scale these are factors, on the linear scale amounts in the standard unit. They are not absolute: about
    one pair of values in a hundred moves further.
    """

    group: Group
    day: float
    week: float
    month: float
    year: float


@dataclass(frozen=True)
class Measurement:
    """One thing that can be measured or asked, in the words of the catalogue.

    All limits are in the standard `unit`. `possible`: a living person can have it. `plausible`: a clinician
    would believe it without asking. `reference`: the usual healthy range that is shown to people.
    `usual`: about the central 95 % of people in care, on `scale`; it weighs likely slips and nothing else.
    The plain fields are for a patient of unknown age; `bands` narrow them by age and sex (clinical/limits.py).
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
    usual: Limits | None = None
    scale: Scale = "log"
    reference: Limits | None = None
    bands: tuple[tuple[LimitName, tuple[Band, ...]], ...] = ()
    changes: tuple[Change, ...] = ()
    surges: bool = False  # rises manyfold within a day in acute disease or after a dose
    sexes: tuple[Sex, ...] = ()  # where only one sex has what is measured
    mistaken_units: tuple[str, ...] = ()  # UCUM units that are entered by mistake
    same_units: tuple[tuple[str, str], ...] = ()  # (unit, UCUM): they mean the same for this measurement alone
    own_units: tuple[tuple[str, float, float], ...] = ()  # (UCUM unit, factor, offset): an equation of this measurement
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


@dataclass(frozen=True)
class Entries:
    """What a catalogue file says, in its order. `limit_sources`: (measurement key, which limits, the source in words)."""

    measurements: tuple[Measurement, ...]
    conditions: tuple[Concept, ...]
    procedures: tuple[Concept, ...]
    sexes: tuple[Concept, ...]
    evidence: tuple[Evidence, ...]
    limit_sources: tuple[tuple[str, str, str], ...]
