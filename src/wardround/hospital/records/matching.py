"""Who among the patients may be this person? Candidates by keyed hash, then compared after decryption."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from wardround.clinical.identity import SEARCHED, Likeness, Population, compare
from wardround.hospital.merges.queries import survivors_of
from wardround.hospital.records.access import Somebody, patients_of, require
from wardround.hospital.records.addressed import Addressed
from wardround.hospital.records.blind_index import BlindIndex, words
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.errors import RecordError
from wardround.hospital.records.identifying import identity_of
from wardround.hospital.records.identities import identifiers_of
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion, StringIndex, TokenIndex
from wardround.interchange.fhir.json import loads
from wardround.web.audit.trail import record_one

MAX_CANDIDATES = 2_000


class NothingToMatch(RecordError):
    """The description has neither name, number nor whole birth date."""


@dataclass(frozen=True)
class Matched:
    """A patient who may be the one asked for."""

    patient: Addressed
    likeness: Likeness


def match(somebody: Somebody, resource: dict[str, Any], *, count: int, only_certain: bool) -> list[Matched]:
    """The likeliest patients first. Raises `NotAllowed` and `NothingToMatch`. Who was asked for is not kept.

    A retired record that answers stands for the one that is kept.
    """
    actor = require(somebody, "charts")
    asked = identity_of(resource)
    patients = Resource.objects.filter(type="Patient", is_deleted=False).count()
    # Who is asked for need not be here: a small hospital does not make them likelier.
    everybody = Population(max(patients, SEARCHED.patients))
    pks = _candidates(resource, blind=BlindIndex())
    likeliest: dict[str, Likeness] = {}
    texts = {one.version.resource.logical_id: one for one in _opened(Q(resource__in=pks))}
    survivors = survivors_of(texts)
    for logical_id, one in texts.items():
        likeness = compare(asked, identity_of(loads(one.text or b"{}")), population=everybody)
        kept = survivors.get(logical_id, logical_id)
        if kept not in likeliest or likeness.score > likeliest[kept].score:
            likeliest[kept] = likeness
    missing = likeliest.keys() - texts.keys()
    texts |= {
        one.version.resource.logical_id: one
        for one in _opened(Q(resource__type="Patient", resource__logical_id__in=missing))
    }
    patients_here = Resource.objects.filter(patients_of(actor, column="logical_id"), type="Patient")
    own = set(patients_here.filter(logical_id__in=likeliest).values_list("logical_id", flat=True))
    found = [
        Matched(texts[kept], likeness)
        for kept, likeness in likeliest.items()
        if kept in own and (likeness.grade == "certain" or (not only_certain and likeness.grade != "certainly-not"))
    ]
    found.sort(key=lambda one: (-one.likeness.score, one.patient.version.resource_id))
    # Two certain people are not certain: the caller would open the wrong chart half of the time.
    if only_certain and len(found) > 1:
        found = []
    record_one(actor, "patient.match", detail={"candidates": len(pks), "found": len(found)})
    for match in found[:count]:
        record_one(actor, "record.read", patient_id=match.patient.version.resource.patient_id, what="Patient/$match")
    return found[:count]


def _opened(wanted: Q) -> list[Addressed]:
    keyring = Keyring()
    versions = ResourceVersion.objects.filter(
        wanted, number=F("resource__version"), resource__is_deleted=False
    ).select_related("resource__data_key")
    return [Addressed(version, open_body(version, keyring=keyring)) for version in versions]


def _candidates(resource: dict[str, Any], *, blind: BlindIndex) -> list[int]:
    """Row numbers of the patients who share a number, a birth date or the beginning of a family name."""
    conditions = [Q(pk__in=rows) for rows in _blocks(resource, blind=blind)]
    if not conditions:
        raise NothingToMatch("Give a family name, an identifier or a whole birth date to look for.")
    pks: dict[int, None] = {}
    for condition in conditions:  # the narrow ones first, so that a frequent name cannot crowd out a number
        hits = Resource.objects.filter(condition, type="Patient", is_deleted=False).order_by("pk")
        pks.update(dict.fromkeys(hits.values_list("pk", flat=True)[:MAX_CANDIDATES]))
    return list(pks)[:MAX_CANDIDATES]


def _blocks(resource: dict[str, Any], *, blind: BlindIndex) -> Iterator[Any]:
    for _system, value in identifiers_of(resource):
        code = blind.hashed("identifier", value)
        yield TokenIndex.objects.filter(type="Patient", parameter="identifier", code=code).values("resource")
    birth = str(resource.get("birthDate", ""))
    if len(birth) == 10:
        # Also the date with day and month swapped: the commonest slip must not hide the patient.
        for day in dict.fromkeys((birth, f"{birth[:4]}-{birth[8:]}-{birth[5:7]}")):
            code = blind.hashed("birthdate", day)
            yield TokenIndex.objects.filter(type="Patient", parameter="birthdate", code=code).values("resource")
    for name in identity_of(resource).family:
        for word in words(name):
            # The first three letters: a misspelling further on still finds the patient.
            kind, value = blind.prefix_hash("family", word[:3])
            rows = StringIndex.objects.filter(type="Patient", parameter="family", kind=kind, value=value)
            yield rows.values("resource")
