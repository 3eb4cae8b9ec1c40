"""All resources of a type as they were at one instant, in slices: what an export, a view and a feed read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from wardround.hospital.records.addressed import Addressed
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceVersion

SLICE = 500


@dataclass(frozen=True)
class Swept:
    """What is wanted of one type. `patients`: only what lies in these patients' charts; None means everything.

    `until` is the instant whose state is read; with `since`, only what was changed after that instant.
    """

    type_name: str
    until: datetime
    since: datetime | None = None
    patients: frozenset[str] | None = None
    charts_only: bool = False  # leave out what lies in nobody's chart
    after: int = 0  # begin behind this row
    readable: Q = field(default_factory=Q)  # what is for whoever asks: access.records_for


def sweep(wanted: Swept) -> Iterator[list[Addressed]]:
    """Slices of at most SLICE resources in the order of their rows; a deletion has no text.

    The caller has passed the door and writes the audit event: one for the whole sweep, with how many were read.
    """
    after = wanted.after
    while True:
        pks = list(_rows(wanted).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:SLICE])
        if not pks:
            return
        after = pks[-1]
        yield _as_of(pks, wanted=wanted)


def count_of(wanted: Swept) -> int:
    """How many rows a sweep looks at, at most: to say how far it is."""
    return _rows(wanted).filter(pk__gt=wanted.after).count()


def _rows(wanted: Swept) -> QuerySet[Resource]:
    rows = Resource.objects.filter(wanted.readable, type=wanted.type_name)
    if wanted.patients is not None:
        rows = rows.filter(patient_id__in=wanted.patients)
    elif wanted.charts_only:
        rows = rows.exclude(patient_id="")
    # What changed after `since` may have changed again after `until`, so this only leaves out what lay still.
    return rows.filter(last_updated__gt=wanted.since) if wanted.since is not None else rows


def _as_of(pks: list[int], *, wanted: Swept) -> list[Addressed]:
    """The version that was the present one at `until`, of each resource that was there then."""
    before = ResourceVersion.objects.filter(resource__in=pks, recorded__lte=wanted.until)
    numbers = dict(before.values_list("resource").annotate(Max("number")))
    versions = [
        version
        for version in before.filter(number__in=set(numbers.values())).select_related("resource__data_key")
        if version.number == numbers[version.resource_id] and (wanted.since is None or version.recorded > wanted.since)
    ]
    texts = open_bodies(version for version in versions if version.body)
    versions.sort(key=lambda version: version.resource_id)
    return [Addressed(version, texts.get(version.resource_id)) for version in versions]
