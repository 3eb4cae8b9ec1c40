"""Values judged again where they stand, when their chart has changed around them: after a merge, and after its undo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.examination import Examined, examine
from wardround.hospital.records.held_records import Holding
from wardround.hospital.records.identities import Identities
from wardround.hospital.records.judgement import Judged, judge
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Decision, Resource, ResourceVersion, StandardValue
from wardround.hospital.records.origin import Origin
from wardround.interchange.fhir.json import loads

Place = tuple[int, str, str]  # resource row, path, fact
_FIELDS = ("finding", "finding_sentence", "is_held", "suggestion", "suggestion_unit")


@dataclass(frozen=True)
class Judgement:
    """What the rules say of one value."""

    finding: str
    finding_sentence: str
    is_held: bool
    suggestion: float | None
    suggestion_unit: str


@dataclass(frozen=True)
class JudgedAgain:
    """A present resource with its values as the rules and the code maps of today see them; nothing of it is stored."""

    examined: Examined
    row: Resource
    values: list[Judged]


def judged_again(pks: Iterable[int], *, origin: Origin, keyring: Keyring, held: Holding) -> list[JudgedAgain]:
    """These resources judged where they stand, each under the code mapping that it came with."""
    blind = BlindIndex()
    versions = ResourceVersion.objects.filter(
        resource__in=list(pks), resource__is_deleted=False, number=F("resource__version")
    ).select_related("resource__data_key", "provenance__code_mapping")
    by_mapping: dict[str, list[ResourceVersion]] = {}
    for version in versions:
        mapping = version.provenance.code_mapping
        by_mapping.setdefault(mapping.digest if mapping else "", []).append(version)
    found: list[JudgedAgain] = []
    for of_mapping in by_mapping.values():
        arrivals = []
        for version in of_mapping:
            body = loads(open_body(version, keyring=keyring))
            examined = examine(body, identities=Identities(blind), blind=blind, origin=origin, is_named=True)
            arrivals.append((examined, version.resource))
        judged = judge(
            arrivals,
            code_map=code_map_of(of_mapping[0].provenance.code_mapping),
            replaced=[version.resource_id for version in versions],
            held=held,
        )
        found += [JudgedAgain(*arrival, values) for arrival, values in zip(arrivals, judged, strict=True)]
    return found


def judgements_of(rows: Sequence[Resource], *, origin: Origin, keyring: Keyring) -> dict[Place, Judgement]:
    """What the rules say now of each value that these present resources state, in the charts as they are stored."""
    stating = _stating([row.pk for row in rows if not row.is_deleted])
    # Records are judged for themselves (record_judgement); here it is the values alone.
    return {
        (one.row.pk, value.row.path, str(value.row.fact)): Judgement(**{n: getattr(value.row, n) for n in _FIELDS})
        for one in judged_again(stating, origin=origin, keyring=keyring, held={})
        for value in one.values
    }


def apply_changes(before: dict[Place, Judgement], after: dict[Place, Judgement]) -> int:
    """Write what the rules say otherwise now; how many values. What somebody has decided stays decided."""
    changed = {place: judgement for place, judgement in after.items() if before.get(place) != judgement}
    # What is held with its record waits for the decision on that.
    values = StandardValue.objects.filter(
        resource__in={pk for pk, _path, _fact in changed},
        is_current=True,
        is_record_held=False,
        decision=Decision.NONE,
    )
    number = 0
    for value in values:
        judgement = changed.get((value.resource_id, value.path, str(value.fact)))
        if judgement is None:
            continue
        number += 1
        for name in _FIELDS:
            setattr(value, name, getattr(judgement, name))
        value.save(update_fields=list(_FIELDS))
    return number


def _stating(pks: Sequence[int]) -> list[int]:
    rows = StandardValue.objects.filter(resource__in=pks, is_current=True)
    return list(rows.values_list("resource", flat=True).distinct())
