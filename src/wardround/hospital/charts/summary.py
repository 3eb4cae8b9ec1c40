"""The summary of a chart: who, what everybody should see, what waits for a decision, the latest results and the lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wardround.hospital.charts.drugs import stored_drugs
from wardround.hospital.charts.family import TYPES as FAMILY
from wardround.hospital.charts.family import relative
from wardround.hospital.charts.latest import Chosen, held_values, latest_of_each, lines_of, measured_rows
from wardround.hospital.charts.limit_results import LimitResult, latest_limits, limit_line, limit_results
from wardround.hospital.charts.medicines import TYPES as MEDICINES
from wardround.hospital.charts.medicines import medicines as medicine_lines
from wardround.hospital.charts.observed_text import as_received
from wardround.hospital.charts.one_line import OneLine, one_line
from wardround.hospital.charts.opened import Record, of_rows, of_types
from wardround.hospital.charts.person import Banner, banner_for
from wardround.hospital.charts.problems import problem
from wardround.hospital.charts.procedures import procedure
from wardround.hospital.charts.results import VITAL_SIGNS, ResultLine, Section, sections, title_of
from wardround.hospital.charts.standing import TYPES as STANDING
from wardround.hospital.charts.standing import standing
from wardround.hospital.charts.statement import Statement, statements, with_findings
from wardround.hospital.charts.visit import Day, latest_visit
from wardround.hospital.charts.vital_signs import VitalSigns, vital_signs
from wardround.hospital.records.access import Patient
from wardround.hospital.records.held_records import is_held_with_its_record
from wardround.hospital.records.models import ResourceFinding, StandardValue
from wardround.web.layout.fhir_words import texts_in_words
from wardround.web.paging import Page

_RESULTS = 20  # of a heading; the others are on the page of all results
_LINES = 8  # of problems, medicines, procedures
_VISIT = 300  # values; a visit with more is a stay, and has no days worth listing


@dataclass(frozen=True)
class ToCheck:
    """A record that waits for a decision: its dates, its state, its sex, or that it came twice."""

    finding_id: int
    record: OneLine
    sentence: str
    suggestion: str  # "14-Mar-2019"; empty where nothing stands out
    can_be_withdrawn: bool  # a person cannot


@dataclass(frozen=True)
class Short:
    """The first lines of a list, and how many more there are."""

    lines: Sequence[Statement]
    more: int
    total: int


@dataclass(frozen=True)
class Summary:
    """One patient's summary."""

    person: Banner
    standing: tuple[Statement, ...]  # active flags and advance directives
    vital_signs: VitalSigns
    vital_lines: tuple[ResultLine, ...]  # held or amended vital signs, and those that the trend does not show
    sections: tuple[Section, ...]
    held_before: tuple[ResultLine, ...]  # held values that are not the latest of their measurement
    more_results: int
    days: tuple[Day, ...]
    problems: Short
    past_problems: int
    medicines: Short
    past_medicines: int
    procedures: Short
    family: Short
    not_understood: Page
    to_check: tuple[ToCheck, ...]
    held: int


def summary(patient: Patient, *, window: str = "") -> Summary:
    """The summary of one patient. Decrypted are the lists that stand on it and the values that came in another unit."""
    person = banner_for(patient)
    found = of_types(patient.id, ("Condition", "Procedure", *MEDICINES, *FAMILY, *STANDING))
    held, checks = held_values(patient.id), to_check(patient.id)
    alone = [row for row in held if not is_held_with_its_record(row)]
    limits = limit_results(patient.id)
    lines = _result_lines(patient, person=person, limits=limits)
    shown_ids = {line.value_id for _key, line in lines}
    before = [Chosen(row, None) for row in held if row.pk not in shown_ids]
    by_key: dict[str, list[ResultLine]] = {}
    for key, line in lines:
        by_key.setdefault(key, []).append(line)
    signs = vital_signs(patient.id, asked=window, whose=person.whose)
    drawn = {series.key for row in signs.rows for series in row.series}
    vital_lines = [
        line for key in VITAL_SIGNS for line in by_key.pop(key, ()) if key not in drawn or _is_more_than_drawn(line)
    ]
    shown, more = _cut(sections(by_key))
    problems = with_findings(statements(_of(found, "Condition"), of=problem), patient_id=patient.id)
    medicines = with_findings(medicine_lines(_of(found, *MEDICINES)), patient_id=patient.id)
    procedures = with_findings(statements(_of(found, "Procedure"), of=procedure), patient_id=patient.id)
    return Summary(
        person=person,
        standing=standing(_of(found, *STANDING)),
        vital_signs=signs,
        vital_lines=tuple(vital_lines),
        sections=shown,
        held_before=tuple(lines_of(before, patient_id=patient.id, whose=person.whose)),
        more_results=more,
        days=_days(patient, done=[*problems, *procedures]),
        problems=_short([line for line in problems if not line.is_past]),
        past_problems=sum(line.is_past for line in problems),
        medicines=_short([line for line in medicines if not line.is_past]),
        past_medicines=sum(line.is_past for line in medicines),
        procedures=_short(procedures),
        family=_short(statements(_of(found, *FAMILY), of=relative)),
        not_understood=as_received(patient.id, size=5, without=[one.row for one in limits]),
        to_check=checks,
        held=len(alone) + len(checks),
    )


