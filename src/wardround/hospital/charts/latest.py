"""The latest value of each measurement and the one before it, chosen by the database: what a summary needs, and no more."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from wardround.hospital.charts.observed_text import printed_observed
from wardround.hospital.charts.opened import of_rows
from wardround.hospital.charts.results import AS_RECEIVED, ResultLine, result_line
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.models import Fact, StandardValue


@dataclass(frozen=True)
class Chosen:
    """A value, and the one before it in time."""

    row: StandardValue
    previous: StandardValue | None


def measured_rows(patient_id: str) -> QuerySet[StandardValue]:
    """The present values of everything that was measured and understood."""
    return StandardValue.objects.filter(
        patient_id=patient_id, fact=Fact.MEASUREMENT, is_current=True, not_standard="", resource__is_deleted=False
    ).select_related("resource")


def latest_of_each(patient_id: str) -> list[Chosen]:
    """Of each measurement the latest value and the one before; one question. What is held is chosen too: it is shown as held."""
    newest_first = [F("time").desc(nulls_last=True), F("id").desc()]
    place = Window(RowNumber(), partition_by=[F("measurement")], order_by=newest_first)
    rows = measured_rows(patient_id).annotate(place=place).filter(place__lte=2)
    by_key: dict[str, list[StandardValue]] = defaultdict(list)
    for row in rows:
        by_key[row.measurement].append(row)
    for found in by_key.values():
        found.sort(key=lambda row: row.place)  # type: ignore[attr-defined]
    return [Chosen(found[0], _comparable(found[1:])) for found in by_key.values()]


def held_values(patient_id: str) -> list[StandardValue]:
    """Everything measured that waits for a decision, in order of time."""
    return list(measured_rows(patient_id).filter(is_held=True).order_by("time", "id"))


def lines_of(chosen: Sequence[Chosen], *, patient_id: str, whose: Whose) -> list[ResultLine]:
    """The lines of these values. Only what came in another unit is opened, to say how it came; two questions."""
    earlier = earlier_values([one.row for one in chosen])
    converted = [one.row for one in chosen if not one.row.rule.startswith(AS_RECEIVED)]
    opened = of_rows(patient_id, [row.resource_id for row in converted])
    found = []
    for one in chosen:
        record = opened.get(one.row.resource_id)
        observed = record.observed.get(one.row.path) if record else None
        found.append(
            result_line(
                one.row,
                received=printed_observed(observed) if observed else "",
                earlier=earlier[(one.row.resource_id, one.row.path)],
                whose=whose,
                previous=one.previous,
            )
        )
    return found


def _comparable(rows: Sequence[StandardValue]) -> StandardValue | None:
    """A held value is nothing to compare with."""
    return next((row for row in rows if not row.is_held), None)


def earlier_values(values: Iterable[StandardValue]) -> dict[tuple[int, str], list[StandardValue]]:
    """What the same places said in earlier versions, oldest first; asked only for records that have any."""
    found: dict[tuple[int, str], list[StandardValue]] = defaultdict(list)
    changed = sorted({row.resource_id for row in values if row.version > 1})
    rows = StandardValue.objects.filter(resource__in=changed, is_current=False).order_by("version", "id")
    for row in rows if changed else ():
        found[(row.resource_id, row.path)].append(row)
    return found
