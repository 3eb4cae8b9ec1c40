"""What a reader hands over: resources to store together, or a refusal with the raw bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read: a file, a place in it that a person can find, and the bytes as they stood there."""

    file: str
    position: str  # "line 17", "message 3", "person 12"
    raw: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """FHIR R4 resources of one source record, to be stored whole or not at all, in the order in which they depend on each other.

    Every resource carries an identifier (FHIR input may carry an id instead), so that reading the same source again changes nothing.
    References are literal ("Patient/abc", FHIR input only) or conditional ("Patient?identifier=system|value",
    percent-encoded as in a search address).
    """

    resources: tuple[dict[str, Any], ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read. The reason is a sentence without patient data; the raw bytes stay in `source` for quarantine."""

    source: Source
    reason: str


Readings = Iterator[Draft | Reject]
