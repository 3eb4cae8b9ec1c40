"""The findings on records in their charts, made with each write, and made again when what they depend on changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from wardround.clinical.dates import life_findings
from wardround.clinical.events import record_findings
from wardround.clinical.findings import RecordFinding
from wardround.clinical.states import AHEAD_OF_ITS_RESULT
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.duplicates import repetitions, sameness
from wardround.hospital.records.held_records import hold_stored_values
from wardround.hospital.records.lives import Lives, changed_lives
from wardround.hospital.records.models import Decision, Resource, ResourceFinding, ResourceVersion, TokenIndex
from wardround.hospital.records.visits import Visits
from wardround.hospital.records.whose_chart import PATIENT
from wardround.interchange.fhir.chart_records import RULED, life_of, record_of
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.same_entries import entry_of
from wardround.web.many_rows import insert_objects

_SLICE = 500
_YOUNGEST = 2**62  # the key of a row that is not stored yet
_NOT_FINAL = frozenset({"registered", "preliminary"})
_FINAL = frozenset({"final", "amended", "corrected"})


@dataclass(frozen=True)
class Arrival:
    """One resource that was just written, or is judged again; `row` has its key and its version."""

    row: Resource
    body: Mapping[str, Any]
    is_new: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What is known, in one writing, of the patients and the visits to which its resources belong."""

    lives: Lives = field(default_factory=Lives)
    visits: Visits = field(default_factory=Visits)

    def look_up(self, arrivals: Sequence[Arrival]) -> None:
        """What these need to be judged; two queries at most."""
        for arrival in arrivals:
            if arrival.row.type == PATIENT:
                self.lives.know(arrival.body, row=arrival.row)
            elif arrival.row.type == "Encounter":
                self.visits.know(arrival.body, row=arrival.row)
        self.lives.look_up(arrival.row.patient_id for arrival in arrivals)
        self.visits.look_up(arrival.body for arrival in arrivals)


def judge_records(
    arrivals: Sequence[Arrival], *, around: Surroundings, now: datetime, removed: Sequence[int] = ()
) -> list[ResourceFinding]:
    """Store the findings on these resources and return them; what depended on them, or on `removed`, is judged again.

    A patient whose birth, death or sex changed has the whole chart judged again: as many resources as lie in it.
    """
    results = {a.row.logical_id: a for a in arrivals if a.row.type == "Observation"}
    found = _judge(arrivals, around=around, now=now, results=results)
    elsewhere = {finding.resource_id for finding in found} - {arrival.row.pk for arrival in arrivals}
    hold_stored_values(sorted(elsewhere), found=found)
    changed = [arrival.row.pk for arrival in arrivals if not arrival.is_new]
    if changed or removed:
        written = {arrival.row.pk for arrival in arrivals}
        for pks in _depending(arrivals, changed=changed, removed=removed):
            again = [arrival for arrival in _stored(pks) if arrival.row.pk not in written]
            judged = _judge(again, around=around, now=now, results=results)
            hold_stored_values([arrival.row.pk for arrival in again], found=judged)
    return found


@dataclass(frozen=True)
class ForeseenFinding:
    """What would be found on a record that is not stored yet. `other`: the row of the one that it repeats."""

    finding: RecordFinding
    other: int | None = None


def foresee_records(
    resources: Sequence[Mapping[str, Any]],
    *,
    patient_id: str,
    now: datetime,
    blind: BlindIndex,
    replaced: Mapping[int, Resource] | None = None,
) -> list[list[ForeseenFinding]]:
    """What `judge_records` would say of these records of one patient; nothing is stored, and nothing stored is changed.

    `replaced`: the rows of which some of them, by number, would be the next version.
    """
    around = Surroundings()
    around.lives.look_up([patient_id])
    around.visits.look_up(resources)
    foreseen: list[list[ForeseenFinding]] = []
    rows: list[tuple[Resource, Mapping[str, Any]]] = []
    for number, body in enumerate(resources):
        row = (replaced or {}).get(number) or Resource(type=body["resourceType"], logical_id="", patient_id=patient_id)
        row.sameness = sameness(entry_of(body), patient_id=patient_id, blind=blind)
        record = record_of(body)
        visit = around.visits.of(body)
        person = life_of(body) if row.type == PATIENT else around.lives.of(patient_id)
        span = visit.span if visit is not None else ()
        found = record_findings(record, person=person, now=now, visit=span) if record is not None else []
        if row.type == PATIENT:
            found = [*life_findings(person, now=now), *found]
        foreseen.append([ForeseenFinding(finding) for finding in found])
        rows.append((row, body))
    for number, (row, body) in enumerate(rows):
        # A new record is younger than all others, so it is the one that repeats.
        row.pk = row.pk or _YOUNGEST
        repeated = repetitions([(row, body)]).get(row.pk)
        if repeated is not None:
            foreseen[number].append(ForeseenFinding(repeated.finding, repeated.first))
    return foreseen


def _judge(
    arrivals: Sequence[Arrival], *, around: Surroundings, now: datetime, results: Mapping[str, Arrival]
) -> list[ResourceFinding]:
    """Replace the findings on these resources by those that hold now. `results`: what was just written, by id."""
    if not arrivals:
        return []
    around.look_up(arrivals)
    found: list[ResourceFinding] = []
    for arrival in arrivals:
        found += _of_one(arrival, around=around, now=now)
    found += _unfinished_results(arrivals, here=results)
    repeated = repetitions([(arrival.row, arrival.body) for arrival in arrivals])
    by_pk = {arrival.row.pk: arrival.row for arrival in arrivals}
    elsewhere = [pk for pk in repeated if pk not in by_pk]
    if elsewhere:
        known = ResourceFinding.objects.filter(resource__in=elsewhere, is_current=True, kind="duplicate_entry")
        elsewhere = sorted(set(elsewhere) - set(known.values_list("resource", flat=True)))
        by_pk |= {row.pk: row for row in Resource.objects.filter(pk__in=elsewhere)}
    found += [
        _row(repetition.finding, of=by_pk[pk], beside=repetition.first)
        for pk, repetition in repeated.items()
        if pk in by_pk
    ]
    _replace(found, of=[arrival for arrival in arrivals if not arrival.is_new])
    insert_objects(found)
    return found


