"""One resource on its way in: is it FHIR, which one is it, whose is it, and what does it state?"""

from dataclasses import dataclass
from typing import Any

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import received_text
from wardround.hospital.records.errors import Refused
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.origin import Origin
from wardround.hospital.records.whose_chart import PATIENT, chart_of
from wardround.interchange.fhir.search import SearchEntry, index_entries
from wardround.interchange.fhir.structure import Problem, check

_BY_HAND = frozenset({"create", "update", "patch"})


@dataclass
class Examined:
    """A resource that may be stored: references are literal, and it is known whose it is."""

    resource: dict[str, Any]
    type: str
    logical_id: str
    patient_id: str  # empty when it belongs to nobody's chart
    entries: list[SearchEntry]
    digest: bytes
    survivor: str = ""  # of a Patient whose record was retired: the one that is kept

    @property
    def key(self) -> tuple[str, str]:
        return self.type, self.logical_id

    def __str__(self) -> str:
        return f"{self.type}/{self.logical_id}"


def digest_of(resource: dict[str, Any], *, mapping_digest: str, blind: BlindIndex) -> bytes:
    """What tells whether a body, judged under this mapping, came before."""
    return blind.digest_of_bytes(f"received|{mapping_digest}", received_text(resource))


def examine(
    resource: dict[str, Any],
    *,
    identities: Identities,
    blind: BlindIndex,
    origin: Origin,
    is_named: bool = False,
) -> Examined:
    """Raises `Refused` with everything that is wrong with its structure, or `Duplicate`.

    `is_named`: whoever sends it chose its id, so it may share an identifier with another resource.
    """
    problems = check(resource)
    if problems:
        raise Refused(problems)
    resource = identities.resolved(resource)
    logical_id = identities.id_of(resource)
    identities.claim(resource, logical_id=logical_id, is_named=is_named)
    type_name = resource["resourceType"]
    # The same body under another code mapping may mean something else, so it is not "the same again". It is what was
    # received: before a reference to a retired patient is led to the one who is kept.
    digest = digest_of(resource, mapping_digest=origin.code_mapping_digest, blind=blind)
    survivor = identities.survivor_of(logical_id) if type_name == PATIENT else ""
    if survivor and origin.activity in _BY_HAND:
        sentence = f"This patient's record was merged into Patient/{survivor}. Change that one instead."
        raise Refused([Problem("Patient", sentence)])
    resource = identities.as_merged(resource, logical_id=logical_id)
    entries = list(index_entries(resource))
    return Examined(
        resource=resource,
        type=type_name,
        logical_id=logical_id,
        patient_id=logical_id if type_name == PATIENT else chart_of(type_name, entries),
        entries=entries,
        digest=digest,
        survivor=survivor,
    )
