"""Standard values with the findings on them, each judged in its patient's chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wardround.clinical.codes import CodeMap
from wardround.clinical.neighbours import OTHER_PRESSURE
from wardround.clinical.plausibility import Finding, ValueContext, check
from wardround.clinical.siblings import partners_of
from wardround.clinical.standardise import Standard
from wardround.hospital.records.chart_context import Charts
from wardround.hospital.records.examination import Examined
from wardround.hospital.records.held_records import Holding, hold
from wardround.hospital.records.models import Decision, Fact, Resource, StandardValue
from wardround.hospital.records.standard_facts import Stated, stated_by


@dataclass
class Judged:
    """One standard value, ready to be stored."""

    row: StandardValue
    not_standard_kind: str

    @property
    def is_standard(self) -> bool:
        return self.row.fact == Fact.MEASUREMENT and not self.row.not_standard


def judge(
    arrivals: Sequence[tuple[Examined, Resource]], *, code_map: CodeMap, replaced: Sequence[int], held: Holding
) -> list[list[Judged]]:
    """The standard values of each resource, in the order given; likely slips are held, and what a held record states."""
    stated = [_stated(examined, row=row, code_map=code_map) for examined, row in arrivals]
    everything = [s for of_resource in stated for s in of_resource]
    charts = _charts(everything, replaced=replaced)
    confirmed = _confirmed(replaced)
    for s in _in_time_order(everything):
        findings = check(s.standard, context=charts.around(s.row)) if s.standard is not None else ()
        _note(s.row, findings=findings)
        _keep_confirmation(s.row, confirmed=confirmed)
        hold(s.row, by=held.get(s.row.resource.pk, ()))
        charts.settle(s.row)
    _hold_stored_partners([s.row for s in everything], charts=charts, code_map=code_map, replaced=replaced)
    return [[Judged(row=s.row, not_standard_kind=s.not_standard_kind) for s in of_resource] for of_resource in stated]


@dataclass(frozen=True)
class Foreseen:
    """One value of a resource that is not stored yet, as `judge` would see it."""

    row: StandardValue  # never saved
    standard: Standard | None
    context: ValueContext
    finding: Finding | None  # the weightiest


def foresee(
    resources: Sequence[Mapping[str, Any]], *, patient_id: str, code_map: CodeMap, replaced: Sequence[int] = ()
) -> list[list[Foreseen]]:
    """What `judge` would say of these new resources of one patient; nothing is stored, and nothing stored is changed.

    `replaced`: the rows of which they would be the next versions.
    """
    stated = [stated_by(dict(resource), code_map=code_map) for resource in resources]
    everything = [s for of_resource in stated for s in of_resource]
    for s in everything:
        s.row.patient_id = patient_id
    charts = _charts(everything, replaced=replaced)
    foreseen: dict[int, Foreseen] = {}
    for s in _in_time_order(everything):
        context = charts.around(s.row)
        findings = check(s.standard, context=context) if s.standard is not None else ()
        _note(s.row, findings=findings)
        charts.settle(s.row)
        foreseen[id(s)] = Foreseen(s.row, s.standard, context, _weightiest(findings))
    alone = ValueContext()
    return [[foreseen.get(id(s), Foreseen(s.row, s.standard, alone, None)) for s in of_one] for of_one in stated]


def _in_time_order(stated: Sequence[Stated]) -> list[Stated]:
    return sorted(
        (s for s in stated if not s.row.not_standard),
        key=lambda s: s.row.time.timestamp() if s.row.time else float("-inf"),
    )


def _stated(examined: Examined, *, row: Resource, code_map: CodeMap) -> list[Stated]:
    # A retired record states nothing: one person is one patient to learning.
    stated = [] if examined.survivor else stated_by(examined.resource, code_map=code_map)
    for s in stated:
        s.row.resource = row
        s.row.patient_id = examined.patient_id
        s.row.not_standard_kind = s.not_standard_kind
    return stated


def _charts(stated: Sequence[Stated], *, replaced: Sequence[int]) -> Charts:
    charts = Charts()
    measured = {s.row.measurement for s in stated if s.standard is not None}
    charts.read(
        {s.row.patient_id for s in stated if s.row.patient_id},
        measurements=measured | {partner for key in measured for partner in partners_of(key)},
        times={s.row.time for s in stated if s.standard is not None and s.row.time is not None},
        without=replaced,
    )
    for s in stated:
        charts.add(s.row)
    return charts


def _note(row: StandardValue, *, findings: Sequence[Finding]) -> None:
    first = _weightiest(findings)
    if first is None:
        return
    row.finding = first.kind
    row.finding_sentence = first.sentence[:500]
    row.is_held = first.held
    row.suggestion = first.suggestion
    row.suggestion_unit = first.suggestion_unit or ""


def _weightiest(findings: Sequence[Finding]) -> Finding | None:
    """One that holds the value before one that only remarks on it."""
    return max(findings, key=lambda finding: finding.held, default=None)


def _hold_stored_partners(
    rows: Sequence[StandardValue], *, charts: Charts, code_map: CodeMap, replaced: Sequence[int]
) -> None:
    """Two swapped pressures that arrive one after the other are both held: the earlier one is judged again."""
    for row in rows:
        if row.finding != "swapped_pressures":
            continue
        stored = StandardValue.objects.filter(
            patient_id=row.patient_id, time=row.time, measurement=OTHER_PRESSURE[row.measurement], is_current=True
        ).exclude(resource__in=replaced)
        for partner in stored.filter(is_held=False, decision=Decision.NONE, value_number__isnull=False):
            measurement = code_map.catalogue.by_key(partner.measurement)
            standard = Standard(measurement, float(partner.value_number or 0), partner.unit, partner.rule)
            _note(partner, findings=check(standard, context=charts.around(partner)))
            partner.save(update_fields=["finding", "finding_sentence", "is_held", "suggestion", "suggestion_unit"])


def _confirmed(replaced: Sequence[int]) -> dict[tuple[int, str], StandardValue]:
    if not replaced:
        return {}
    rows = StandardValue.objects.filter(resource__in=replaced, is_current=True, decision=Decision.CONFIRMED)
    return {(row.resource_id, row.path): row for row in rows}


def _keep_confirmation(row: StandardValue, *, confirmed: dict[tuple[int, str], StandardValue]) -> None:
    """A value that somebody confirmed is not held again because another element of its resource changed."""
    before = confirmed.get((row.resource_id, row.path)) if row.resource_id else None
    if before is None or (before.value_number, before.unit, before.time) != (row.value_number, row.unit, row.time):
        return
    row.is_held = False
    row.decision, row.decided_by = before.decision, before.decided_by
    row.decided, row.decision_reason = before.decided, before.decision_reason
