"""Plants errors in clean records, seeded: which, where, and what stood there. Knows nothing of the rules that look for them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from wardround.bench.accuracy import (
    slips_in_history,
    slips_of_dates,
    slips_of_records,
    slips_of_sex,
    slips_of_the_point,
    slips_of_units,
    swapped_pressures,
)
from wardround.bench.accuracy.charts import Chart, RecordSet, Resource, Value, day_of, key_of
from wardround.bench.accuracy.plants import Kind, Plant, Surroundings, Written
from wardround.bench.accuracy.slips_in_history import earlier_values
from wardround.bench.accuracy.spans import EARLIER, series_of, spans_of

KINDS: tuple[Kind, ...] = (
    *slips_of_the_point.KINDS,
    *slips_of_units.KINDS,
    *swapped_pressures.KINDS,
    *slips_in_history.KINDS,
    *slips_of_dates.KINDS,
    *slips_of_sex.KINDS,
    *slips_of_records.KINDS,
)
# Of one patient's values of one code, at most one in so many is wrong: the neighbours of a wrong value are right.
_APART = 4
# Errors in a patient's own birth date or sex make the whole chart wrong, so few charts have one, and nothing else.
_PATIENTS_AT_MOST = 0.06


@dataclass
class _Desk:
    """What is already planted: one error for each patient and day, and values of a series kept apart."""

    days: set[tuple[str, str]] = field(default_factory=set)
    patients: set[str] = field(default_factory=set)
    places: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[str, Resource] = field(default_factory=dict)
    added: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    plants: list[Plant] = field(default_factory=list)

    def is_free(self, patient_id: str, day: str) -> bool:
        return bool(day) and patient_id not in self.patients and (patient_id, day) not in self.days

    def put(self, plant: Plant, written: Written, *, day: str) -> None:
        self.days.add((plant.patient_id, day))
        if written.is_added:
            self.added[plant.patient_id].append(written.resource)
        else:
            self.changed[key_of(written.resource)] = written.resource
        self.plants.append(plant)


def inject(
    records: RecordSet,
    *,
    seed: int,
    today: str,
    wrong_already: Collection[str] = (),
    kinds: Sequence[Kind] = KINDS,
) -> tuple[RecordSet, tuple[Plant, ...]]:
    """The same records with errors in a share of `records.rate`, as many of each kind as there is room for.

    `wrong_already`: places of values that are no truth: nothing is planted there. `kinds`: which forms of errors.
    """
    dice = Random(f"{seed}/{records.key}/accuracy")  # noqa: S311 - a benchmark's errors need no secrecy
    around = surroundings_of(records.charts, today=today)
    desk = _Desk()
    _plant_in_patients(records, kinds, around, desk, dice)
    values = [value for series in around.series.values() for value in series if value.place not in wrong_already]
    dated = [(resource, chart) for chart in records.charts for resource in chart.records if day_of(resource)]
    budget = int(records.rate * (len(values) + sum(r["resourceType"] != "Observation" for r, _chart in dated)))
    tries = {kind.name: _tries(kind, values, dated, around, desk, dice) for kind in kinds if kind.to_patient is None}
    while tries and len(desk.plants) < budget:
        for name in list(tries):
            if len(desk.plants) >= budget:
                break
            if next(tries[name], None) is None:
                del tries[name]
    return _applied(records, desk, dice), tuple(sorted(desk.plants, key=lambda plant: (plant.kind, plant.place)))


def surroundings_of(charts: Sequence[Chart], *, today: str) -> Surroundings:
    """What slips may look at, made once."""
    series = series_of(charts)
    patients_with: dict[str, list[str]] = defaultdict(list)
    for patient_id, code in series:
        patients_with[code].append(patient_id)
    panels: dict[tuple[str, str], list[Value]] = defaultdict(list)
    for own in series.values():
        for value in own:
            panels[value.patient_id, value.time].append(value)
    periods = {
        key_of(resource): (str(resource["period"].get("start", "")), str(resource["period"].get("end", "")))
        for chart in charts
        for resource in chart.records
        if resource["resourceType"] == "Encounter" and isinstance(resource.get("period"), dict)
    }
    return Surroundings(
        charts={chart.id: chart for chart in charts},
        series=series,
        spans=spans_of(series),
        keys={key_of(resource) for chart in charts for resource in chart.everything()},
        today=today,
        sexed=slips_of_sex.sexed_records(charts),
        periods=periods,
        patients_with=patients_with,
        panels=panels,
    )


def _plant_in_patients(
    records: RecordSet, kinds: Sequence[Kind], around: Surroundings, desk: _Desk, dice: Random
) -> None:
    most = max(1, int(len(records.charts) * min(_PATIENTS_AT_MOST, 2 * records.rate)))
    for kind in (kind for kind in kinds if kind.to_patient is not None):
        planted = 0
        for chart in dice.sample(records.charts, len(records.charts)):
            if kind.to_patient is None or planted >= most or chart.id in desk.patients:
                continue
            written = kind.to_patient(chart.patient, chart, around, dice)
            if written is not None:
                desk.put(_plant(kind, chart.id, written), written, day="")
                desk.patients.add(chart.id)
                planted += 1


def _tries(
    kind: Kind,
    values: Sequence[Value],
    dated: Sequence[tuple[Resource, Chart]],
    around: Surroundings,
    desk: _Desk,
    dice: Random,
) -> Iterator[Plant]:
    """One planted error of the kind after the other, in an order of its own, until there is no room left."""
    if kind.to_value is not None:
        for value in dice.sample(values, len(values)):
            if not desk.is_free(value.patient_id, value.day) or key_of(value.resource) in desk.changed:
                continue
            if not _is_apart(value, around, desk):
                continue
            written = kind.to_value(value, around, dice)
            if written is None or written.resource == value.resource:
                continue
            yield _put_value(kind, value, written, around, desk)
    elif kind.to_record is not None:
        for resource, chart in dice.sample(dated, len(dated)):
            if not desk.is_free(chart.id, day_of(resource)) or key_of(resource) in desk.changed:
                continue
            written = kind.to_record(resource, chart, around, dice)
            if written is None or written.resource == resource:
                continue
            plant = _plant(kind, chart.id, written)
            desk.put(plant, written, day=day_of(resource))
            yield plant


def _put_value(kind: Kind, value: Value, written: Written, around: Surroundings, desk: _Desk) -> Plant:
    earlier = earlier_values(value, around)
    is_among = written.wrong is not None and around.spans.is_among(value, written.wrong)
    shows = (
        len(earlier) >= EARLIER
        and written.wrong is not None
        and around.spans.shows_in(earlier[-1].number, written.wrong, code=value.code)
    )
    plant = _plant(kind, value.patient_id, written, value=value, lands_among_others=is_among, shows_in_history=shows)
    desk.put(plant, written, day=value.day)
    desk.places[value.patient_id, value.code].append(_position(value, around))
    return plant


def _plant(
    kind: Kind,
    patient_id: str,
    written: Written,
    *,
    value: Value | None = None,
    lands_among_others: bool = False,
    shows_in_history: bool = False,
) -> Plant:
    true: Decimal | None = value.number if value else None
    return Plant(
        kind=kind.name,
        family=kind.family,
        patient_id=patient_id,
        resource=key_of(written.resource),
        path=written.path,
        also=written.also,
        true=true,
        true_unit=value.unit if value else "",
        written=written.text,
        code=value.code if value else "",
        lands_among_others=lands_among_others,
        shows_in_history=shows_in_history,
    )


def _position(value: Value, around: Surroundings) -> int:
    series = around.series[value.patient_id, value.code]
    return next(place for place, other in enumerate(series) if other.place == value.place)


def _is_apart(value: Value, around: Surroundings, desk: _Desk) -> bool:
    taken = desk.places.get((value.patient_id, value.code))
    if not taken:
        return True
    position = _position(value, around)
    return all(abs(position - other) >= _APART for other in taken)


def _applied(records: RecordSet, desk: _Desk, dice: Random) -> RecordSet:
    charts = []
    for chart in records.charts:
        own = [desk.changed.get(key_of(resource), resource) for resource in chart.records]
        for resource in desk.added.get(chart.id, ()):
            own.insert(dice.randrange(len(own) + 1), resource)
        patient = desk.changed.get(key_of(chart.patient), chart.patient)
        charts.append(Chart(patient, tuple(own)))
    return replace(records, charts=tuple(charts))
