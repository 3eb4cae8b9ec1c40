"""What the chart and its history show of one patient, ready for the templates."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from wardround.clinical.catalogue import ICD_10_CM, Coding, load_catalogue
from wardround.hospital.charts.person import Banner, banner_of
from wardround.hospital.charts.results import NotUnderstood, ResultLine, Section, result_line, sections, title_of
from wardround.hospital.charts.store import PatientStore, read_store
from wardround.hospital.charts.visit import Day, latest_visit
from wardround.hospital.records.access import Patient
from wardround.hospital.records.held_records import is_held_with_its_record
from wardround.hospital.records.models import Fact, ResourceFinding, StandardValue
from wardround.interchange.fhir.values import Observed
from wardround.web.layout.printed import printed_number, printed_unit, printed_value


@dataclass(frozen=True)
class Named:
    """A problem or a procedure."""

    title: str
    code: str  # "ICD-10-CM I25.10"; empty for a Wardround code
    time: datetime | None
    is_held: bool
    finding: str


@dataclass(frozen=True)
class ToCheck:
    """A record that waits for a decision: its dates, its state, its sex, or that it came twice."""

    finding_id: int
    type: str
    sentence: str
    suggestion: str  # "onsetDateTime 2019-03-14"; empty where nothing stands out
    can_be_withdrawn: bool  # a person cannot


@dataclass(frozen=True)
class Chart:
    """One patient's chart."""

    person: Banner
    sections: tuple[Section, ...]
    days: tuple[Day, ...]
    problems: tuple[Named, ...]
    procedures: tuple[Named, ...]
    not_understood: tuple[NotUnderstood, ...]
    to_check: tuple[ToCheck, ...]
    held: int
    latest: date | None


def chart(patient: Patient) -> Chart:
    """The chart of one patient."""
    store = read_store(patient)
    rows = [row for row in store.values if row.is_current and not row.resource.is_deleted]
    lines: dict[str, list[ResultLine]] = defaultdict(list)
    unknown: list[NotUnderstood] = []
    for row in rows:
        if row.fact != Fact.MEASUREMENT:
            continue
        if row.not_standard:
            unknown.append(_not_understood(row, store=store))
        else:
            line = result_line(row, received=_received(row, store=store), earlier=store.earlier_than(row))
            lines[row.measurement].append(line)
    problems = tuple(_named(row) for row in rows if row.fact == Fact.CONDITION)
    procedures = tuple(_named(row) for row in rows if row.fact == Fact.PROCEDURE)
    done = [(row.time, title_of(row.measurement)) for row in rows if row.measurement]
    done += [(named.time, named.title) for named in (*procedures, *problems)]
    days = latest_visit(done)
    to_check = tuple(_to_check(found) for found in store.findings if found.is_held)
    alone = [row for row in rows if row.is_held and not is_held_with_its_record(row)]
    return Chart(
        person=person(store, patient=patient),
        sections=sections(lines),
        days=days,
        problems=problems,
        procedures=procedures,
        not_understood=tuple(unknown),
        to_check=to_check,
        held=len(alone) + len(to_check),
        latest=days[-1].date if days else None,
    )


def person(store: PatientStore, *, patient: Patient) -> Banner:
    """Whose chart this is."""
    return banner_of(store.present[("Patient", patient.id)].body)


def has_finding(patient: Patient, finding_id: int) -> bool:
    """Is this finding on a record in this patient's chart?"""
    return ResourceFinding.objects.filter(pk=finding_id, patient_id=patient.id).exists()


def has_value(patient: Patient, value_id: int) -> bool:
    """Is this value in this patient's chart?"""
    return StandardValue.objects.filter(pk=value_id, patient_id=patient.id).exists()


def printed_observed(observed: Observed) -> str:
    """A value as received, with its unit as received."""
    value = observed.value
    if isinstance(value, tuple):
        return value[0].display or value[0].code
    if isinstance(value, bool | str):
        text = printed_value(value, measurement=None) if isinstance(value, bool) else value
    else:
        text = printed_number(float(value)) if observed.path.endswith("valueInteger") else str(value)
    return f"{text} {printed_unit(observed.unit)}".strip()


def _received(row: StandardValue, *, store: PatientStore) -> str:
    observed = store.version_of(row).observed.get(row.path)
    return printed_observed(observed) if observed else ""


def _not_understood(row: StandardValue, *, store: PatientStore) -> NotUnderstood:
    observed = store.version_of(row).observed.get(row.path)
    coding = observed.codings[0] if observed and observed.codings else None
    return NotUnderstood(
        title=title_of(row.measurement) or (coding.display or coding.code if coding else gettext("Not coded")),
        received=printed_observed(observed) if observed else "",
        reason=row.not_standard,
        time=row.time,
    )


def _to_check(found: ResourceFinding) -> ToCheck:
    return ToCheck(
        finding_id=found.pk,
        type=found.resource.type,
        sentence=found.sentence,
        suggestion=", ".join(f"{path.partition('.')[2]} {text}" for path, text in found.suggestion.items()),
        can_be_withdrawn=found.resource.type != "Patient",
    )


def _named(row: StandardValue) -> Named:
    concept = load_catalogue().concept(Coding(row.code_system, row.code))
    title = concept.title if concept else row.code
    return Named(
        title=gettext(title) if title else gettext("Not coded"),
        code=f"ICD-10-CM {row.code}" if row.code_system == ICD_10_CM else "",
        time=row.time,
        is_held=row.is_held,
        finding=row.finding_sentence or row.not_standard,
    )
