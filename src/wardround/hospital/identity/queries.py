"""Every read of the pairs of patients who may be one person:

pairs(actor, state)            -> list[PairLine]     those that wait for a steward, the likeliest first; or those decided
side_by_side(actor, number)    -> SideBySide         field by field, equal, alike or different; records and last visit of each
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from wardround.clinical.identity import Pattern, compare
from wardround.clinical.person import Identity
from wardround.hospital.identity.actions import NoSuchPair
from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.merges.queries import survivors_of
from wardround.hospital.records.access import patient_for, patients_of, require
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.identifying import identity_of
from wardround.hospital.records.models import DateIndex, Resource, ResourceVersion
from wardround.hospital.records.people import display_name, hospital_number
from wardround.interchange.fhir.json import loads
from wardround.web.audit.trail import record_one

Agreement = Literal["equal", "alike", "different", "one side", "neither"]
_EQUAL = frozenset({"same"})
_DIFFERENT = frozenset({"different"})


@dataclass(frozen=True)
class PairLine:
    """One pair, without names: those are behind the door of each patient."""

    number: int
    one: str
    other: str
    score: float
    grade: str
    state: str
    found: datetime
    decided: datetime | None
    decided_by: str
    reason: str


@dataclass(frozen=True)
class Side:
    """One of the two patients."""

    id: str
    name: str
    number: str
    number_system: str
    records: Mapping[str, int]  # resource type -> how many present ones, the Patient itself left out
    last_visit: datetime | None
    is_retired: bool
    resource: Mapping[str, Any]


@dataclass(frozen=True)
class FieldLine:
    """One field of both: what each states, whether it agrees, and what that weighs in bits (None: it is not compared)."""

    name: str
    one: str
    other: str
    agreement: Agreement
    weight: float | None


@dataclass(frozen=True)
class SideBySide:
    """A pair as a steward decides on it. `suggested` is the id that has more records."""

    pair: PairLine
    one: Side
    other: Side
    fields: tuple[FieldLine, ...]
    suggested: str


def pairs(somebody: object, *, state: str = CandidatePair.State.OPEN) -> list[PairLine]:
    """The pairs in this state ("" means all), the likeliest first. Raises `NotAllowed`."""
    actor = require(somebody, "quality")
    rows = _open() if state == CandidatePair.State.OPEN else CandidatePair.objects.all()
    if state:
        rows = rows.filter(state=state)
    rows = rows.filter(patients_of(actor, column="one"), patients_of(actor, column="other"))
    lines = [_line(pair) for pair in rows.order_by("-score", "pk")]
    record_one(actor, "identity.list", detail={"shown": len(lines)})
    return lines


def waiting(somebody: object) -> int:
    """How many pairs wait for a steward. Raises `NotAllowed`."""
    actor = require(somebody, "quality")
    return _open().filter(patients_of(actor, column="one"), patients_of(actor, column="other")).count()


def _open() -> QuerySet[CandidatePair]:
    """Those that wait, of patients who are both still here."""
    rows = CandidatePair.objects.filter(state=CandidatePair.State.OPEN)
    for side in ("one", "other"):
        present = Resource.objects.filter(type="Patient", logical_id=OuterRef(side), is_deleted=False)
        rows = rows.filter(Exists(present))
    return rows


def side_by_side(somebody: object, number: int) -> SideBySide:
    """Both patients field by field. Their doors are passed, so that the look is in the audit trail of each.

    Raises `NotAllowed`, `NoSuchPair` and `NotThere`.
    """
    actor = require(somebody, "quality")
    pair = CandidatePair.objects.filter(pk=number).first()
    if pair is None:
        raise NoSuchPair(f"There is no pair {number}. `duplicates list` shows those that wait.")
    for patient_id in (pair.one, pair.other):
        patient_for(actor, patient_id)
    bodies = _bodies([pair.one, pair.other])
    counts = _counts([pair.one, pair.other])
    visits = _last_visits([pair.one, pair.other])
    retired = survivors_of([pair.one, pair.other])
    one, other = (
        _side(
            patient_id,
            bodies.get(patient_id, {}),
            records=counts.get(patient_id, {}),
            last_visit=visits.get(patient_id),
            is_retired=patient_id in retired,
        )
        for patient_id in (pair.one, pair.other)
    )
    more = max((one, other), key=lambda side: (not side.is_retired, sum(side.records.values())))
    return SideBySide(
        pair=_line(pair),
        one=one,
        other=other,
        fields=tuple(field_lines(identity_of(dict(one.resource)), identity_of(dict(other.resource)))),
        suggested=more.id,
    )


def field_lines(one: Identity, other: Identity) -> Iterable[FieldLine]:
    """What both state, field by field, in the spelling in which it is compared."""
    likeness = compare(one, other)
    for name, shown, degrees in _FIELDS:
        left, right = shown(one), shown(other)
        found = [degree for degree in degrees if degree in likeness.pattern]
        weights = [likeness.weights[degree] for degree in found]
        yield FieldLine(
            name,
            left,
            right,
            _agreement(left, right, likeness.pattern, found),
            round(sum(weights), 1) if weights else None,
        )


def _numbers(identity: Identity) -> str:
    return ", ".join(sorted(value for _system, value in identity.numbers))


def _addresses(identity: Identity) -> str:
    return "; ".join(" ".join(filter(None, (a.street, a.postcode, a.city))) for a in identity.addresses)


_FIELDS: tuple[tuple[str, Callable[[Identity], str], tuple[str, ...]], ...] = (
    (gettext_noop("family name"), lambda i: ", ".join(i.family), ("family", "swapped_names")),
    (gettext_noop("given names"), lambda i: " ".join(i.given), ("given",)),
    (gettext_noop("suffix"), lambda i: i.generation, ("generation",)),
    (gettext_noop("birth date"), lambda i: i.birth, ("birth", "birth_at_new_year", "birth_month", "birth_year")),
    (gettext_noop("sex"), lambda i: i.sex, ("sex",)),
    (gettext_noop("numbers"), _numbers, ("lifelong_number", "number")),
    (gettext_noop("telephone"), lambda i: ", ".join(sorted(i.phones)), ("phone",)),
    (gettext_noop("e-mail"), lambda i: ", ".join(sorted(i.emails)), ("email",)),
    (gettext_noop("address"), _addresses, ("address",)),
)


def _agreement(one: str, other: str, pattern: Pattern, found: list[str]) -> Agreement:
    if not one or not other:
        return "one side" if one or other else "neither"
    if one == other:
        return "equal"
    degrees = {pattern[name] for name in found}
    if degrees and degrees <= _EQUAL and "swapped_names" not in found:
        return "equal"
    return "different" if not degrees or degrees <= _DIFFERENT else "alike"


def _line(pair: CandidatePair) -> PairLine:
    return PairLine(
        number=pair.pk,
        one=pair.one,
        other=pair.other,
        score=round(pair.score, 4),
        grade=pair.grade,
        state=pair.state,
        found=pair.found,
        decided=pair.decided,
        decided_by=pair.decided_by,
        reason=pair.reason,
    )


def _side(
    patient_id: str,
    resource: dict[str, Any],
    *,
    records: Mapping[str, int],
    last_visit: datetime | None,
    is_retired: bool,
) -> Side:
    system, number = hospital_number(resource)
    return Side(
        id=patient_id,
        name=display_name(resource),
        number=number,
        number_system=system,
        records=records,
        last_visit=last_visit,
        is_retired=is_retired,
        resource=resource,
    )


def _bodies(patient_ids: list[str]) -> dict[str, dict[str, Any]]:
    versions = ResourceVersion.objects.filter(
        resource__type="Patient", resource__logical_id__in=patient_ids, number=F("resource__version")
    ).select_related("resource__data_key")
    present = [version for version in versions if version.body]
    texts = open_bodies(present)
    return {version.resource.logical_id: loads(texts[version.resource_id]) for version in present}


def _counts(patient_ids: list[str]) -> dict[str, dict[str, int]]:
    rows = Resource.objects.filter(patient_id__in=patient_ids, is_deleted=False).exclude(type="Patient")
    found: dict[str, dict[str, int]] = {}
    for patient_id, type_name, many in (
        rows.values_list("patient_id", "type").annotate(many=Count("pk")).order_by("type")
    ):
        found.setdefault(patient_id, {})[type_name] = many
    return found


def _last_visits(patient_ids: list[str]) -> dict[str, datetime]:
    """The latest date of an encounter, or, where there is none, of an observation."""
    found: dict[str, datetime] = {}
    for type_name in ("Observation", "Encounter"):
        rows = DateIndex.objects.filter(type=type_name, parameter="date", resource__patient_id__in=patient_ids)
        found |= dict(rows.values_list("resource__patient_id").annotate(Max("low")))
    return found
