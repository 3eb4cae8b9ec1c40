"""Finding the hits of a search: all of them while they are few, else page by page in an order that an index has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Exists, Max, Q
from django.utils import timezone

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.models import NumberIndex, QuantityIndex, Resource
from wardround.hospital.records.search.conditions import Beginning, Conditions, must_be_verified
from wardround.hospital.records.search.query import (
    Chain,
    Condition,
    Criterion,
    ReadableBy,
    ReverseChain,
    SearchQuery,
)
from wardround.hospital.records.search.sorting import (
    Position,
    behind,
    by_date,
    earlier_row,
    is_behind,
    is_by_date,
    is_encrypted,
    keyed,
    sorted_in_memory,
    without_date,
)
from wardround.hospital.records.search.verifying import MAX_CANDIDATES, check_number, opened, verified

Total = Literal["bounded", "accurate", "estimate", "none"]
COUNTED = MAX_CANDIDATES  # up to so many hits are counted without being asked to
_FEW = 500  # a beginning with so few rows needs no better one
Keyed = tuple[Any, ...]  # pk, and the sort values


@dataclass(frozen=True)
class Found:
    """One page: rows of resources, how many hits there are in all where that is known, and where the next begins."""

    pks: tuple[int, ...]
    total: int | None
    following: Position | None


def find(query: SearchQuery, *, count: int, total: Total = "bounded", after: Position | None = None) -> Found:
    """The hits behind a position, at most `count`. Raises `BadSearch` and `TooManyCandidates`.

    Without a sort they come in the order in which they were first stored.
    """
    return _Search(query, after=after).page(count, total=total)


def matching(
    type_name: str, condition: Condition, *, now: datetime, readable: tuple[ReadableBy, ...] = ()
) -> list[str]:
    """The ids of all resources of a type that meet one condition whose hits must be verified."""
    search = _Search(SearchQuery(types=(type_name,), conditions=(condition, *readable)), after=None, now=now)
    pks = search.few() or []
    rows = Resource.objects.filter(pk__in=pks)
    return list(rows.values_list("logical_id", flat=True))


class _Search:
    def __init__(self, query: SearchQuery, *, after: Position | None, now: datetime | None = None) -> None:
        self._query = query
        self._after = after
        self._now = now or timezone.now()
        self._limit = after.limit if after else _newest_row()
        self._readable = tuple(one for one in query.conditions if isinstance(one, ReadableBy))
        self._conditions = Conditions(
            query.types, blind=BlindIndex(), now=self._now, matching_ids=self._ids_of, readable=self._readable
        )
        self._ids: dict[tuple[str, Condition], list[str]] = {}
        self._to_verify = [c for c in query.conditions if isinstance(c, Criterion) and must_be_verified(c)]

    def page(self, count: int, *, total: Total) -> Found:
        few = self.few()
        rows = self._page_of_few(few, count=count) if few is not None else self._page_of_many(count)
        counted = self._total(few, total=total)
        shown = rows[:count]
        following = None
        if count and len(rows) > count:
            pk, *values = shown[-1]
            following = Position(values=tuple(values), pk=pk, limit=self._limit, total=counted)
        return Found(pks=tuple(row[0] for row in shown), total=counted, following=following)

    def few(self) -> list[int] | None:
        """All hits by row, in the order of their arrival; None when there are more than are counted."""
        candidates = self._candidates()
        if self._to_verify or any(is_encrypted(key) for key in self._query.sort):
            check_number(candidates)
        if len(candidates) > COUNTED:
            return None
        pks = sorted(set(candidates))
        return verified(pks, criteria=self._to_verify, now=self._now) if self._to_verify else pks

    def _ids_of(self, type_name: str, condition: Condition) -> list[str]:
        """What stands at the end of a chain of texts; asked once, although the search is compiled in several forms."""
        key = (type_name, condition)
        if key not in self._ids:
            self._ids[key] = matching(type_name, condition, now=self._now, readable=self._readable)
            check_number([pk for ids in self._ids.values() for pk in ids])
        return self._ids[key]

    def _candidates(self) -> list[int]:
        """Rows that meet the conditions, at most one more than are counted; a row may stand there twice."""
        conditions = self._query.conditions
        begin = self._beginning()
        if begin is None:
            hits = self._conditions.on_resources(conditions, first=True).filter(self._not_newer("pk"))
            return list(hits.values_list("pk", flat=True)[: COUNTED + 1])
        found = begin.rows.of_type(self._query.types[0])
        found = found.filter(self._not_newer("resource_id"), resource__is_deleted=False)
        for condition in conditions:
            if condition is not begin.condition or not begin.is_all:
                found = found.filter(self._conditions.asked_of(condition, outer="resource_id", path="resource__"))
        return list(found.values_list("resource_id", flat=True)[: COUNTED + 1])

    def _beginning(self) -> Beginning | None:
        """The condition with the fewest index rows: each is counted, but never far. None is the resource rows."""
        conditions = self._query.conditions
        if len(self._query.types) != 1 or self._conditions.names_rows(conditions):
            return None
        possible = self._conditions.beginnings(conditions)
        has_links = any(isinstance(condition, Chain | ReverseChain) for condition in conditions)
        if len(possible) < 2 and not has_links:
            return possible[0] if possible else None
        # A range of measures has no index to be counted by.
        countable = [one for one in possible if one.rows.table not in (QuantityIndex, NumberIndex)]
        best, fewest = (possible[0] if possible and not has_links else None), COUNTED + 1
        for one in countable:
            number = one.rows.of_type(self._query.types[0])[:fewest].count()
            if number < fewest:
                best, fewest = one, number
            if fewest <= _FEW:
                break
        return best

    def _not_newer(self, column: str) -> Q:
        """Pages after the first leave out what was stored since."""
        return Q(**{f"{column}__lte": self._limit}) if self._after else Q()

    def _page_of_few(self, pks: Sequence[int], *, count: int) -> list[Keyed]:
        sort, after = self._query.sort, self._after
        if not count:
            return []
        if not sort:
            return [(pk,) for pk in pks if after is None or pk > after.pk][: count + 1]
        if any(is_encrypted(key) for key in sort):
            rows = sorted_in_memory(opened(pks), sort=sort)
            behind_it = [row for row in rows if after is None or is_behind(row, after, sort=sort)]
            return [(pk, *values) for pk, values in behind_it[: count + 1]]
        hits = keyed(Resource.objects.filter(pk__in=pks), sort=sort)
        if after is not None:
            hits = hits.filter(behind(after, sort=sort))
        return list(hits[: count + 1])

    def _page_of_many(self, count: int) -> list[Keyed]:
        sort, after = self._query.sort, self._after
        if not count:
            return []
        if is_by_date(sort) and len(self._query.types) == 1:
            return self._page_by_date(count)
        hits = self._conditions.on_resources(self._query.conditions, first=False).filter(self._not_newer("pk"))
        if not sort:
            hits = hits.filter(pk__gt=after.pk) if after else hits
            return list(hits.order_by("pk").values_list("pk")[: count + 1])
        ordered = keyed(hits, sort=sort)
        if after is not None:
            ordered = ordered.filter(behind(after, sort=sort))
        return list(ordered[: count + 1])

    def _page_by_date(self, count: int) -> list[Keyed]:
        key, after = self._query.sort[0], self._after
        rows: list[Keyed] = []
        if after is None or after.values[0] is not None:
            dated = by_date(key, type_name=self._query.types[0], position=after)
            dated = dated.filter(self._not_newer("resource_id"))
            for condition in self._query.conditions:
                dated = dated.filter(self._conditions.asked_of(condition, outer="resource_id", path="resource__"))
            dated = dated.filter(~Exists(earlier_row(key)))
            rows = list(dated.values_list("resource_id", "low")[: count + 1])
            after = None
        if len(rows) <= count:
            rows += self._page_of_undated(count + 1 - len(rows), after=after)
        return rows

    def _page_of_undated(self, count: int, *, after: Position | None) -> list[Keyed]:
        key = self._query.sort[0]
        hits = self._conditions.on_resources(self._query.conditions, first=False)
        hits = hits.filter(without_date(key), self._not_newer("pk"))
        if after is not None:
            hits = hits.filter(pk__lt=after.pk) if key.is_descending else hits.filter(pk__gt=after.pk)
        ordered = hits.order_by("-pk" if key.is_descending else "pk")
        return [(pk, None) for pk in ordered.values_list("pk", flat=True)[:count]]

    def _total(self, few: Sequence[int] | None, *, total: Total) -> int | None:
        if total == "none":
            return None
        if self._after is not None:
            return self._after.total
        if few is not None:
            return len(few)
        if total == "estimate":
            return COUNTED + 1
        if total == "accurate":
            hits = self._conditions.on_resources(self._query.conditions, first=True)
            return hits.filter(self._not_newer("pk")).count()
        return None


def _newest_row() -> int:
    newest = Resource.objects.aggregate(newest=Max("pk"))["newest"]
    return int(newest or 0)
