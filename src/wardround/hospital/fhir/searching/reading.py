"""From the names and values of a request to the search that is meant: conditions, order, and the shape of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.searching.asked import Asked
from wardround.hospital.fhir.searching.conditions import ConditionReader, UnknownParameter, parameter_of
from wardround.hospital.fhir.searching.includes import includes_of
from wardround.hospital.fhir.searching.limits import DEFAULT_COUNT, MAX_COUNT, MOST_SORT_KEYS
from wardround.hospital.fhir.searching.subsetting import Elements, elements_of
from wardround.hospital.records.search.finding import Total
from wardround.hospital.records.search.query import Condition, SearchQuery, SortKey
from wardround.hospital.records.search.sorting import is_sortable
from wardround.web.audit.actor import Actor

Summary = Literal["true", "text", "data", "count", "false"]
_RESULT = frozenset({"_sort", "_count", "_total", "_elements", "_summary", "_contained", "_containedType"})
_INCLUDES = frozenset({"_include", "_include:iterate", "_revinclude", "_revinclude:iterate"})
_ELSEWHERE = frozenset({"_format", "_pretty"})  # read where the answer is written
_TOTALS: dict[str, Total] = {"none": "none", "estimate": "estimate", "accurate": "accurate"}
_SUMMARIES = ("true", "text", "data", "count", "false")


@dataclass(frozen=True)
class Search:
    """A search as it was understood."""

    query: SearchQuery
    count: int
    total: Total
    summary: Summary
    elements: Elements
    understood: tuple[tuple[str, str], ...]  # for the self link
    ignored: tuple[str, ...]  # parameters that a lenient search left out


def read_search(
    types: Sequence[str], asked: Asked, *, actor: Actor, base: str, conditions: Sequence[Condition] = ()
) -> Search:
    """What is not understood is refused: a search that ignores a criterion misleads. A caller who prefers lenient
    handling is told what was left out. `conditions` hold besides (a compartment)."""
    reader = ConditionReader(actor=actor, base=base)
    for type_name in types:
        reader.require_search(type_name)
    found: list[Condition] = list(conditions)
    understood: list[tuple[str, str]] = []
    ignored: list[str] = []
    for name, value in asked.pairs:
        if name in _RESULT or name in _INCLUDES:
            understood.append((name, value))
        elif name not in _ELSEWHERE:
            try:
                found.append(reader.read(types, name, value))
                understood.append((name, value))
            except UnknownParameter:
                if not asked.is_lenient:
                    raise
                ignored.append(name[:60])
    summary = cast("Summary", _choice(asked, "_summary", allowed=_SUMMARIES, default="false"))
    _choice(asked, "_contained", allowed=("false",), default="false")
    includes = includes_of(asked, types=types, reader=reader)
    if includes and summary == "text":
        raise FhirError("_summary=text cannot be combined with _include or _revinclude.", path="_summary")
    count = min(_number(asked, "_count", default=DEFAULT_COUNT), MAX_COUNT)
    total = _TOTALS.get(_choice(asked, "_total", allowed=tuple(_TOTALS), default=""), "bounded")
    is_count = summary == "count" or count == 0
    query = SearchQuery(
        types=tuple(types),
        conditions=tuple(found),
        sort=_sort(asked, types=types),
        includes=() if is_count else includes,
    )
    shown = [(name, value) for name, value in understood if name != "_count"]
    return Search(
        query=query,
        count=0 if is_count else count,
        total="accurate" if is_count and total == "bounded" else total,
        summary=summary,
        elements=elements_of(asked, types=types),
        understood=(*shown, ("_count", str(count))) if asked.values("_count") else tuple(shown),
        ignored=tuple(ignored),
    )


def _sort(asked: Asked, *, types: Sequence[str]) -> tuple[SortKey, ...]:
    text = _once(asked, "_sort")
    keys = []
    for part in text.split(",") if text else ():
        code = part.removeprefix("-")
        try:
            key = SortKey(parameter_of(types, code), is_descending=part.startswith("-"))
        except UnknownParameter as error:
            raise FhirError(error.problems[0].sentence, path="_sort") from None
        if not is_sortable(key):
            raise FhirError("A composite has no order; sort by one of its parts.", path="_sort")
        keys.append(key)
    if len(keys) > MOST_SORT_KEYS:
        raise FhirError(f"_sort takes at most {MOST_SORT_KEYS} parameters.", path="_sort")
    return tuple(keys)


def _number(asked: Asked, name: str, *, default: int) -> int:
    text = _once(asked, name) or str(default)
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise FhirError(f"{name} is a whole number, for example {name}={default}.", path=name)
    return int(text)


def _choice(asked: Asked, name: str, *, allowed: tuple[str, ...], default: str) -> str:
    text = _once(asked, name) or default
    if text not in {*allowed, default}:
        raise FhirError(f"{name} is {' or '.join(allowed)}.", path=name)
    return text


def _once(asked: Asked, name: str) -> str:
    values = asked.values(name)
    if len(values) > 1:
        raise FhirError(f"{name} is said once.", path=name)
    return values[0] if values else ""