def _of_one(arrival: Arrival, *, around: Surroundings, now: datetime) -> Iterator[ResourceFinding]:
    row = arrival.row
    record = record_of(arrival.body)
    if record is None:
        return
    person = around.lives.of(row.patient_id)
    visit = around.visits.of(arrival.body)
    findings = record_findings(record, person=person, now=now, visit=visit.span if visit is not None else ())
    if row.type == PATIENT:
        findings = [*life_findings(person, now=now), *findings]
    for finding in findings:
        beside = around.lives.row_of(row.patient_id) if finding.about_person else None
        if finding.kind == "date" and visit is not None:
            beside = visit.row
        yield _row(finding, of=row, beside=beside)


def _row(finding: RecordFinding, *, of: Resource, beside: int | None = None) -> ResourceFinding:
    return ResourceFinding(
        resource=of,
        version=of.version,
        patient_id=of.patient_id,
        path=finding.path,
        kind=finding.kind,
        sentence=finding.sentence[:500],
        is_held=finding.held,
        suggestion=dict(finding.suggestion),
        beside_id=beside,
    )


def _unfinished_results(arrivals: Sequence[Arrival], *, here: Mapping[str, Arrival]) -> Iterator[ResourceFinding]:
    """Final reports that name results which are not final."""
    reports = [a for a in arrivals if a.row.type == "DiagnosticReport" and a.body.get("status") in _FINAL]
    if not reports:
        return
    named = {arrival.row.pk: _results(arrival.body) for arrival in reports}
    unfinished = {
        logical_id: a.row.pk for logical_id, a in here.items() if a.body.get("status") in _NOT_FINAL
    } | _stored_unfinished({result for results in named.values() for result in results} - here.keys())
    for arrival in reports:
        first = next((result for result in named[arrival.row.pk] if result in unfinished), None)
        if first is not None:
            sentence = AHEAD_OF_ITS_RESULT.say(status=str(arrival.body["status"]), result=f"Observation/{first}")
            finding = RecordFinding("contradictory_status", "DiagnosticReport.status", sentence, held=False)
            yield _row(finding, of=arrival.row, beside=unfinished[first])


def _results(report: Mapping[str, Any]) -> list[str]:
    references = (result.get("reference", "") for result in report.get("result", ()))
    return [reference.split("/")[1] for reference in references if reference.startswith("Observation/")]


def _stored_unfinished(logical_ids: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    ids = sorted(logical_ids)
    for start in range(0, len(ids), _SLICE):
        rows = Resource.objects.filter(type="Observation", logical_id__in=ids[start : start + _SLICE], is_deleted=False)
        statuses = TokenIndex.objects.filter(resource__in=rows, parameter="status", code__in=_NOT_FINAL)
        found |= dict(statuses.values_list("resource__logical_id", "resource_id"))
    return found


def _replace(found: Sequence[ResourceFinding], *, of: Sequence[Arrival]) -> None:
    """Findings from before are of the past; one that somebody confirmed, and that says the same again, stays confirmed."""
    if not of:
        return
    before = ResourceFinding.objects.filter(resource__in=[arrival.row.pk for arrival in of], is_current=True)
    confirmed = {
        (old.resource_id, old.kind, old.path, old.sentence): old for old in before.filter(decision=Decision.CONFIRMED)
    }
    before.update(is_current=False)
    for finding in found if confirmed else ():
        old = confirmed.get((finding.resource_id, finding.kind, finding.path, finding.sentence))
        if old is not None:
            finding.is_held = False
            finding.decision, finding.decided_by = old.decision, old.decided_by
            finding.decided, finding.decision_reason = old.decided, old.decision_reason


def _depending(
    arrivals: Sequence[Arrival], *, changed: Sequence[int], removed: Sequence[int]
) -> Iterator[Sequence[int]]:
    """What is to be judged again, in slices: charts of patients who are others now, and findings beside what changed."""
    patients = {a.row.pk: (a.row, a.body) for a in arrivals if a.row.type == PATIENT and not a.is_new}
    others = [pk for pk in (*changed, *removed) if pk not in patients]
    for start in range(0, len(others), _SLICE):
        beside = ResourceFinding.objects.filter(beside__in=others[start : start + _SLICE], is_current=True)
        yield from _slices(beside.order_by("resource").values_list("resource", flat=True).distinct())
    for patient_id in changed_lives(patients) if patients else ():
        in_chart = Resource.objects.filter(patient_id=patient_id, is_deleted=False, type__in=RULED - {PATIENT})
        yield from _slices(in_chart.order_by("pk").values_list("pk", flat=True))


def _slices(pks: "QuerySet[Any, int]") -> Iterator[Sequence[int]]:
    every = list(pks)
    for start in range(0, len(every), _SLICE):
        yield every[start : start + _SLICE]


def _stored(pks: Iterable[int]) -> list[Arrival]:
    """The present versions of these resources."""
    versions = list(
        ResourceVersion.objects.filter(
            resource__in=list(pks), resource__is_deleted=False, number=F("resource__version")
        ).select_related("resource__data_key")
    )
    texts = open_bodies(versions)
    versions.sort(key=lambda version: version.resource_id)
    return [Arrival(version.resource, loads(texts[version.resource_id])) for version in versions]