def to_check(patient_id: str) -> tuple[ToCheck, ...]:
    """The records of this chart that wait for a decision."""
    waiting = ResourceFinding.objects.filter(
        patient_id=patient_id, is_current=True, is_held=True, resource__is_deleted=False
    ).order_by("id")
    records = of_rows(patient_id, [one.resource_id for one in waiting])
    stored = stored_drugs(list(records.values()))
    return tuple(
        ToCheck(
            finding_id=one.pk,
            record=one_line(record, stored=stored),
            sentence=one.sentence,
            suggestion=texts_in_words(one.suggestion),
            can_be_withdrawn=record.type != "Patient",
        )
        for one in waiting
        if (record := records.get(one.resource_id)) is not None
    )


def has_finding(patient: Patient, finding_id: int) -> bool:
    """Is this finding on a record in this patient's chart?"""
    return ResourceFinding.objects.filter(pk=finding_id, patient_id=patient.id).exists()


def has_value(patient: Patient, value_id: int) -> bool:
    """Is this value in this patient's chart?"""
    return StandardValue.objects.filter(pk=value_id, patient_id=patient.id).exists()


def _result_lines(patient: Patient, *, person: Banner, limits: Sequence[LimitResult]) -> list[tuple[str, ResultLine]]:
    """The latest of each measurement; where that lies below or above what is measured, the number before it stands beside it."""
    chosen = latest_of_each(patient.id)
    numbers = lines_of(chosen, patient_id=patient.id, whose=person.whose)
    lines = {one.row.measurement: line for one, line in zip(chosen, numbers, strict=True)}
    for key, limit in latest_limits(limits).items():
        number = lines.get(key)
        if number is None or number.time is None:
            lines[key] = limit_line(limit, whose=person.whose)
        elif number.time < limit.time:
            before = "" if number.is_held else number.value
            lines[key] = limit_line(
                limit, whose=person.whose, previous=before, previous_time=number.time if before else None
            )
    return list(lines.items())


def _is_more_than_drawn(line: ResultLine) -> bool:
    return line.is_held or bool(line.earlier) or line.time is None or bool(line.confirmed_by)


def _cut(found: tuple[Section, ...]) -> tuple[tuple[Section, ...], int]:
    """The newest results of each heading, in the catalogue's order; what is held is always there."""
    shown, more = [], 0
    for section in found:
        newest = sorted(section.lines, key=lambda line: (line.is_held, line.time.timestamp() if line.time else 0.0))
        kept = {line.value_id for line in newest[-_RESULTS:]} | {line.value_id for line in newest if line.is_held}
        more += len(section.lines) - len(kept)
        lines = tuple(line for line in section.lines if line.value_id in kept)
        shown.append(Section(key=section.key, title=section.title, lines=lines))
    return tuple(shown), more


def _days(patient: Patient, *, done: Sequence[Statement]) -> tuple[Day, ...]:
    rows = measured_rows(patient.id).exclude(time=None).order_by("-time").values_list("time", "measurement")
    newest = list(rows[: _VISIT + 1])
    events = [(time, title_of(key)) for time, key in newest if time is not None]
    events += [(datetime.fromisoformat(line.sorted_by), line.title) for line in done if _is_timed_fact(line)]
    days = latest_visit(events)
    return () if len(newest) > _VISIT or len(days) < 2 else days


def _is_timed_fact(line: Statement) -> bool:
    """Was it done, or was it so, at a time of day? What is planned, suspected or was not done happened on no day."""
    return line.has_happened and "T" in line.sorted_by


def _short(lines: Sequence[Statement]) -> Short:
    return Short(lines[:_LINES], max(len(lines) - _LINES, 0), len(lines))


def _of(records: Sequence[Record], *types: str) -> list[Record]:
    return [record for record in records if record.type in types]
