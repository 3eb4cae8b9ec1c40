"""Results that are only known to lie below or above a number ("< 0.01"), in the line of their test and with their sign.

They have no standard value, so nothing that reckons uses them; a reader must see them where the other results of the test are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import float_info
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext

from wardround.clinical.errors import ClinicalError
from wardround.clinical.measurements import Measurement
from wardround.clinical.standardise import conversion_for
from wardround.hospital.charts.fhir_text import quantity_text
from wardround.hospital.charts.opened import Record, before, in_error, of_rows
from wardround.hospital.charts.results import (
    HEART_EXAMINATION,
    SCORES_AND_FUNCTION,
    Earlier,
    ResultLine,
    laboratory_keys,
)
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.code_maps import code_map_of
from wardround.hospital.records.models import (
    DateIndex,
    Fact,
    QuantityIndex,
    Resource,
    ResourceFinding,
    ResourceVersion,
    StandardValue,
)
from wardround.hospital.records.standard_facts import moment_or_none
from wardround.interchange.fhir.limit_values import LimitValue, limit_values
from wardround.interchange.fhir.values import codings_of
from wardround.web.layout.printed import printed_range, printed_unit

_MOST = 500  # the newest of a chart; older ones stay among what is shown as received
_OPEN = float_info.max
_OWN = "Observation.valueQuantity"


@dataclass(frozen=True)
class LimitResult:
    """One of them. `unit`: as received where it is not the standard one of the test, which stands beside the line."""

    row: int
    id: str
    measurement: Measurement
    text: str  # "< 0.01"
    unit: str
    time: datetime
    is_held: bool  # its record waits for a decision; `finding` says why
    finding: str
    was: str  # what it was before it was amended

    @property
    def in_full(self) -> str:
        return f"{self.text} {self.unit}".strip()


def limit_results(patient_id: str) -> list[LimitResult]:
    """The patient's, of tests that the catalogue knows; what cannot be placed is shown as received.

    One question where there are none; only these are opened.
    """
    rows = _rows(patient_id)
    if not rows:
        return []
    records = of_rows(patient_id, rows)
    mapped = _measurements(records)
    earlier = before(records.values())
    waiting = ResourceFinding.objects.filter(resource__in=rows, is_current=True, is_held=True).order_by("-id")
    held = dict(waiting.values_list("resource", "sentence"))
    found = []
    for pk in rows:
        record, measurement = records.get(pk), mapped.get(pk)
        if record is not None and measurement is not None:
            one = _result(record, measurement=measurement, earlier=earlier.get(pk), finding=held.get(pk))
            found += [one] if one is not None else []
    return found


def latest_limits(results: Collection[LimitResult]) -> dict[str, LimitResult]:
    """Of each measurement the latest, by catalogue key."""
    return {one.measurement.key: one for one in sorted(results, key=lambda one: one.time)}


def limit_line(
    one: LimitResult, *, whose: Whose, previous: str = "", previous_time: datetime | None = None
) -> ResultLine:
    """A line of the chart. It has no flag: of its value only the side is known."""
    return ResultLine(
        value_id=-one.row,  # it has no standard value
        title=gettext(one.measurement.title),
        value=one.text,
        unit=one.unit or printed_unit(one.measurement.unit),
        is_answer=False,
        flag="",
        reference=printed_range(whose.usual(one.measurement, time=one.time)),
        exact="",
        received="",
        rule="",
        time=one.time,
        is_held=one.is_held,
        is_held_with_record=one.is_held,
        suggestion="",
        finding=one.finding,
        confirmed_by="",
        earlier=(Earlier(text=one.was, decided_by="", decided=None, reason=""),) if one.was else (),
        type="Observation",
        resource_id=one.id,
        previous=previous,
        previous_time=previous_time,
    )


def limit_text(limit: LimitValue) -> str:
    """ "< 0.01 ng/mL", as received."""
    value = {"value": limit.number, "unit": limit.observed.unit or "", "comparator": limit.comparator}
    return quantity_text(value)


def _rows(patient_id: str) -> list[int]:
    understood = StandardValue.objects.filter(
        resource=OuterRef("pk"), is_current=True, fact=Fact.MEASUREMENT, not_standard=""
    )
    is_open = Q(low__lte=-_OPEN) | Q(high__gte=_OPEN)
    open_ended = QuantityIndex.objects.filter(is_open, resource=OuterRef("pk"), parameter="value-quantity")
    day = DateIndex.objects.filter(resource=OuterRef("pk"), parameter="date").values("low")[:1]
    rows = Resource.objects.filter(
        Q(type="Observation"), ~Exists(understood), Exists(open_ended), ~in_error(),
        patient_id=patient_id, is_deleted=False,
    )  # fmt: skip
    newest = rows.annotate(day=Subquery(day)).order_by(F("day").desc(nulls_last=True), "-pk")
    return list(newest.values_list("pk", flat=True)[:_MOST])


def _measurements(records: Mapping[int, Record]) -> dict[int, Measurement]:
    """What each measures, by the mapping under which it came."""
    shown = {*laboratory_keys(), *HEART_EXAMINATION, *SCORES_AND_FUNCTION}
    versions = ResourceVersion.objects.filter(resource__in=list(records), number=F("resource__version"))
    found: dict[int, Measurement] = {}
    for version in versions.select_related("provenance__code_mapping"):
        body = records[version.resource_id].body
        try:
            measurement = code_map_of(version.provenance.code_mapping).measurement(codings_of(body.get("code")))
        except ClinicalError:  # its codes name two tests
            continue
        if measurement is not None and measurement.kind == "quantity" and measurement.key in shown:
            found[version.resource_id] = measurement
    return found


def _result(
    record: Record, *, measurement: Measurement, earlier: Record | None, finding: str | None
) -> LimitResult | None:
    limit = next((one for one in limit_values(record.body) if one.observed.path == _OWN), None)
    time = moment_or_none(limit.observed.time) if limit is not None else None
    if limit is None or time is None or (limit.observed.unit is None and measurement.unit):
        return None
    quantity = record.body["valueQuantity"]
    unit = "" if _is_standard(limit.observed.unit, measurement) else printed_unit(limit.observed.unit)
    old = quantity_text(earlier.body.get("valueQuantity")) if earlier is not None else ""
    return LimitResult(
        row=record.row,
        id=record.id,
        measurement=measurement,
        text=quantity_text(_bare(quantity)),
        unit=unit,
        time=time,
        is_held=finding is not None,
        finding=finding or "",
        was=old if old != quantity_text(quantity) else "",
    )


def _bare(quantity: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in quantity.items() if name in ("value", "comparator")}


def _is_standard(unit: str | None, measurement: Measurement) -> bool:
    try:
        return unit is None or conversion_for(measurement, unit).is_identity
    except ClinicalError:
        return False
