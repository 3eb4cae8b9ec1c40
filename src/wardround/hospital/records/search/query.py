"""A search as it is understood: typed conditions, an order, and what is to come along with the hits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from wardround.interchange.fhir.search_parameters import SearchParameter
from wardround.web.audit.actor import Actor

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
PREFIXES: tuple[Prefix, ...] = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


@dataclass(frozen=True, slots=True)
class Token:
    """`system` None is any system, "" is none; `code` "" is any code of the system."""

    system: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time from `low` up to but not including `high`, and how it was written without its prefix."""

    prefix: Prefix
    low: datetime
    high: datetime
    written: str


@dataclass(frozen=True, slots=True)
class InBaseUnit:
    """The same measure in the base unit of its kind."""

    unit: str
    low: float
    number: float
    high: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A number and the half-open range that its digits stand for; of a quantity also the unit."""

    prefix: Prefix
    number: Decimal
    low: Decimal
    high: Decimal
    system: str = ""
    unit: str = ""
    base: InBaseUnit | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference points to: `type` and `id`, or a whole address; an empty type is any that is allowed."""

    type: str
    id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A URI or canonical address."""

    url: str


@dataclass(frozen=True, slots=True)
class Together:
    """The values of a composite, in the order of its parts."""

    values: tuple["Value", ...]


Value = Token | Text | Moment | Measure | Target | Address | Together


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition on the resource's own parameter. Several values mean one of them."""

    parameter: SearchParameter
    values: tuple[Value, ...]
    modifier: str = ""  # "", "missing", "not", "in", "not-in", "exact", "contains", "identifier"
    is_missing: bool = False  # what `:missing` was asked for

    @property
    def name(self) -> str:
        return self.parameter.code


@dataclass(frozen=True, slots=True)
class Chain:
    """A reference leads to a resource of one of these types that meets the type's condition."""

    parameter: SearchParameter
    branches: tuple[tuple[str, "Condition"], ...]

    @property
    def name(self) -> str:
        return self.parameter.code


@dataclass(frozen=True, slots=True)
class ReverseChain:
    """Some resource of `source` refers to this one by `parameter` and meets the condition."""

    source: str
    parameter: SearchParameter
    condition: "Condition"

    @property
    def name(self) -> str:
        return "_has"


@dataclass(frozen=True, slots=True)
class InCompartment:
    """It lies in this patient's compartment (R4 CompartmentDefinition "patient")."""

    patient_id: str

    @property
    def name(self) -> str:
        return "_compartment"


@dataclass(frozen=True, slots=True)
class ReadableBy:
    """It is for this person: who is in care teams finds only what lies in their patients' charts, or in nobody's."""

    actor: Actor

    @property
    def name(self) -> str:
        return ""


Condition = Criterion | Chain | ReverseChain | InCompartment | ReadableBy


@dataclass(frozen=True, slots=True)
class SortKey:
    parameter: SearchParameter
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Include:
    """References to follow: from `source` by `parameter`, to `target` ("" is every type in `targets`)."""

    source: str
    parameter: SearchParameter
    targets: frozenset[str]
    is_reverse: bool
    iterates: bool


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is searched for. All conditions hold; several types mean a search over them all."""

    types: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    sort: tuple[SortKey, ...] = ()
    includes: tuple[Include, ...] = ()

    @property
    def names(self) -> list[str]:
        """By what was searched, not for what: this may stand in the audit trail."""
        return sorted({condition.name for condition in self.conditions if condition.name})


def types_read_by(condition: Condition) -> Iterator[str]:
    """The other types that a condition looks into."""
    match condition:
        case Chain():
            for type_name, inner in condition.branches:
                yield type_name
                yield from types_read_by(inner)
        case ReverseChain():
            yield condition.source
            yield from types_read_by(condition.condition)
