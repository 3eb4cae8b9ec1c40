"""The values that a patient already has of what is being measured: the last one beside the box, the latest few beside the form."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from wardround.hospital.records.access import Patient
from wardround.hospital.records.models import QuantityIndex, StandardValue

_SHOWN = 4


@dataclass(frozen=True)
class LastValue:
    """One earlier value in the standard unit. `entered_unit`: the unit it came in (UCUM), where that is known."""

    value: float
    time: datetime
    is_held: bool
    entered_unit: str = ""


def latest(patient: Patient, *, keys: Sequence[str], before: datetime | None = None) -> dict[str, list[LastValue]]:
    """By catalogue key the latest few, newest first; `before`: of those until then."""
    rows = StandardValue.objects.filter(
        patient_id=patient.id,
        measurement__in=list(keys),
        is_current=True,
        value_number__isnull=False,
        time__isnull=False,
        resource__is_deleted=False,
    )
    if before is not None:
        rows = rows.filter(time__lte=before)
    place = Window(RowNumber(), partition_by=[F("measurement")], order_by=[F("time").desc(), F("id").desc()])
    columns = ("measurement", "value_number", "time", "is_held", "resource_id", "place")
    found: dict[str, list[LastValue]] = defaultdict(list)
    shown = list(rows.annotate(place=place).filter(place__lte=_SHOWN).order_by("place").values_list(*columns))
    units = _entered_units([resource for *_rest, resource, place in shown if place == 1])
    for measurement, value, time, is_held, resource, _place in shown:
        found[measurement].append(LastValue(value, time, is_held, units.get(resource, "")))
    return found


def last_of(values: Sequence[LastValue]) -> LastValue | None:
    """The newest that nobody doubts."""
    return next((value for value in values if not value.is_held), None)


def _entered_units(resources: Sequence[int]) -> dict[int, str]:
    """Of resources with one value; the components of a panel are told apart by their own units only, which are alike."""
    rows = QuantityIndex.objects.filter(
        resource__in=resources, parameter__in=("value-quantity", "component-value-quantity")
    )
    return dict(rows.values_list("resource_id", "unit"))
