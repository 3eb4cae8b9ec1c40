"""What a reader hands over: resources to store together, or a refusal with the raw bytes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read: a file, a place in it that a person can find, and the bytes as they stood there."""

    file: str
    position: str  # "line 17", "message 3", "person 12"
    raw: bytes


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records of one person (HL7 v2 A34, A40): what was filed under `retired` belongs to `survivor` from now on.

    Both are conditional references ("Patient?identifier=system|value") or literal ones.
    """

    survivor: str
    retired: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """A resource that states only a part of what it is about: elements that it lacks stay as they are stored.

    `removed` names what the source says is gone ("telecom", "period.end"). Where it `yields`, stored elements stay as they
    are, and it only adds what is not there: a result's message names its patient, but does not describe them anew.
    `defaults` names single elements of which this holds: those that are stated only because FHIR wants them (a status that
    the message does not tell). `at` is when that became so: where a visit's class or status changes, what it was until then is
    kept in its history. `undoes`: the last change of place did not happen. What is laid over what, and how, is in
    interchange/fhir/amending.py.
    """

    removed: frozenset[str] = frozenset()
    yields: bool = False
    defaults: frozenset[str] = frozenset()
    at: str | None = None
    undoes: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """FHIR R4 resources of one source record, to be stored whole or not at all, in the order in which they depend on each other.

    Every resource carries an identifier (FHIR input may carry an id instead), so that reading the same source again changes nothing.
    References are literal ("Patient/abc", FHIR input only) or conditional ("Patient?identifier=system|value",
    percent-encoded as in a search address).

    `unmapped` names, in the words of the source's own format and each once, the places that carry data and are not in the
    resources ("PID-22", "NK1", "column ward"): the batch report lists them, so that nothing vanishes. They hold no data.
    """

    resources: tuple[dict[str, Any], ...]
    source: Source
    unmapped: tuple[str, ...] = ()
    merge: Merge | None = None
    amendments: Mapping[int, Amendment] = field(default_factory=dict)  # by the position in `resources`


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read. The reason is a sentence without patient data; the raw bytes stay in `source` for quarantine."""

    source: Source
    reason: str
    is_unwanted: bool = (
        False  # it is no record of these (a training message): a sender is told so, and nobody has to mend it
    )


Readings = Iterator[Draft | Reject]


def partial_patients(resources: Iterable[Mapping[str, Any]], *, yields: bool = False) -> dict[int, Amendment]:
    """Amendments that say: a Patient among these states only what its source knows, and takes nothing else away."""
    amendment = Amendment(yields=yields)
    return {n: amendment for n, resource in enumerate(resources) if resource["resourceType"] == "Patient"}
