"""Histories as the FHIR interface reads them: of one resource, of a type, of everything, newest first, in pages. Audited."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from wardround.hospital.records.access import records_for, require
from wardround.hospital.records.addressed import Addressed, is_for, row_at
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceVersion
from wardround.interchange.fhir.definitions import resource_types
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class Period:
    """Which versions are asked for; None means no limit."""

    since: datetime | None = None  # written at or after this instant
    at_low: datetime | None = None  # the present one at some time from here
    at_high: datetime | None = None  # up to, not including, here


@dataclass(frozen=True)
class HistoryPage:
    """Some versions; `following` is the row behind which the next page begins, None at the end."""

    versions: tuple[Addressed, ...]
    total: int
    following: int | None


def history_of(
    actor: Actor, type_name: str, logical_id: str, *, period: Period, count: int, before: int = 0, total: int = -1
) -> HistoryPage:
    """One page of a resource's versions. Raises `NotHere`, `NotThere`, `NotAllowed`.

    Versions only arrive at the front, so pages that go back stay whole. A `total` counted before is passed on.
    """
    row = row_at(actor, type_name, logical_id)
    record_one(actor, "record.history", patient_id=row.patient_id, what=str(row))
    versions = ResourceVersion.objects.filter(resource=row)
    return _page(actor, versions, period=period, count=count, before=before, total=total)


def history_of_types(
    actor: Actor, types: Collection[str], *, period: Period, count: int, before: int = 0, total: int = -1
) -> HistoryPage:
    """One page of the versions of all resources of these types. Raises `NotAllowed`."""
    require(actor, "charts")
    versions = ResourceVersion.objects.filter(records_for(actor, path="resource__"))
    if len(types) < len(resource_types()):
        versions = versions.filter(resource__type__in=types)
    page = _page(actor, versions, period=period, count=count, before=before, total=total)
    what = ",".join(sorted(types))[:200] if len(types) < len(resource_types()) else "*"
    record_one(actor, "record.history", what=what, detail={"shown": len(page.versions), "total": page.total})
    return page


def _page(
    actor: Actor, versions: QuerySet[ResourceVersion], *, period: Period, count: int, before: int, total: int
) -> HistoryPage:
    wanted = _within(versions, period)
    if total < 0:
        total = wanted.count()
    if before:
        wanted = wanted.filter(pk__lt=before)
    # One writer at a time: the order of the rows is the order of the writes.
    found = list(wanted.select_related("resource__data_key").order_by("-pk")[: count + 1])
    shown = found[:count]
    following = shown[-1].pk if shown and len(found) > count else None
    readable = tuple(one for one in _opened(shown) if is_for(actor, one))
    return HistoryPage(readable, total=total, following=following)


def _within(versions: QuerySet[ResourceVersion], period: Period) -> QuerySet[ResourceVersion]:
    if period.since is not None:
        versions = versions.filter(recorded__gte=period.since)
    if period.at_high is not None:
        versions = versions.filter(recorded__lt=period.at_high)
    if period.at_low is not None:
        replaced = ResourceVersion.objects.filter(
            Q(recorded__lte=period.at_low), resource=OuterRef("resource"), number__gt=OuterRef("number")
        )
        versions = versions.filter(~Exists(replaced))
    return versions


def _opened(versions: Sequence[ResourceVersion]) -> tuple[Addressed, ...]:
    keyring = Keyring()
    return tuple(Addressed(v, open_body(v, keyring=keyring) if v.body else None) for v in versions)
