"""One page of a search, opened and in the audit trail; what was searched for is not kept, only by what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wardround.hospital.records.access import is_in_care_teams, patient_for, records_for, require
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.hospital.records.search.finding import Total, find
from wardround.hospital.records.search.includes import included_with
from wardround.hospital.records.search.query import InCompartment, ReadableBy, SearchQuery
from wardround.hospital.records.search.sorting import Position
from wardround.hospital.records.search.verifying import present_versions
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_SLICE = 500


@dataclass(frozen=True)
class Hit:
    """The present version of a resource and its text."""

    version: ResourceVersion
    text: bytes


@dataclass(frozen=True)
class SearchPage:
    """A page of hits and what comes along; `total` is None where it was not counted."""

    hits: tuple[Hit, ...]
    included: tuple[Hit, ...]
    is_cut: bool  # more would have come along than may
    total: int | None
    following: Position | None


def search_page(
    actor: Actor, query: SearchQuery, *, count: int, total: Total = "bounded", after: Position | None = None
) -> SearchPage:
    """Raises `NotAllowed`, `NotThere` for a compartment, `BadSearch`, `TooManyCandidates`."""
    require(actor, "charts")
    for condition in query.conditions:
        if isinstance(condition, InCompartment):
            patient_for(actor, condition.patient_id)
    query = _readable(query, by=actor)
    found = find(query, count=count, total=total, after=after)
    along = included_with(found.pks, includes=query.includes, readable=records_for(actor))
    opened = _opened([*found.pks, *along.pks])
    hits = tuple(opened[pk] for pk in found.pks if pk in opened)
    included = tuple(opened[pk] for pk in along.pks if pk in opened)
    detail: dict[str, object] = {"parameters": query.names, "found": len(hits) if found.total is None else found.total}
    if included:
        detail["included"] = len(included)
    record_one(actor, "record.search", what=",".join(query.types)[:200], detail=detail)
    return SearchPage(hits=hits, included=included, is_cut=along.is_cut, total=found.total, following=found.following)


def matching_resources(actor: Actor, query: SearchQuery, *, limit: int) -> list[str]:
    """The ids of the first hits: of a conditional interaction. In the audit trail like every search."""
    require(actor, "charts")
    query = _readable(query, by=actor)
    found = find(query, count=limit, total="none")
    ids = {version.resource_id: version.resource.logical_id for version in present_versions(found.pks)}
    detail = {"parameters": query.names, "found": len(ids)}
    record_one(actor, "record.search", what=",".join(query.types)[:200], detail=detail)
    return [ids[pk] for pk in found.pks if pk in ids]


def _readable(query: SearchQuery, *, by: Actor) -> SearchQuery:
    """Only what is for this person, where they see their own patients only."""
    if not is_in_care_teams(by):
        return query
    return replace(query, conditions=(*query.conditions, ReadableBy(by)))


def _opened(pks: Sequence[int]) -> dict[int, Hit]:
    versions = [
        version for start in range(0, len(pks), _SLICE) for version in present_versions(pks[start : start + _SLICE])
    ]
    texts = open_bodies(versions)
    return {version.resource_id: Hit(version, texts[version.resource_id]) for version in versions}
