"""What comes along with the hits: resources that they refer to, and resources that refer to them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q

from wardround.hospital.records.models import ReferenceIndex, Resource, UriIndex
from wardround.hospital.records.search.query import Include
from wardround.interchange.fhir.search_parameters import parameters_of

MOST_INCLUDED = 1_000
_SLICE = 500
_T = TypeVar("_T")
Row = tuple[int, str, str]  # pk, type, id


@dataclass(frozen=True)
class Included:
    pks: tuple[int, ...]
    is_cut: bool  # there would have been more


def included_with(pks: Sequence[int], *, includes: Sequence[Include], readable: Q) -> Included:
    """The resources that come along with these hits, each once and none of the hits themselves.

    What is not `readable` stays away. `:iterate` goes on from what came along, until nothing new comes; at most MOST_INCLUDED in all.
    """
    if not includes or not pks:
        return Included((), is_cut=False)
    frontier = [row for part in _slices(pks) for row in _present(Q(pk__in=part), readable=readable)]
    seen = {row[0] for row in frontier}
    found: list[int] = []
    following = list(includes)
    while frontier and following:
        new = []
        for row in (row for include in following for row in _along(include, frontier, readable=readable)):
            if row[0] in seen:
                continue
            if len(found) == MOST_INCLUDED:
                return Included(tuple(found), is_cut=True)
            seen.add(row[0])
            found.append(row[0])
            new.append(row)
        frontier = new
        following = [include for include in includes if include.iterates]
    return Included(tuple(found), is_cut=False)


def _along(include: Include, rows: Sequence[Row], *, readable: Q) -> Iterator[Row]:
    if include.is_reverse:
        yield from _referring(include, rows, readable=readable)
        return
    own = [pk for pk, type_name, _id in rows if type_name == include.source]
    for part in _slices(own):
        references = ReferenceIndex.objects.filter(
            resource__in=part, parameter=include.parameter.code, target_type__in=include.targets
        )
        ids: dict[str, set[str]] = defaultdict(set)
        for type_name, logical_id in references.values_list("target_type", "target_id"):
            ids[type_name].add(logical_id)
        for type_name, wanted in sorted(ids.items()):
            for slice_of_ids in _slices(sorted(wanted)):
                yield from _present(Q(type=type_name, logical_id__in=slice_of_ids), readable=readable)
        yield from _by_canonical(include, part, readable=readable)


def _by_canonical(include: Include, pks: Sequence[int], *, readable: Q) -> Iterator[Row]:
    """A canonical reference is the address that the other resource says of itself."""
    canonical = [name for name in sorted(include.targets) if "url" in parameters_of(name)]
    addresses = UriIndex.objects.filter(resource__in=pks, parameter=include.parameter.code) if canonical else []
    urls = sorted({row.value.partition("|")[0] for row in addresses})
    for part in _slices(urls):
        named = UriIndex.objects.filter(type__in=canonical, parameter="url", value__in=part)
        yield from _first(Q(pk__in=named.values("resource")), readable=readable)


def _referring(include: Include, rows: Sequence[Row], *, readable: Q) -> Iterator[Row]:
    ids: dict[str, list[str]] = defaultdict(list)
    for _pk, type_name, logical_id in rows:
        if type_name in include.targets:
            ids[type_name].append(logical_id)
    for type_name, wanted in sorted(ids.items()):
        for part in _slices(wanted):
            referring = ReferenceIndex.objects.filter(
                type=include.source, parameter=include.parameter.code, target_type=type_name, target_id__in=part
            )
            yield from _first(Q(pk__in=referring.values("resource")), readable=readable)


def _present(condition: Q, *, readable: Q) -> Iterable[Row]:
    """Resources that are named one by one. Asked to sort them, SQLite would walk all of the type instead."""
    rows = Resource.objects.filter(condition, readable, is_deleted=False)
    return sorted(rows.values_list("pk", "type", "logical_id"))


def _first(condition: Q, *, readable: Q) -> Iterable[Row]:
    """Resources that may be many."""
    rows = Resource.objects.filter(condition, readable, is_deleted=False).order_by("pk")
    # Those seen before are in it too, but never more than the hits of a page and what came along.
    return rows.values_list("pk", "type", "logical_id")[: 2 * MOST_INCLUDED + _SLICE]


def _slices(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[start : start + _SLICE] for start in range(0, len(items), _SLICE))
