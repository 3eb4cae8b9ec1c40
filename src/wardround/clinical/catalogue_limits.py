"""Reads the limits of one catalogue entry, for everybody and by age and sex, and refuses those that contradict each other."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from wardround.clinical.errors import CatalogueError
from wardround.clinical.findings import ValueContext
from wardround.clinical.limits import limits_for
from wardround.clinical.measurements import Band, Change, Group, LimitName, Limits, Measurement, Sex

Sources = list[tuple[str, str, str]]

_NAMES: tuple[LimitName, ...] = get_args(LimitName)
_WITHIN = ("day", "week", "month", "year")
_OF_A_GROUP = {"from_years", "below_years", "sex"}
_OLDEST = 130.0


def read_limits(entry: Mapping[str, Any], *, key: str, sources: Sources) -> dict[str, Any]:
    """The limits that an entry states, as fields of a Measurement; the source of each goes to `sources`.

    Each is a table, or a list of tables: the first for everybody, the others for a group of patients.
    """
    fields: dict[str, Any] = {}
    bands: list[tuple[LimitName, tuple[Band, ...]]] = []
    for name in _NAMES:
        if name not in entry:
            continue
        everybody, *groups = _tables(entry[name], key=key, name=name)
        if set(everybody) & _OF_A_GROUP:
            raise CatalogueError(f"{key}: the first of the {name} limits is for everybody; it has no age and no sex.")
        fields[name] = _limits(everybody, key=key, name=name, sources=sources)
        if groups:
            of_groups = tuple(_band(table, key=key, name=name, sources=sources) for table in groups)
            _refuse_overlaps((band.group for band in of_groups), key=key, name=name)
            bands.append((name, of_groups))
    if "change" in entry:
        changes = [_change(t, key=key, sources=sources) for t in _tables(entry["change"], key=key, name="change")]
        _refuse_overlaps((change.group for change in changes), key=key, name="change")
        fields["changes"] = tuple(changes)
    return {**fields, "bands": tuple(bands)}


def refuse_contradicting_limits(m: Measurement) -> None:
    """What is usual must be plausible, and what is plausible possible, at every age and for both sexes."""
    ages = {g.from_years for g in _groups(m)} | {g.below_years for g in _groups(m) if math.isfinite(g.below_years)}
    contexts = [ValueContext()] + [
        ValueContext(age_years=min(age, _OLDEST), sex=sex) for age in sorted({0.0, *ages}) for sex in get_args(Sex)
    ]
    for context in contexts:
        inner: Limits | None = None
        for name in ("possible", "plausible", "usual"):
            limits = limits_for(m, name, context=context)
            if limits and inner and not (inner[0] <= limits[0] and limits[1] <= inner[1]):
                at = "" if context.age_years is None else f" at {context.age_years:g} years ({context.sex})"
                raise CatalogueError(f"{m.key}: the {name} limits{at} must lie inside the limits before them.")
            inner = limits or inner
    of_groups = [band.limits for name, bands in m.bands if name == "usual" for band in bands]
    if m.scale == "log" and any(limits[0] <= 0 for limits in (m.usual, *of_groups) if limits):
        raise CatalogueError(f"{m.key}: usual values at or below 0 need the linear scale.")
    for change in m.changes:
        if m.scale == "log" and change.day <= 1:
            raise CatalogueError(f"{m.key}: on the log scale a change is a factor above 1.")


def _groups(m: Measurement) -> list[Group]:
    return [band.group for _, bands in m.bands for band in bands]


def _tables(stated: Any, *, key: str, name: str) -> list[Mapping[str, Any]]:
    tables = stated if isinstance(stated, list) else [stated]
    if not tables or not all(isinstance(table, dict) for table in tables):
        raise CatalogueError(f"{key}: {name} needs a table, or a list of tables.")
    return tables


def _band(table: Mapping[str, Any], *, key: str, name: str, sources: Sources) -> Band:
    group = _group(table, key=key, name=name)
    if group == Group():
        raise CatalogueError(f"{key}: only the first of the {name} limits is for everybody; the others say for whom.")
    return Band(group, _limits(table, key=key, name=name, sources=sources))


def _group(table: Mapping[str, Any], *, key: str, name: str) -> Group:
    sex = table.get("sex")
    if sex not in (None, *get_args(Sex)):
        raise CatalogueError(f"{key}: {name} is for the sex {sex!r}; it must be one of {', '.join(get_args(Sex))}.")
    try:
        group = Group(float(table.get("from_years", 0)), float(table.get("below_years", math.inf)), sex)
    except (TypeError, ValueError) as error:
        raise CatalogueError(f"{key}: {name} needs numbers for from_years and below_years.") from error
    if not 0 <= group.from_years < group.below_years:
        raise CatalogueError(f"{key}: {name} is for an age from {group.from_years:g} to below {group.below_years:g}.")
    return group


def _limits(table: Mapping[str, Any], *, key: str, name: str, sources: Sources) -> Limits:
    try:
        low, high, source = float(table["low"]), float(table["high"]), str(table["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{key}: {name} needs the numbers low and high, and a source in words.") from error
    _refuse_unknown(table, {"low", "high", "source"}, key=key, name=name)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise CatalogueError(f"{key}: {name} runs from {low:g} to {high:g}; low must be below high.")
    sources.append((key, name, source))
    return low, high


def _change(table: Mapping[str, Any], *, key: str, sources: Sources) -> Change:
    try:
        day, week, month, year = (float(table[within]) for within in _WITHIN)
        source = str(table["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{key}: change needs day, week, month and year, and a source in words.") from error
    _refuse_unknown(table, {*_WITHIN, "source"}, key=key, name="change")
    if not 0 < day <= week <= month <= year < math.inf:
        raise CatalogueError(f"{key}: in a longer time a value changes at least as far: day, week, month, year.")
    sources.append((key, "change", source))
    return Change(_group(table, key=key, name="change"), day, week, month, year)


def _refuse_unknown(table: Mapping[str, Any], known: set[str], *, key: str, name: str) -> None:
    unknown = set(table) - known - _OF_A_GROUP
    if unknown:
        raise CatalogueError(f"{key}: {name} has an unknown field {min(unknown)!r}.")


def _refuse_overlaps(groups: Iterable[Group], *, key: str, name: str) -> None:
    """Two groups of one sex that share an age would give two answers."""
    seen: list[Group] = []
    for group in groups:
        for other in seen:
            if (
                group.from_years < other.below_years
                and other.from_years < group.below_years
                and (group.sex is None or other.sex is None or group.sex == other.sex)
            ):
                raise CatalogueError(f"{key}: two of the {name} limits hold for the same patients.")
        seen.append(group)
