"""A whole chart for paper: everything that its pages show, under one banner. That it was printed is in the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from wardround.hospital.charts.everything import Everything, everything
from wardround.hospital.charts.given import given
from wardround.hospital.charts.latest import Chosen, lines_of, measured_rows
from wardround.hospital.charts.limit_results import limit_line, limit_results
from wardround.hospital.charts.observed_text import as_received
from wardround.hospital.charts.opened import Record, of_types
from wardround.hospital.charts.pages import FAMILY, LISTINGS, stays
from wardround.hospital.charts.person import Banner, banner_for
from wardround.hospital.charts.results import ResultLine, sections
from wardround.hospital.charts.standing import TYPES as STANDING
from wardround.hospital.charts.standing import standing
from wardround.hospital.charts.statement import Statement, with_findings
from wardround.hospital.charts.vital_signs import VitalSigns, vital_signs
from wardround.hospital.records.access import Patient
from wardround.web.audit.trail import record_one
from wardround.web.paging import Page

_AS_RECEIVED = 1_000


@dataclass(frozen=True)
class Listed:
    title: str
    none: str
    lines: Sequence[Statement]


@dataclass(frozen=True)
class Printed:
    """Everything on the paper."""

    person: Banner
    at: datetime
    by: str
    standing: tuple[Statement, ...]  # active flags and advance directives
    given: Page
    others: Everything  # what no other page of the chart shows, each on one line
    vital_signs: VitalSigns
    lists: tuple[Listed, ...]
    sections: tuple[tuple[str, tuple[tuple[str, tuple[ResultLine, ...]], ...]], ...]  # heading, test, its results
    as_received: Page


def printed(patient: Patient, *, by: str) -> Printed:
    """The whole chart; of the records that are only lists, all; of measurements every value, newest first."""
    person = banner_for(patient)
    types = {name for listing in (*LISTINGS.values(), FAMILY) for name in listing.types}
    found = of_types(patient.id, (*types, *STANDING))
    lists = [
        Listed(
            str(listing.title),
            str(listing.none),
            with_findings(listing.lines(_of(found, *listing.types)), patient_id=patient.id),
        )
        for listing in (*LISTINGS.values(), FAMILY)
    ]
    lists.append(Listed(gettext("Stays and visits"), gettext("No stay or visit is recorded."), stays(patient)))
    rows = [Chosen(row, None) for row in measured_rows(patient.id).order_by("-time", "-id")]
    by_key: dict[str, list[ResultLine]] = {}
    for chosen, line in zip(rows, lines_of(rows, patient_id=patient.id, whose=person.whose), strict=True):
        by_key.setdefault(chosen.row.measurement, []).append(line)
    limits = limit_results(patient.id)
    for one in limits:
        by_key.setdefault(one.measurement.key, []).append(limit_line(one, whose=person.whose))
    for found_lines in by_key.values():
        found_lines.sort(key=lambda line: line.time.timestamp() if line.time else 0.0, reverse=True)
    record_one(patient.actor, "chart.print", patient_id=patient.id, detail={"values": len(rows), "records": len(found)})
    return Printed(
        person=person,
        at=timezone.now(),
        by=by,
        standing=standing(_of(found, *STANDING)),
        given=given(patient.id, size=_AS_RECEIVED),
        others=everything(patient, size=_AS_RECEIVED),
        vital_signs=vital_signs(patient.id, whose=person.whose),
        lists=tuple(lists),
        sections=tuple((section.title, tuple(_grouped(section.lines))) for section in sections(by_key)),
        as_received=as_received(patient.id, size=_AS_RECEIVED, without=[one.row for one in limits]),
    )


def _of(records: Sequence[Record], *types: str) -> list[Record]:
    return [record for record in records if record.type in types]


def _grouped(lines: Sequence[ResultLine]) -> list[tuple[str, tuple[ResultLine, ...]]]:
    groups: dict[str, list[ResultLine]] = {}
    for line in lines:
        groups.setdefault(line.title, []).append(line)
    return [(title, tuple(found)) for title, found in groups.items()]
