"""Entries that are there twice under two ids: found by a hash beside the resource, and read before it is said."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from wardround.clinical.findings import RecordFinding
from wardround.clinical.states import SAID_AT_THE_SAME_TIME, SAID_ON_THE_SAME_DAY
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.same_entries import Entry, entry_of

_BITS_OF_CONTENT = 32
_SLICE = 500  # a database takes only so many parameters in one question


def sameness(entry: Entry | None, *, patient_id: str, blind: BlindIndex) -> int | None:
    """What two resources of one patient that say the same have in common; None for what is in nobody's chart.

    The patient's part stands first, so that a chart's rows lie together in the index.
    """
    if entry is None or not patient_id:
        return None
    chart = int.from_bytes(blind.digest("sameness", patient_id)[:4], "big") >> 1
    content = int.from_bytes(blind.digest_of_bytes("sameness", entry.content.encode())[:4], "big")
    return (chart << _BITS_OF_CONTENT) | content


@dataclass(frozen=True)
class Repetition:
    """A resource says what another said before it. `first` is that one's row; `address` names it."""

    first: int
    address: str
    finding: RecordFinding


def repetitions(arrivals: Sequence[tuple[Resource, Mapping[str, Any]]]) -> dict[int, Repetition]:
    """The rows that repeat another one, among these and what is stored: of those that say the same, all but the oldest.

    A row that is stored and not among these may be in the answer: the older one may have come to say the same later.
    """
    same: defaultdict[int, list[int]] = defaultdict(list)
    rows: dict[int, Resource] = {}
    bodies: dict[int, Mapping[str, Any]] = {}
    for row, body in arrivals:
        if row.sameness is not None:
            same[row.sameness].append(row.pk)
            rows[row.pk], bodies[row.pk] = row, body
    if not same:
        return {}
    others = _stored(list(same), without=rows)
    for row in others:
        same[int(row.sameness or 0)].append(row.pk)
        rows[row.pk] = row
    bodies |= _read([row.pk for row in others])
    found: dict[int, Repetition] = {}
    for pks in same.values():
        if len(pks) > 1:
            found |= _among(sorted(set(pks)), rows=rows, bodies=bodies)
    return found


def _stored(samenesses: Sequence[int], *, without: Container[int]) -> list[Resource]:
    """What is stored with one of these, but for the rows that are just written and there already."""
    others: list[int] = []
    for start in range(0, len(samenesses), _SLICE):
        stored = Resource.objects.filter(sameness__in=samenesses[start : start + _SLICE], is_deleted=False)
        others += [pk for pk in stored.values_list("pk", flat=True) if pk not in without]
    return list(Resource.objects.filter(pk__in=others)) if others else []


def _among(
    pks: Sequence[int], *, rows: Mapping[int, Resource], bodies: Mapping[int, Mapping[str, Any]]
) -> dict[int, Repetition]:
    found: dict[int, Repetition] = {}
    first: dict[tuple[str, str], int] = {}
    for pk in pks:
        entry = entry_of(bodies[pk])
        if entry is None:
            continue
        oldest = first.setdefault((rows[pk].patient_id, entry.content), pk)
        if oldest != pk:
            found[pk] = _repetition(rows[oldest], of=rows[pk], entry=entry, visits=_visits(bodies, (oldest, pk)))
    return found


def _repetition(oldest: Resource, *, of: Resource, entry: Entry, visits: set[str]) -> Repetition:
    # Said again at another visit, or on the same day, it may be meant.
    held = entry.is_timed and len(visits) < 2
    sentence = (SAID_AT_THE_SAME_TIME if entry.is_timed else SAID_ON_THE_SAME_DAY).say(other=str(oldest))
    finding = RecordFinding("duplicate_entry", of.type, sentence, held=held)
    return Repetition(oldest.pk, str(oldest), finding)


def _visits(bodies: Mapping[int, Mapping[str, Any]], pks: Iterable[int]) -> set[str]:
    named = (bodies[pk].get("encounter") for pk in pks)
    return {str(visit["reference"]) for visit in named if isinstance(visit, dict) and "reference" in visit}


def _read(pks: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    versions = ResourceVersion.objects.filter(resource__in=pks, number=F("resource__version"))
    texts = open_bodies(versions.exclude(body=b"").select_related("resource__data_key"))
    return {pk: loads(text) for pk, text in texts.items()}
