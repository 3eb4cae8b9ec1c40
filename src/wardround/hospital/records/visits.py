"""When the visits began and ended to which records belong: as they are stored or on their way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wardround.clinical.records import Moment
from wardround.hospital.records.models import DateIndex, Resource
from wardround.interchange.fhir.chart_records import record_of

PRESENT = ("in-progress", "arrived", "triaged")
# HL7 v3 ActCode, as R4 binds Encounter.class: who lies in a bed, or waits for one.
INSIDE = ("IMP", "ACUTE", "NONAC", "EMER", "SS", "OBSENC")
_SLICE = 500
_NO_END = 9999  # the calendar's last year stands for an end that is not known


@dataclass(frozen=True)
class Visit:
    """One Encounter with both its ends; `row` is its Resource row."""

    row: int
    span: tuple[Moment, Moment]


class Visits:
    """The visits of one writing: each is read once, and known anew when it is written."""

    def __init__(self) -> None:
        self._known: dict[str, Visit | None] = {}

    def know(self, encounter: Mapping[str, Any], *, row: Resource) -> None:
        """This is how the visit is from now on."""
        record = record_of(encounter)
        ends = (record.begins, record.ends) if record is not None else (None, None)
        begin, end = ends
        self._known[row.logical_id] = Visit(row.pk, (begin, end)) if begin is not None and end is not None else None

    def look_up(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        """Read the visits that these resources name and that are not known yet; one query."""
        unknown = sorted({name for body in bodies if (name := visit_of(body))} - self._known.keys())
        for start in range(0, len(unknown), _SLICE):
            part = unknown[start : start + _SLICE]
            self._known |= dict.fromkeys(part)
            rows = Resource.objects.filter(type="Encounter", logical_id__in=part, is_deleted=False)
            spans = DateIndex.objects.filter(resource__in=rows, type="Encounter", parameter="date")
            for pk, name, low, high in spans.values_list("resource", "resource__logical_id", "low", "high"):
                if low.year > 1 and high.year < _NO_END:
                    self._known[name] = Visit(pk, (_moment("start", low), _moment("end", high)))

    def of(self, body: Mapping[str, Any]) -> Visit | None:
        """The visit to which this resource belongs, if both its ends are known."""
        name = visit_of(body)
        return self._known.get(name) if name else None


def visit_of(body: Mapping[str, Any]) -> str:
    """The id of the Encounter that a resource names as its own; empty for none."""
    encounter = body.get("encounter")
    reference = encounter.get("reference") if isinstance(encounter, Mapping) else None
    prefix, _slash, name = str(reference).partition("/")
    return name.partition("/")[0] if prefix == "Encounter" else ""


def _moment(end: str, time: datetime) -> Moment:
    return Moment(f"Encounter.period.{end}", time.date().isoformat(), time, time)
