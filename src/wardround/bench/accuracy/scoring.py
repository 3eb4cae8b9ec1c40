"""From what was planted and what was found to figures: recall, right suggestions, confusion and false alarms."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from wardround.bench.accuracy.found import Catch, Found
from wardround.bench.accuracy.intervals import share
from wardround.bench.accuracy.plants import Plant
from wardround.clinical.catalogue import Limits, load_catalogue

_ROUNDING = 0.01  # a suggestion is right within a hundredth of the true value: what rounding to three digits leaves
SUGGESTED = frozenset({"decimal", "unit"})


@dataclass(frozen=True)
class Score:
    """One planted error: was it caught, as what, was a value suggested, was it the true one, and who else caught it."""

    records: str
    plant: Plant
    is_known: bool  # the catalogue knows the clean value; otherwise nobody could judge it
    caught_as: tuple[str, ...]
    suggested: bool
    is_right: bool
    rivals: frozenset[str]


def scored(
    records: str, plants: Iterable[Plant], *, clean: Found, dirty: Found, rivals: Mapping[str, AbstractSet[str]]
) -> list[Score]:
    """`rivals`: name -> places that this one flags in the records with errors."""
    return [_score(records, plant, clean=clean, dirty=dirty, rivals=rivals) for plant in plants]


def _score(records: str, plant: Plant, *, clean: Found, dirty: Found, rivals: Mapping[str, AbstractSet[str]]) -> Score:
    catches = dirty.catches(plant, clean=clean)
    suggestions = [catch for catch in catches if catch.suggestion is not None]
    # A rival's word on a whole record is one on its dates or its sex, and on nothing else that is wrong with it.
    is_of_record = plant.family in ("date", "sex")
    places = {place for place in (plant.place, plant.resource, *plant.also) if is_of_record or "#" in place}
    return Score(
        records=records,
        plant=plant,
        is_known=not plant.path.startswith("Observation") or _is_standard(clean, plant.place),
        caught_as=tuple(dict.fromkeys(catch.kind for catch in catches)),
        suggested=bool(suggestions),
        is_right=bool(suggestions) and all(_is_true(catch, clean=clean) for catch in suggestions),
        rivals=frozenset(name for name, flagged in rivals.items() if places & flagged),
    )


def _is_standard(clean: Found, place: str) -> bool:
    row = clean.values.get(place)
    return row is not None and row["value_number"] is not None


def _is_true(catch: Catch, *, clean: Found) -> bool:
    """The clean import's standard value at this place is the truth."""
    truth = clean.values.get(catch.place, {})
    number = truth.get("value_number")
    if number is None or catch.suggestion is None or catch.unit != truth["unit"]:
        return False
    return bool(abs(catch.suggestion - number) <= _ROUNDING * abs(number))


def figures(scores: Sequence[Score]) -> dict[str, Any]:
    """The figures of some planted errors."""
    known = [score for score in scores if score.is_known]
    suggested = [score for score in known if score.suggested]
    right = sum(score.is_right for score in known)
    return {
        "planted": len(known),
        "not_in_catalogue": len(scores) - len(known),
        "recall": share(sum(bool(score.caught_as) for score in known), len(known)),
        "suggested": len(suggested),
        "right_of_suggested": share(right, len(suggested)),
        "right_of_planted": share(right, len(known)),
        "rivals": {
            name: share(sum(name in score.rivals for score in known), len(known))
            for name in sorted({name for score in scores for name in score.rivals} | _RIVALS)
        },
    }


_RIVALS = {"possible", "plausible", "dqd"}


def by(scores: Iterable[Score], key: Callable[[Score], str]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups[key(score)].append(score)
    return {name: figures(groups[name]) for name in sorted(groups)}


def confusion(scores: Iterable[Score]) -> dict[str, dict[str, int]]:
    """Kind as planted -> kind as found -> how many; "missed" where nothing holds it."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for score in scores:
        if score.is_known:
            table[score.plant.kind][score.caught_as[0] if score.caught_as else "missed"] += 1
    return {kind: dict(found.most_common()) for kind, found in sorted(table.items())}


def false_alarms(clean: Found, *, defects: AbstractSet[str], rivals: Mapping[str, AbstractSet[str]]) -> dict[str, Any]:
    """Of clean values: held, remarked on, and flagged by the others. Of the data set's own defects: found."""
    values = {place: row for place, row in clean.measured() if place not in defects}
    held = [row["finding"] for row in values.values() if row["is_held"]]
    remarks = [row["finding"] for row in values.values() if row["finding"] and not row["is_held"]]
    records = {row["resource"]: row["finding"] for row in clean.held() if not _is_measured(row)}
    bad = [place for place in defects if place in clean.values]
    return {
        "values": len(values),
        "held": share(len(held), len(values)),
        "held_by_kind": dict(Counter(held).most_common()),
        "remarked": share(len(remarks), len(values)),
        "remarked_by_kind": dict(Counter(remarks).most_common()),
        "records": share(len(records), clean.resources),
        "records_by_kind": dict(Counter(records.values()).most_common()),
        "quarantined": len(clean.quarantined),
        "rivals": {name: share(len(values.keys() & flagged), len(values)) for name, flagged in sorted(rivals.items())},
        "defects": share(sum(clean.values[place]["is_held"] for place in bad), len(bad)),
    }


def _is_measured(row: dict[str, Any]) -> bool:
    return row.get("fact") == "measurement" and row.get("value_number") is not None


def collateral(clean: Found, dirty: Found, *, plants: Sequence[Plant], defects: AbstractSet[str]) -> dict[str, Any]:
    """Right values that are held only because something else in the chart is wrong."""
    spoilt = {place for plant in plants for place in (plant.place, plant.resource, *plant.also)}
    charts = {place.removeprefix("chart:") for place in spoilt if place.startswith("chart:")}
    right = {
        place: row
        for place, row in dirty.measured()
        if place not in spoilt
        and row["resource"] not in spoilt
        and row["patient_id"] not in charts
        and place not in defects
    }
    held = [row["finding"] for place, row in right.items() if row["is_held"] and not clean.is_held_at(place)]
    return {"values": len(right), "held": share(len(held), len(right)), "by_kind": dict(Counter(held).most_common())}


def range_check(found: Found) -> dict[str, set[str]]:
    """A plain range check: values outside the catalogue's possible and plausible limits (of all ages), and nothing else."""
    limits: dict[str, tuple[Limits | None, Limits | None]] = {
        m.key: (m.possible, m.plausible or m.possible) for m in load_catalogue()
    }
    flagged: dict[str, set[str]] = {"possible": set(), "plausible": set()}
    for place, row in found.measured():
        possible, plausible = limits.get(row["measurement"], (None, None))
        for name, bounds in (("possible", possible), ("plausible", plausible)):
            if bounds is not None and not bounds[0] <= row["value_number"] <= bounds[1]:
                flagged[name].add(place)
    return flagged
